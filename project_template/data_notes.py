"""Writes docs/data.md: what a team should know about its data before it trusts a model."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from modelyard.data import Column, DataContract
from modelyard.project_sections import Model
from modelyard.tables import is_numeric, to_frame

MANY = 8
NUMERIC = ("regression", "forecasting")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    cells = (tuple(cell.replace("|", "\\|") for cell in line) for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def _groups(values: pd.Series, column: Column) -> pd.Series:
    """Group names of a protected column; a number of many values is cut into four bands."""
    if not is_numeric(column):
        return values
    if values.nunique() > MANY:
        bands = pd.qcut(values, 4, duplicates="drop")
        return bands.astype(str).where(values.notna(), "(missing)")
    names = {value: f"{value:g}" for value in values.dropna().unique()}
    return values.map(names).fillna("(missing)")


def _outcome(frame: pd.DataFrame, contract: DataContract, problem: str) -> tuple[str, pd.Series]:
    """What is compared between groups, as a heading and a number per row."""
    target = frame[contract.target]
    if problem in NUMERIC:
        return f"mean {contract.target}", target
    label = contract.labels[-1]
    told = str(label).lower() if isinstance(label, bool) else str(label)
    return f"share of {contract.target} = {told}", (target == told).where(target != "(missing)")


def _percent(value: float, problem: str) -> str:
    return f"{value:.4g}" if problem in NUMERIC else f"{value:.1%}"


def _fairness(frame: pd.DataFrame, contract: DataContract, problem: str) -> str:
    if not contract.protected:
        return "None is declared. If decisions about people follow from this model, declare them.\n"
    columns = contract.used("target", "protected")
    known = to_frame(frame, contract, columns)
    heading, outcome = _outcome(known, contract, problem)
    rows = []
    for column in contract.used("protected"):
        groups = _groups(known[column.name], column)
        for group, values in outcome.astype(float).groupby(groups):
            share = _percent(values.mean(), problem)
            rows.append((column.name, str(group), f"{len(values):,}", share))
    return (
        "The model never sees these columns; its decisions are compared between their groups.\n"
        "What was decided before any model:\n\n"
        + _table(("attribute", "group", "rows", heading), rows)
    )


def _dropped(contract: DataContract) -> str:
    dropped = [(f"`{c.name}`", c.reason or "not needed") for c in contract.used("drop")]
    if not dropped:
        return "None.\n"
    return _table(("column", "why the model must not or need not see it"), dropped)


def _features(contract: DataContract) -> str:
    kinds = pd.Series([column.kind for column in contract.feature_columns]).value_counts()
    return ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))


def _known_by(contract: DataContract, model: Model) -> str:
    if model.forecast:
        return "."
    key = f"`{contract.row_key}`" if contract.row_key else "none: a row is known by its content"
    return f"; the row key is {key}."


def _seen(frame: pd.DataFrame, contract: DataContract, model: Model) -> str:
    """What a model learns from, in a sentence or two."""
    if model.forecast is None:
        return f"The model sees {len(contract.features)} columns: {_features(contract)}."
    stated = model.forecast
    series = (
        f"{frame[stated.series].nunique()} series of `{stated.series}`"
        if stated.series
        else ("one series")
    )
    return (
        f"There are {series}, dated by `{stated.time}`, a row per {stated.frequency}. The model\n"
        f"forecasts the next {stated.horizon} from what each series was before; from "
        f"{stated.test_from} on it is tested, and\nlearns from nothing."
    )


def write(
    frame: pd.DataFrame, contract: DataContract, model: Model, file: str, about: str = ""
) -> str:
    """The notes as Markdown: what is known about an example, then size, target, columns, groups."""
    repeated = int(frame.astype(str).duplicated().sum())
    twice = f" {repeated:,} rows repeat another one word for word." if repeated else ""
    problem = model.problem
    return (
        f"# The data\n\n{about}\n"
        f"`data/{file}` has {len(frame):,} rows and {len(frame.columns)} columns.{twice}\n"
        f"The target is `{contract.target}` ({problem}){_known_by(contract, model)}\n"
        f"{_seen(frame, contract, model)}\n\n"
        "These notes were written when the repo was generated. `data_contract.yaml` is what every\n"
        "run checks: edit it there when you know better.\n\n"
        f"## Columns left out\n\n{_dropped(contract)}\n"
        f"## Protected attributes\n\n{_fairness(frame, contract, problem)}"
    ).replace("# The data\n\n\n", "# The data\n\n")
