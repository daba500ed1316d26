"""What PutMetricData refuses of a datum (Amazon CloudWatch API Reference)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterCombination, InvalidParameterValue

MOST_METRICS, MOST_VALUES, MOST_DIMENSIONS = 1000, 150, 30
LARGEST = 2.0**360
OLDEST, NEWEST = timedelta(days=14), timedelta(hours=2)


def refuse_datum(datum: Mapping[str, Any], where: str, now: datetime) -> None:
    """Refuse a datum of PutMetricData that AWS refuses; `where` is its place in the request."""
    given = [name for name in ("Value", "Values", "StatisticValues") if datum.get(name) is not None]
    if len(given) > 1:
        raise InvalidParameterCombination(
            f"The parameters {where}.{given[0]} and {where}.{given[1]} are mutually exclusive and "
            "you have specified both."
        )
    if not given:
        raise InvalidParameterValue(
            f"The parameter {where}.Value is required: state Value, Values or StatisticValues."
        )
    values, counts = datum.get("Values") or [], datum.get("Counts")
    if counts and len(counts) != len(values):
        raise InvalidParameterValue(
            f"The parameters {where}.Values and {where}.Counts must be of the same size."
        )
    if len(values) > MOST_VALUES:
        raise InvalidParameterValue(
            f"The collection {where}.Values must not have a size greater than {MOST_VALUES}."
        )
    numbers = [datum.get("Value"), *values, *(datum.get("StatisticValues") or {}).values()]
    for number in numbers:
        if number is not None and not (math.isfinite(number) and abs(number) <= LARGEST):
            raise InvalidParameterValue(
                f"The value {number} for parameter {where}.{given[0]} is invalid."
            )
    if stated := datum.get("StatisticValues"):
        if missing := {"SampleCount", "Sum", "Minimum", "Maximum"} - set(stated):
            raise InvalidParameterValue(
                f"The parameter {where}.StatisticValues.{sorted(missing)[0]} is required."
            )
        if stated["Minimum"] > stated["Maximum"]:
            raise InvalidParameterValue(f"{where}: Minimum is greater than Maximum.")
    dimensions = datum.get("Dimensions") or ()
    if len(dimensions) > MOST_DIMENSIONS:
        raise InvalidParameterValue(
            f"The collection {where}.Dimensions must not have a size greater than "
            f"{MOST_DIMENSIONS}."
        )
    for dimension in dimensions:
        if not str(dimension.get("Value") or "").strip():
            raise InvalidParameterValue(f"A dimension of {where} has no value.")
    if datum.get("Timestamp"):
        when = aware(datum["Timestamp"])
        if not now - OLDEST <= when <= now + NEWEST:
            raise InvalidParameterValue(
                f"The parameter {where}.Timestamp must specify a time within the past two weeks "
                "and no more than two hours in the future."
            )


def aware(when: datetime) -> datetime:
    """botocore's parser leaves out that it means UTC."""
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when
