"""What the stacks of other projects tell, of which a project borrows data sets."""

from __future__ import annotations

import json
from typing import Any

from modelyard.project import DataSet, Project
from sandbox.provider.realiser import StackOutputs

_PROGRAM = "modelyard"
# An account and a key of nobody: on paper the owner agrees to whatever project.yaml states.
_ACCOUNT = "000000000000"


def stacks(project: Project) -> tuple[tuple[str, str], ...]:
    """The owners' stacks, by program and name."""
    owners = sorted({one.origin.project for one in project.data if one.origin is not None})
    return tuple((_PROGRAM, f"{owner}.dev") for owner in owners)


def on_paper(project: Project) -> dict[tuple[str, str], StackOutputs]:
    """Exports that admit the project, for a drawing that has no owner to ask."""
    offered: dict[str, dict[str, Any]] = {}
    for dataset in project.data:
        if dataset.origin is not None:
            terms = _terms(project, dataset, dataset.origin.project, dataset.origin.name)
            offered.setdefault(dataset.origin.project, {})[dataset.origin.name] = terms
    return {
        (_PROGRAM, f"{owner}.dev"): StackOutputs({"offered": json.dumps(terms, sort_keys=True)})
        for owner, terms in offered.items()
    }


def _terms(project: Project, dataset: DataSet, owner: str, name: str) -> dict[str, Any]:
    here = project.environments["dev"]
    return {
        "project": owner,
        "name": name,
        "bucket": f"{owner}-dev-raw-{_ACCOUNT}",
        "account": _ACCOUNT,
        "region": here.region,
        "key_arn": f"arn:aws:kms:{here.region}:{_ACCOUNT}:key/00000000-0000-4000-8000-000000000000",
        "owner": owner,
        "classification": dataset.classification,
        "legal_basis": dataset.legal_basis,
        "retention_days": dataset.retention_days,
        "retained_from": dataset.retained_from or "",
        "pseudonymise": sorted(dataset.pseudonymise),
        "shared_with": [{"project": project.name, "account": here.account}],
    }
