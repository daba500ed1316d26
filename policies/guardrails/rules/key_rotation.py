"""Keys are renewed, and do not vanish overnight."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policies.guardrails.resource import Estate, Resource
from policies.guardrails.rule import Rule, Severity

_DAYS: Final = 30


def check(resource: Resource, _: Estate) -> Iterator[str]:
    """KMS rotates yearly, and waits a month before it deletes."""
    if resource.value("enableKeyRotation") is not True:
        yield "the key is never rotated"
    if (resource.value("deletionWindowInDays") or _DAYS) < _DAYS:
        yield f"the key could be gone in less than {_DAYS} days"


RULE = Rule(
    id="key-rotation",
    control="Keys rotate every year, and their deletion takes a month.",
    severity=Severity.MEDIUM,
    owner="platform-security",
    rationale="A key that is never renewed protects ever more with one secret; a deleted one "
    "takes all data with it.",
    remedy="Set enableKeyRotation, and a deletion window of 30 days.",
    references=(
        "Security Hub KMS.3",
        "Security Hub KMS.4",
        "EU AI Act Art. 15",
        "ISO/IEC 42001 A.7",
    ),
    effective=date(2026, 11, 21),
    types=frozenset({"aws:kms/key:Key"}),
    check=check,
)
