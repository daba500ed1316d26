"""The data contract a sample suggests, with a reason for every column it leaves out."""

import difflib
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from modelyard import values
from modelyard.column_facts import bounds, natural, tolerated
from modelyard.contract_leaks import leak, protected_echo
from modelyard.data import Column, DataContract, DataError
from modelyard.kind_inference import MAX_CATEGORIES, guess_kind
from modelyard.tables import cells, header, reader
from modelyard.target_inference import target_column

if TYPE_CHECKING:
    import pandas as pd

_ROWS_PER_CLOSED_CATEGORY = 5
_LEAK_ROWS = 20_000


def infer(
    frame: "pd.DataFrame",
    target: str,
    row_key: str | None = None,
    protected: Sequence[str] = (),
    problem: str = "binary",
) -> DataContract:
    """The contract of a sample; DataError when no model can be made of it.

    Numbers may range as far again as observed on each side (below zero only if they did); missing
    rates may double, or grow by 0.05; categories are closed when each was seen five times or more.
    """
    frame = frame.set_axis(header(frame.columns, "the data"), axis=1)
    for role, name in [
        ("target", target),
        ("row key", row_key),
        *(("protected", p) for p in protected),
    ]:
        if name is not None and name not in frame.columns:
            raise DataError(unknown_column(role, name, list(frame.columns)))
    if len({target, *protected}) <= len(protected):
        raise DataError(f"the target '{target}' cannot be a protected column too")
    raw = {name: present_cells(cells(frame, name)) for name in frame.columns}
    goal = target_column(target, raw[target], problem)
    columns = [
        goal if name == target else column_of(name, column, _role(name, row_key, protected))
        for name, column in raw.items()
    ]
    columns = without_leaks(columns, raw, goal, problem)
    if not any(column.use == "feature" for column in columns):
        reasons = "; ".join(f"{c.name}: {c.reason}" for c in columns if c.reason)
        raise DataError(
            f"no column is left to learn from ({reasons or 'only the target is there'})"
        )
    return DataContract(columns=tuple(columns))


def unknown_column(role: str, name: str, columns: list[str]) -> str:
    """That a column is not there, and which was probably meant."""
    close = difflib.get_close_matches(name, columns, n=1, cutoff=0.5) or [
        column for column in columns if column.lower() == name.lower()
    ]
    hint = f"did you mean '{close[0]}'? " if close else ""
    shown = ", ".join(columns[:30]) + (", ..." if len(columns) > 30 else "")
    return f"the {role} column '{name}' is not in the data; {hint}columns are: {shown}"


def present_cells(column: Sequence[Any]) -> list[Any]:
    """The cells, None where one stands for no value."""
    return [None if values.is_missing(cell) else cell for cell in column]


def _role(name: str, row_key: str | None, protected: Sequence[str]) -> Any:
    return "key" if name == row_key else "protected" if name in protected else "feature"


def column_of(name: str, column: list[Any], use: Any) -> Column:
    """What a column of a sample holds; dropped with a reason where it says nothing."""
    rows = len(column)
    present = [cell for cell in column if cell is not None]
    distinct = {values.as_text(cell) for cell in present}
    if use == "key":
        return _key_column(name, rows, present, distinct)
    if len(distinct) <= 1 and use != "protected":
        told = f"every row says {values.shown(present[0])}" if present else "every row is empty"
        if not present or len(present) == rows:
            return Column(name=name, kind="text", use="drop", reason=told, missing_rate=1)
    if not distinct:
        raise DataError(f"the protected column '{name}' is empty; leave it out of 'protected'")
    kind, form, missing = guess_kind(name, present)
    facts: dict[str, Any] = {
        "name": name,
        "kind": kind,
        "use": use,
        "format": form,
        "missing": missing,
        "missing_rate": tolerated(column, missing),
    }
    if kind == "identifier" and use == "feature":
        facts.update(use="drop", reason="identifies rows; says nothing about the target")
    elif kind == "category":
        facts.update(_categories(present))
    elif kind in ("number", "integer"):
        facts.update(bounds(Column(**facts), present))
    return Column(**facts)


def _key_column(name: str, rows: int, present: list[Any], distinct: set[str]) -> Column:
    if len(present) < rows:
        raise DataError(
            f"the row key '{name}' is missing in {rows - len(present)} rows; "
            "fill it in, or leave row_key out (the split then goes by the whole row)"
        )
    return Column(name=name, kind="identifier", use="key", unique=len(distinct) == rows)


def _categories(present: list[Any]) -> dict[str, Any]:
    counts = Counter(values.as_text(cell) for cell in present)
    frequent = [text for text, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    closed = len(counts) <= MAX_CATEGORIES and min(counts.values()) >= _ROWS_PER_CLOSED_CATEGORY
    return {
        "categories": tuple(sorted(frequent[:MAX_CATEGORIES], key=natural)),
        "other": "refuse" if closed else "allow",
    }


def without_leaks(
    columns: list[Column], raw: dict[str, list[Any]], goal: Column, problem: str
) -> list[Column]:
    """The columns, those dropped that give the target away or repeat protected ones."""
    # An answer in disguise shows in a part of the rows as well as in all of them.
    step = max(1, len(raw[goal.name]) // _LEAK_ROWS)
    read = {column.name: _read(column, raw[column.name][::step]) for column in columns}
    protected = {column.name: read[column.name] for column in columns if column.use == "protected"}
    checked = []
    for column in columns:
        if column.use == "feature":
            reason = leak(
                column.name, read[column.name], goal.name, read[goal.name], problem == "regression"
            ) or protected_echo(read[column.name], protected)
            if reason:
                column = column.model_copy(update={"use": "drop", "reason": reason})
        checked.append(column)
    return checked


def _read(column: Column, raw: list[Any]) -> list[Any]:
    """Comparable values: floats where numeric, texts otherwise, None where missing."""
    read = reader(column) if column.use != "drop" else values.as_text
    result = []
    for cell in raw:
        value = None if cell is None else read(cell)
        result.append(None if value != value or value == values.MISSING else value)
    return result
