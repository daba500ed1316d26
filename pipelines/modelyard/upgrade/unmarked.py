"""Repos generated before they said where they came from (0.1.0): their answers, read back.

project.yaml as it was first committed states every answer; requirements.txt states the commit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelyard import strict_yaml
from modelyard.provenance import Provenance, ProvenanceError
from modelyard.upgrade.git import git, tried
from modelyard.upgrade.rendering import stated_requirement

_PINNED = re.compile(r"modelyard\s*@\s*git\+(.+)@([0-9a-f]{7,40})#")
# What only the bundled example's project.yaml said.
_EXAMPLE = "Share of applications decided on the day they arrive"


def recalled(repo: Path) -> Provenance:
    """What `.cruft.json` would say; ProvenanceError where too little is stated."""
    line = stated_requirement(repo)
    pinned = _PINNED.match(line or "")
    if pinned is None:
        raise ProvenanceError(
            f"{repo / 'requirements.txt'}: has no line `modelyard @ git+ADDRESS@COMMIT#...`, and "
            "there is no .cruft.json: restore one of them, it says which platform this repo follows"
        )
    try:
        stated = strict_yaml.parse(first(repo, "project.yaml"))
        answers = _answers(stated)
    except (KeyError, IndexError, TypeError, strict_yaml.YamlError) as error:
        raise ProvenanceError(
            f"{repo / 'project.yaml'}: as first committed, it does not state {error}: restore it, "
            "the answers that this repo was generated with are read from it"
        ) from None
    answers["ci"] = "gitlab" if (repo / ".gitlab-ci.yml").exists() else "github"
    return Provenance(template=pinned[1], commit=pinned[2], version="", answers=answers)


def first(repo: Path, name: str) -> str:
    """A file as it was first committed, or as it is now where the history does not tell."""
    added = tried(repo, "log", "--diff-filter=A", "--format=%H", "--", name).stdout.split()
    return git(repo, "show", f"{added[-1] if added else 'HEAD'}:./{name}")


def _answers(stated: Mapping[str, Any]) -> dict[str, Any]:
    team, home, data = stated["team"], stated["environments"]["dev"], stated["data"][0]
    example = stated["business"]["kpi"] == _EXAMPLE
    return {
        "project_name": stated["title"],
        "project_slug": stated["name"],
        "dataset": "mortgage" if example else data["source"],
        "target": stated["model"]["target"],
        "problem": stated["model"]["problem"],
        "row_key": data.get("row_key") or "",
        "protected": ",".join(stated["model"]["protected"]),
        "objective": stated["business"]["objective"],
        "risk_tier": stated["risk"]["tier"],
        "legal_basis": data["legal_basis"],
        "owner": stated["owner"],
        "data_scientist": team["data-scientist"][0],
        "model_approver": team["model-approver"][0],
        "model_operator": team["model-operator"][0],
        "data_steward": team["data-steward"][0],
        "auditor": team["auditor"][0],
        "alert_email": stated["monitoring"]["alerts"]["warning"][0],
        "aws_account": str(home["account"]),
        "aws_region": home["region"],
    }
