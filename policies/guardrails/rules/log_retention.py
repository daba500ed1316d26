"""Logs are there when somebody asks a year later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policies.guardrails.resource import Estate, Resource
from policies.guardrails.rule import Rule, Severity

_DAYS: Final = 365


def check(resource: Resource, _: Estate) -> Iterator[str]:
    """A stated number of days; 0 and silence mean for ever, which no privacy notice covers."""
    days = resource.value("retentionInDays")
    if not days:
        yield "its retention is not stated, so that logs are kept for ever"
    elif days < _DAYS:
        yield f"logs are kept for {days} days only"


RULE = Rule(
    id="log-retention",
    control="Logs are kept for a stated time of at least 365 days.",
    severity=Severity.MEDIUM,
    owner="platform",
    rationale="The EU AI Act asks for six months of logs; auditors for a year.",
    remedy="Set retentionInDays to 365 or more.",
    references=(
        "Security Hub CloudWatch.16",
        "EU AI Act Art. 19",
        "EU AI Act Art. 26",
        "ISO/IEC 42001 A.6",
    ),
    effective=date(2026, 11, 21),
    types=frozenset({"aws:cloudwatch/logGroup:LogGroup"}),
    check=check,
)
