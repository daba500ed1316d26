"""No event is lost in silence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policies.guardrails.resource import Estate, Resource
from policies.guardrails.rule import Rule, Severity

_FUNCTION: Final = "aws:lambda/function:Function"
_RETRIES: Final = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
_TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"
_SCHEDULE: Final = "aws:scheduler/schedule:Schedule"


def check(resource: Resource, estate: Estate) -> Iterator[str]:
    """Functions and whatever events start: what fails lands where somebody can find it."""
    if resource.type == _FUNCTION:
        if not resource.refers("deadLetterConfig", "targetArn") and not estate.about(
            resource, _RETRIES, "functionName", "name"
        ):
            yield "events on which the function fails are lost"
    elif resource.type == _RETRIES:
        if not resource.refers("destinationConfig", "onFailure", "destination"):
            yield "events on which the function fails are lost"
    else:
        within = ("target",) if resource.type == _SCHEDULE else ()
        if not resource.refers(*within, "deadLetterConfig", "arn"):
            yield "events that cannot be delivered are lost"


RULE = Rule(
    id="dead-letters",
    control="Events and calls that fail are kept in a dead-letter queue.",
    severity=Severity.HIGH,
    owner="platform",
    rationale="A lost approval leaves a model out of production and nobody knows; a lost start "
    "leaves a run without a starter.",
    remedy="Name a queue in deadLetterConfig, or as the function's destination on failure.",
    references=("EU AI Act Art. 12", "EU AI Act Art. 72", "NIST AI RMF MANAGE 4.3"),
    effective=date(2026, 11, 21),
    types=frozenset({_FUNCTION, _RETRIES, _TARGET, _SCHEDULE}),
    check=check,
    across=frozenset({_FUNCTION}),
)
