"""Every environment has a limit, and somebody who hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policies.guardrails.resource import Estate, Resource
from policies.guardrails.rule import Rule, Severity

_WORKSPACE: Final = "modelyard:workspace:Workspace"
_BUDGET: Final = "aws:budgets/budget:Budget"
_LISTENERS: Final = ("subscriberSnsTopicArns", "subscriberEmailAddresses")


def check(resource: Resource, estate: Estate) -> Iterator[str]:
    """A workspace has the budget of its name; a budget has a limit and listeners."""
    if resource.type == _WORKSPACE:
        if resource.name not in {each.value("name") for each in estate.of(_BUDGET)}:
            yield "the environment has no budget"
        return
    if not float(resource.value("limitAmount") or 0) > 0:
        yield "the budget has no limit"
    notices = list(resource.each("notifications"))
    if not any(notice.refers(name) for notice in notices for name in _LISTENERS):
        yield "nobody hears when the budget is spent"


RULE = Rule(
    id="budget-present",
    control="Every environment has a monthly budget, and somebody hears when it is spent.",
    severity=Severity.MEDIUM,
    owner="platform",
    rationale="A forgotten endpoint is found by the budget's mail or by the invoice.",
    remedy="Set monthly_budget of the environment in project.yaml.",
    references=("ISO/IEC 42001 A.4",),
    effective=date(2026, 11, 21),
    types=frozenset({_WORKSPACE, _BUDGET}),
    check=check,
    across=frozenset({_WORKSPACE}),
)
