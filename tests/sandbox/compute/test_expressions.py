"""The values and conditions of a pipeline definition mean what SageMaker documents."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.compute.expressions import holds, resolve, walk
from sandbox.compute.failures import RunError

KNOWN = {"Parameters.A": "x", "Parameters.N": 3, "Parameters.B": True}
FILE = {"metrics": {"roc auc": {"value": 0.75}}, "rows": [1, 2]}


def resolved(value: Any) -> Any:
    return resolve(value, KNOWN.__getitem__, lambda argument: FILE)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Get": "Parameters.A"}, "x"),
        ({"Std:Join": {"On": "/", "Values": ["s3:/", {"Get": "Parameters.A"}, 1]}}, "s3://x/1"),
        ({"Std:Join": {"On": "", "Values": [{"Get": "Parameters.B"}]}}, "true"),
        ([{"a": {"Get": "Parameters.N"}}], [{"a": 3}]),
        ({"Std:JsonGet": {"PropertyFile": {}, "Path": "metrics['roc auc'].value"}}, 0.75),
        ({"Std:JsonGet": {"PropertyFile": {}, "Path": "rows[1]"}}, 2),
        ({"Get": "Parameters.A", "More": 1}, {"Get": "Parameters.A", "More": 1}),
    ],
)
def test_intrinsics_are_replaced(value: Any, expected: Any) -> None:
    assert resolved(value) == expected


def test_list_is_indexed_by_the_name_of_an_entry() -> None:
    value = {"Outputs": [{"OutputName": "a", "Uri": "1"}, {"OutputName": "b", "Uri": "2"}]}
    assert walk(value, "Outputs['b'].Uri", "reference") == "2"


@pytest.mark.parametrize("path", ["metrics.f1", "rows[7]", "metrics['none']", "rows.value"])
def test_path_without_a_value_is_an_error_that_names_it(path: str) -> None:
    with pytest.raises(RunError, match="my reference has no value at"):
        walk(FILE, path, "my reference")


def compare(kind: str, left: Any, right: Any) -> dict[str, Any]:
    return {"Type": kind, "LeftValue": left, "RightValue": right}


TRUE = compare("Equals", 1, 1)
FALSE = compare("Equals", 1, 2)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (compare("Equals", {"Get": "Parameters.N"}, 3), True),
        (compare("GreaterThan", 3, 3), False),
        (compare("GreaterThanOrEqualTo", 3, 3), True),
        (compare("LessThan", 2.5, {"Get": "Parameters.N"}), True),
        (compare("LessThanOrEqualTo", 4, 3), False),
        ({"Type": "In", "QueryValue": {"Get": "Parameters.A"}, "Values": ["x", "y"]}, True),
        ({"Type": "Not", "Condition": TRUE}, False),
        ({"Type": "Or", "Conditions": [FALSE, TRUE]}, True),
        ({"Type": "And", "Conditions": [FALSE, TRUE]}, False),
    ],
)
def test_conditions(condition: dict[str, Any], expected: bool) -> None:
    assert holds(condition, resolved) is expected


def test_values_that_cannot_be_compared_are_an_error() -> None:
    with pytest.raises(RunError, match="cannot be compared"):
        holds(compare("LessThan", "a", 1), resolved)
