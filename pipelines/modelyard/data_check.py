"""Whether data keep their contract, and if not, in which column, by which rule and which rows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modelyard import values
from modelyard.data import Column, DataContract
from modelyard.tables import cells, is_numeric, read_column

if TYPE_CHECKING:
    import pandas as pd

_SHOWN_ROWS = 10


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
        by_reason: dict[str, list[int]] = {}
        for problem in unreadable:
            by_reason.setdefault(problem.reason, []).append(problem.row + 1)
        if by_reason:
            reason, rows = _most_frequent(by_reason)
            violations.append(Violation(column.name, reason, len(rows), rows))
    present = [column for column in columns if column.name in arrays]
    violations += _broken_rules(pd.DataFrame(arrays), present)
    order = {column.name: position for position, column in enumerate(columns)}
    return sorted(violations, key=lambda violation: order[violation.column])


def _most_frequent(by_reason: dict[str, list[int]]) -> tuple[str, tuple[int, ...]]:
    """One sentence for a column's unreadable values: the first reason, all the rows."""
    first, *others = sorted(by_reason, key=lambda reason: by_reason[reason][0])
    rows = sorted(row for rows in by_reason.values() for row in rows)
    return (f"{first} (and {len(others)} like it)" if others else first), tuple(rows)


def _broken_rules(frame: "pd.DataFrame", columns: list[Column]) -> list[Violation]:
    import pandera.pandas as pa

    schema = pa.DataFrameSchema({column.name: _schema(column) for column in columns})
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return []
    contract = {column.name: column for column in columns}
    violations = []
    for (name, rule), found in cases.groupby(["column", "check"], sort=False):
        column = contract[str(name)]
        if str(rule).startswith("more than"):
            rows = _missing_rows(frame[column.name], column)
        else:
            rows = tuple(sorted(int(index) + 1 for index in found["index"]))
        sentence = "has a value twice; the row key must be unique"
        sentence = sentence if "duplicates" in str(rule) else str(rule)
        violations.append(Violation(column.name, sentence, len(rows), rows))
    return violations


def _schema(column: Column) -> Any:
    import pandera.pandas as pa

    limit, absent = column.missing_rate, _is_absent(column)
    checks = [
        pa.Check(
            lambda series: bool(absent(series).mean() <= limit),
            error=f"more than {limit:.1%} of the values are missing",
        )
    ]
    if column.min is not None and is_numeric(column):
        checks.append(pa.Check.ge(column.min, error=f"is below {column.min:g}"))
    if column.max is not None and is_numeric(column):
        checks.append(pa.Check.le(column.max, error=f"is above {column.max:g}"))
    if column.categories and (column.other == "refuse" or column.use == "target"):
        known = ", ".join(column.categories[:8]) + (", ..." if len(column.categories) > 8 else "")
        allowed = [*column.categories, values.MISSING]
        checks.append(pa.Check.isin(allowed, error=f"is none of {known}"))
    return pa.Column(None, checks, nullable=True, unique=column.unique, required=True)


def _is_absent(column: Column) -> Any:
    if is_numeric(column):
        return lambda series: series.isna()
    return lambda series: series.isin([values.MISSING, ""])


def _missing_rows(series: "pd.Series[Any]", column: Column) -> tuple[int, ...]:
    absent = _is_absent(column)(series)
    return tuple(int(index) + 1 for index in series.index[absent])
