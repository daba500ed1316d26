"""What a model card is made of, gathered by a function or out of a dossier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from modelyard.functions.job_contract import EVALUATE, TRAIN

if TYPE_CHECKING:
    from modelyard.evidence import Dossier
    from modelyard.project import Project

_STATED = frozenset(
    {"name", "title", "owner", "cost_center", "business", "risk", "data", "model", "training"}
)


@dataclass(frozen=True)
class Facts:
    """A package, its evidence, and what its project states.

    Attributes:
        statement: project.yaml as plain data, as far as a card tells of it.
        status: the first gate, to staging; `production`: the second, empty while undecided.
        training: arn, evaluation_arn, image, model_uri and hyperparameters of the jobs.
        approvals: uri, sha256, stage, decision, decided_as and time of each decision.
    """

    statement: Mapping[str, Any]
    arn: str
    version: int
    status: str
    production: str
    metadata: Mapping[str, str]
    evaluation: Mapping[str, Any]
    manifest: Mapping[str, Any]
    dataset_versions: Mapping[str, Any]
    training: Mapping[str, Any] = field(default_factory=dict)
    approvals: Sequence[Mapping[str, str]] = ()


def statement(project: Project) -> dict[str, Any]:
    """What a card tells of project.yaml, as plain data."""
    return project.model_dump(mode="json", include=set(_STATED))


def of_dossier(dossier: Dossier) -> Facts:
    """The facts that a dossier holds; what it lacks stays empty, and is among its gaps."""
    package = dossier.package
    return Facts(
        statement=statement(dossier.project),
        arn=package.arn,
        version=package.version,
        status=package.status,
        production=package.production,
        metadata=package.metadata,
        evaluation=dossier.evaluation.content if dossier.evaluation else {},
        manifest=dossier.manifest.content if dossier.manifest else {},
        dataset_versions=dossier.dataset_versions.content if dossier.dataset_versions else {},
        training=_training(dossier),
        approvals=[
            approval(one.uri, one.sha256, one.content)
            for one in dossier.approvals
            if one.content.get("model_package_arn") == package.arn
        ],
    )


def approval(uri: str, sha256: str, record: Mapping[str, Any]) -> dict[str, str]:
    """What a card says of one approval record."""
    told = {key: str(record.get(key, "")) for key in ("stage", "decision", "decided_as", "time")}
    return {"uri": uri, "sha256": sha256, **told}


def _training(dossier: Dossier) -> Mapping[str, Any]:
    """The jobs as the card's record keeps them; before there is one, as the run lists them."""
    if dossier.card and isinstance(dossier.card.content.get("training"), Mapping):
        return dict(dossier.card.content["training"])
    steps = (dossier.execution or {}).get("steps", ())
    jobs = {step["name"]: step.get("job", "") for step in steps}
    return {
        "arn": jobs.get(TRAIN, ""),
        "evaluation_arn": jobs.get(EVALUATE, ""),
        "hyperparameters": dict(dossier.project.training.hyperparameters),
    }
