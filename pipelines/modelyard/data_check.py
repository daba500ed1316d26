"""Whether data keep their contract, and if not, in which column, by which rule and which rows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from modelyard import values
from modelyard.data import Column, DataContract
from modelyard.tables import Unreadable, cells, is_numeric, read_column

if TYPE_CHECKING:
    import pandas as pd

_SHOWN_ROWS = 10
_ABSENT = np.array([values.MISSING, ""], dtype=object)
_NOT_UNIQUE = "has a value twice; the row key must be unique"


@dataclass(frozen=True)
class Violation:
    """One broken rule of one column; `rows` are data rows counted from 1, empty for all of them."""

    column: str
    rule: str
    count: int
    rows: tuple[int, ...]

    @property
    def sentence(self) -> str:
        rows = ", ".join(map(str, self.rows[:_SHOWN_ROWS]))
        more = ", ..." if len(self.rows) > _SHOWN_ROWS else ""
        place = f" in row{'s' if self.count > 1 else ''} {rows}{more}" if self.rows else ""
        return f"column '{self.column}': {self.rule}{place}"


def check(frame: "pd.DataFrame", contract: DataContract) -> list[Violation]:
    """Every rule of the contract that the frame breaks, in the order of its columns."""
    import pandas as pd

    violations: list[Violation] = []
    arrays: dict[str, Any] = {}
    columns = [column for column in contract.columns if column.use != "drop"]
    for column in columns:
        if column.name not in frame.columns:
            violations.append(Violation(column.name, "is missing from the data", len(frame), ()))
            continue
        array, unreadable = read_column(cells(frame, column.name), column)
        arrays[column.name] = pd.Series(array, dtype=array.dtype)
        violations += _unread(column, unreadable)
        violations += _missing(column, array, {problem.row for problem in unreadable})
    present = [column for column in columns if column.name in arrays]
    violations += _broken_rules(pd.DataFrame(arrays), present)
    order = {column.name: position for position, column in enumerate(columns)}
    return sorted(violations, key=lambda violation: order[violation.column])


def _unread(column: Column, unreadable: list[Unreadable]) -> list[Violation]:
    """One sentence for a column's unreadable values: the first reason, all the rows."""
    if not unreadable:
        return []
    reasons = list(dict.fromkeys(problem.reason for problem in unreadable))
    more = f" (and {len(reasons) - 1} like it)" if len(reasons) > 1 else ""
    rows = tuple(problem.row + 1 for problem in unreadable)
    return [Violation(column.name, reasons[0] + more, len(rows), rows)]


def _missing(column: Column, array: Any, unread: set[int]) -> list[Violation]:
    absent = np.isnan(array) if is_numeric(column) else np.isin(array, _ABSENT)
    rows = tuple(row + 1 for row in np.flatnonzero(absent).tolist() if row not in unread)
    if len(rows) <= column.missing_rate * len(array):
        return []
    rule = f"more than {column.missing_rate:.1%} of the values are missing"
    return [Violation(column.name, rule, len(rows), rows)]


def _broken_rules(frame: "pd.DataFrame", columns: list[Column]) -> list[Violation]:
    import pandera.pandas as pa

    schema = pa.DataFrameSchema({column.name: _schema(column) for column in columns})
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        errors_found = errors.failure_cases
    else:
        return []
    violations = []
    for (name, rule), found in errors_found.groupby(["column", "check"], sort=False):
        rows = tuple(sorted(int(index) + 1 for index in found["index"]))
        sentence = _NOT_UNIQUE if rule == "field_uniqueness" else str(rule)
        violations.append(Violation(str(name), sentence, len(rows), rows))
    return violations


def _schema(column: Column) -> Any:
    import pandera.pandas as pa

    checks = []
    if column.min is not None and is_numeric(column):
        checks.append(pa.Check.ge(column.min, error=f"is below {column.min:g}"))
    if column.max is not None and is_numeric(column):
        checks.append(pa.Check.le(column.max, error=f"is above {column.max:g}"))
    if column.categories and (column.other == "refuse" or column.use == "target"):
        known = ", ".join(column.categories[:8]) + (", ..." if len(column.categories) > 8 else "")
        allowed = [*column.categories, values.MISSING]
        checks.append(pa.Check.isin(allowed, error=f"is none of {known}"))
    return pa.Column(None, checks, nullable=True, unique=column.unique, required=True)
