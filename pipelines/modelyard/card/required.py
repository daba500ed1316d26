"""What project.yaml must state for a model card to be complete, by risk tier: the one table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelyard.errors import CardError

_HIGH = ("high",)
_EVERY = ("minimal", "limited", "high")


@dataclass(frozen=True)
class Requirement:
    """One key of project.yaml, what to write there, and the tiers that demand it."""

    key: str
    state: str
    tiers: tuple[str, ...] = _HIGH


REQUIRED = (
    Requirement("business.objective", "what the model is for", _EVERY),
    Requirement("business.owner", "who answers for the model", _EVERY),
    Requirement("business.expert", "who knows the subject", _EVERY),
    Requirement("risk.intended_uses", "the uses and users the model is meant for"),
    Requirement("risk.out_of_scope", "the uses it is not meant for"),
    Requirement("risk.limitations", "where it is less accurate, and what it cannot know"),
    Requirement("risk.human_review", "who reviews a decision, and how a person asks for it"),
    Requirement("risk.hazards", "what can go wrong, with mitigation and residual risk"),
    Requirement("risk.documents.data_protection", "the data protection impact assessment"),
    Requirement("risk.documents.fundamental_rights", "the fundamental rights impact assessment"),
    Requirement("risk.review_date", "the day on which the risks are looked at again"),
    Requirement("data[0].owner", "who owns the training data"),
)


def missing(statement: Mapping[str, Any]) -> tuple[str, ...]:
    """One line per key that this project's tier demands and that it does not state."""
    return tuple(
        f"project.yaml: {one.key}: is missing; a {_tier(statement)}-risk model needs it: "
        f"state {one.state}"
        for one in absent(statement)
    )


def require_complete(gaps: Sequence[str]) -> None:
    """CardError names what the reviewed project.yaml lacks before a model may serve in production.

    `gaps` are those of the workspace contract: an approver's own copy of the file decides nothing.
    """
    if gaps:
        told = "not approved for production: state it, have it reviewed, and apply the workspace"
        raise CardError("\n".join([*gaps, told]))


def absent(statement: Mapping[str, Any]) -> Iterator[Requirement]:
    """The requirements of the project's tier that it does not meet."""
    for requirement in REQUIRED:
        if _tier(statement) in requirement.tiers and not stated(statement, requirement.key):
            yield requirement


def stated(statement: Mapping[str, Any], key: str) -> Any:
    """What a statement says under a dotted key; None where it says nothing."""
    found: Any = statement
    for name in key.replace("[", ".").replace("]", "").split("."):
        if isinstance(found, Mapping):
            found = found.get(name)
        elif isinstance(found, list | tuple) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found


def _tier(statement: Mapping[str, Any]) -> str:
    return str(stated(statement, "risk.tier"))
