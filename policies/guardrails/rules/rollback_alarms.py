"""A bad release takes itself back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.guardrails.resource import Estate, Resource
from policies.guardrails.rule import Rule, Severity


def check(resource: Resource, _: Estate) -> Iterator[str]:
    """The endpoint names alarms that undo an update."""
    alarms = resource.value("deploymentConfig", "autoRollbackConfiguration", "alarms")
    if resource.in_production and not alarms:
        yield "no alarm rolls a bad update back"


RULE = Rule(
    id="rollback-alarms",
    control="Endpoints in production roll back by themselves when their alarms fire.",
    severity=Severity.HIGH,
    owner="platform",
    rationale="At night nobody watches a canary; an alarm that undoes the release does.",
    remedy="Name alarms in deploymentConfig.autoRollbackConfiguration.",
    references=("EU AI Act Art. 14", "EU AI Act Art. 15", "NIST AI RMF MANAGE 2.4"),
    effective=date(2026, 11, 21),
    types=frozenset({"aws:sagemaker/endpoint:Endpoint"}),
    check=check,
)
