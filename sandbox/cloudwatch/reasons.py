"""Why an alarm is in its state, in the words and the JSON that CloudWatch uses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sandbox.cloudwatch.judgement import COMPARISONS, Criterion, State

if TYPE_CHECKING:
    from sandbox.metric_queries import Stat


def reason(
    criterion: Criterion,
    state: State,
    starts: Sequence[float],
    values: Sequence[float | None],
) -> str:
    """The sentence of StateReason."""
    real = [
        (start, value) for start, value in zip(starts, values, strict=True) if value is not None
    ]
    evaluated = real[: criterion.evaluation_periods]
    if state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {len(values)} datapoints were unknown."
    if not evaluated:
        treated = criterion.missing[:1].upper() + criterion.missing[1:]
        count = criterion.evaluation_periods
        periods = f"{count} period{'s' if count > 1 else ''}"
        return (
            f"Threshold Crossed: no datapoints were received for {periods} and {count} missing "
            f"datapoint{'s were' if count > 1 else ' was'} treated as [{treated}]."
        )
    shown = ", ".join(f"{value} ({_short(start)})" for start, value in evaluated)
    is_alarm = state == "ALARM"
    counted = [value for _, value in evaluated if criterion.breaching(value) == is_alarm]
    verb = "was" if len(counted) == 1 else "were"
    needed = criterion.datapoints_to_alarm
    ok_needed = criterion.evaluation_periods - needed + 1
    transition = f"{needed} datapoint{'s' if needed > 1 else ''} for OK -> ALARM"
    if not is_alarm:
        transition = f"{ok_needed} datapoint{'s' if ok_needed > 1 else ''} for ALARM -> OK"
    return (
        f"Threshold Crossed: {len(counted)} out of the last {len(evaluated)} datapoints [{shown}] "
        f"{verb} {'' if is_alarm else 'not '}{COMPARISONS[criterion.comparison][1]} the threshold "
        f"({criterion.threshold}) (minimum {transition} transition)."
    )


def reason_data(
    criterion: Criterion,
    starts: Sequence[float],
    values: Sequence[float | None],
    period: int,
    stat: Stat | None,
    now: float,
) -> str:
    """The JSON of StateReasonData."""
    real = [
        (start, value) for start, value in zip(starts, values, strict=True) if value is not None
    ]
    document = {
        "version": "1.0",
        "queryDate": _long(now),
        **({"startDate": _long(real[-1][0])} if real else {}),
        **({"statistic": stat.statistic} if stat else {}),
        "period": period,
        "recentDatapoints": [value for _, value in reversed(real)],
        "threshold": criterion.threshold,
        "evaluatedDatapoints": [
            {"timestamp": _long(start), **({} if value is None else {"value": value})}
            for start, value in zip(starts, values, strict=True)
        ],
    }
    return json.dumps(document)


def _short(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%d/%m/%y %H:%M:%S}"


def _long(moment: float) -> str:
    when = datetime.fromtimestamp(moment, UTC)
    return f"{when:%Y-%m-%dT%H:%M:%S}.{when.microsecond // 1000:03d}+0000"
