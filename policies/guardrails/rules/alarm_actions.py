"""An alarm tells somebody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.guardrails.resource import Estate, Resource
from policies.guardrails.rule import Rule, Severity


def check(resource: Resource, _: Estate) -> Iterator[str]:
    """Actions are named and switched on."""
    if not resource.refers("alarmActions"):
        yield "nobody hears of the alarm"
    elif resource.value("actionsEnabled") is False:
        yield "the alarm's actions are switched off"


RULE = Rule(
    id="alarm-actions",
    control="Every alarm has an action, and it is switched on.",
    severity=Severity.MEDIUM,
    owner="platform",
    rationale="An alarm that nobody hears is a cost without a use.",
    remedy="Name the alert topic in alarmActions.",
    references=(
        "Security Hub CloudWatch.15",
        "Security Hub CloudWatch.17",
        "EU AI Act Art. 72",
        "NIST AI RMF MANAGE 4.1",
    ),
    effective=date(2026, 11, 21),
    types=frozenset(
        {
            "aws:cloudwatch/compositeAlarm:CompositeAlarm",
            "aws:cloudwatch/metricAlarm:MetricAlarm",
        }
    ),
    check=check,
)
