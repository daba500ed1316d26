"""The result of a verification: one check each, and whether the release may go on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        passed: None where the serving mode leaves nothing to look at; the sentence says why.
    """

    name: str
    passed: bool | None
    sentence: str
    figures: Mapping[str, float] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        return asdict(self)


def verdict(checks: list[Check]) -> tuple[bool, str]:
    """Whether all that applies has passed, and why not, or what has."""
    failed = [check for check in checks if check.passed is False]
    told = failed or checks
    return not failed, "; ".join(f"{check.name}: {check.sentence}" for check in told)
