"""No role is above the boundary."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policies.guardrails.resource import Estate, Resource
from policies.guardrails.rule import Rule, Severity

BOUNDARY: Final = ":policy/modelyard-boundary"


def check(resource: Resource, _: Estate) -> Iterator[str]:
    """Every role carries the account's boundary; another policy in its place is none."""
    named = resource.text("permissionsBoundary")
    if not resource.refers("permissionsBoundary"):
        yield "the role has no permission boundary"
    elif named and not named.endswith(BOUNDARY):
        yield "the role's boundary is not the account's"


RULE = Rule(
    id="permission-boundary",
    control="Every role carries the account's permission boundary.",
    severity=Severity.CRITICAL,
    owner="platform-security",
    rationale="A mistake in one persona's document must not be able to approve, delete evidence "
    "or make roles.",
    remedy="Set permissions_boundary to the account program's boundary_arn.",
    references=(
        "Security Hub IAM.1",
        "EU AI Act Art. 14",
        "ISO/IEC 42001 A.3",
        "SR 26-2 governance",
    ),
    effective=date(2026, 11, 21),
    types=frozenset({"aws:iam/role:Role"}),
    check=check,
)
