"""What a sample of series suggests: the data contract of its rows, and the forecast section.

found = infer(frame, target="accidents", time="month", series="road", horizon=6)
found.contract.dump("data_contract.yaml"); found.forecast          # for project.yaml
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from modelyard import values
from modelyard.arrays import prepared_columns
from modelyard.contract_inference import (
    column_of,
    present_cells,
    unknown_column,
    without_leaks,
)
from modelyard.data import Column, DataContract, DataError
from modelyard.forecast_section import Forecast, Frequency
from modelyard.forecasting.contract import derived
from modelyard.forecasting.periods import Array, Periods
from modelyard.forecasting.series import long_enough, series_of
from modelyard.forecasting.splits import bounds, require_inside
from modelyard.kind_inference import guess_kind
from modelyard.tables import Arrays, cells, header, is_numeric, read_column
from modelyard.target_inference import target_column

if TYPE_CHECKING:
    import pandas as pd

# How far ahead people usually look.
HORIZONS: Mapping[Frequency, int] = {
    "hour": 24, "day": 7, "week": 4, "month": 12, "quarter": 4, "year": 3,
}  # fmt: skip
_TEST_SHARE = 0.2
_ALMOST = 0.99999
# With more series than that, the model sees none of their names.
_MOST_SERIES = 50
_UNUSABLE = ("date", "text", "identifier")


@dataclass(frozen=True)
class Suggested:
    """The contract of raw rows, and how to forecast them."""

    contract: DataContract
    forecast: Forecast

    @property
    def section(self) -> str:
        """`model.forecast` of project.yaml, on one line."""
        stated = self.forecast.model_dump(exclude_defaults=True, exclude_none=True)
        plain = {key: list(one) if isinstance(one, tuple) else one for key, one in stated.items()}
        return yaml.safe_dump(
            plain, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True
        ).strip()


def infer(
    frame: "pd.DataFrame",
    target: str,
    time: str,
    series: str | None = None,
    horizon: int | None = None,
    known_covariates: Sequence[str] = (),
    protected: Sequence[str] = (),
) -> Suggested:
    """The suggestion; DataError says which column or number no forecast can be made of.

    The test set is the last fifth of the periods. Columns beside these are used as they were when
    a forecast is made, but for `known_covariates`, whose values are known ahead.
    """
    frame = frame.set_axis(header(frame.columns, "the data"), axis=1)
    named = {"target": target, "time": time, "series": series}
    for role, name in [*named.items(), *(("covariate", one) for one in known_covariates)]:
        if name is not None and name not in frame.columns:
            raise DataError(unknown_column(role, name, list(frame.columns)))
    raw = {str(name): present_cells(cells(frame, name)) for name in frame.columns}
    goal = target_column(target, raw[target], "regression")
    columns = [_time(time, raw[time]), *([_series(series, raw[series])] if series else []), goal]
    others = {name: column for name, column in raw.items() if name not in named.values()}
    columns += _others(others, raw[target], goal, protected)
    order = {str(name): number for number, name in enumerate(frame.columns)}
    contract = DataContract(columns=tuple(sorted(columns, key=lambda one: order[one.name])))
    used = set(contract.features)
    known = tuple(name for name in known_covariates if name in used)
    arrays = {
        column.name: read_column(raw[column.name], column)[0]
        for column in prepared_columns(contract)
    }
    return Suggested(contract, _forecast(arrays, contract, time, series, horizon, known))


def _time(name: str, column: list[Any]) -> Column:
    present = [cell for cell in column if cell is not None]
    guess = guess_kind(name, present) if present else None
    if guess is None or guess.kind != "date":
        found = values.shown(present[0]) if present else "nothing"
        raise DataError(
            f"the time column '{name}' holds no dates (found {found}); write them as 2026-01-31"
        )
    if len(present) < len(column):
        raise DataError(f"the time column '{name}' is empty in some rows; date every row")
    return Column(name=name, kind="date", use="feature", format=guess.format)


def _series(name: str, column: list[Any]) -> Column:
    if None in column:
        raise DataError(f"the series column '{name}' is empty in some rows; name every series")
    names = sorted({values.as_text(cell) for cell in column})
    if len(names) > _MOST_SERIES:
        return Column(name=name, kind="identifier", use="feature")
    return Column(name=name, kind="category", use="feature", categories=tuple(names))


def _others(
    raw: Mapping[str, list[Any]], answers: list[Any], goal: Column, protected: Sequence[str]
) -> list[Column]:
    columns = [
        column_of(name, column, "protected" if name in protected else "feature")
        for name, column in raw.items()
    ]
    checked = []
    judged = without_leaks([*columns, goal], {**raw, goal.name: answers}, goal, "regression")
    for column in judged[:-1]:
        reason = None
        if column.use == "feature" and column.kind in _UNUSABLE:
            reason = f"is of kind {column.kind}, which a forecast cannot use"
        elif column.use == "feature" and _in_other_words(column, raw[column.name], goal, answers):
            reason = f"is the target '{goal.name}' on another scale"
        checked.append(_dropped(column, reason) if reason else column)
    return checked


def _dropped(column: Column, reason: str) -> Column:
    return column.model_copy(update={"use": "drop", "reason": reason})


def _in_other_words(column: Column, cells: list[Any], goal: Column, answers: list[Any]) -> bool:
    """Whether a column rises, or falls, wherever the target does: a logarithm of it, say."""
    if not is_numeric(column):
        return False
    x, y = read_column(cells, column)[0], read_column(answers, goal)[0]
    here = ~np.isnan(x) & ~np.isnan(y)
    if here.sum() < 3 or len(set(x[here].tolist())) < 3:
        return False
    return bool(abs(np.corrcoef(_ranks(x[here]), _ranks(y[here]))[0, 1]) > _ALMOST)


def _ranks(numbers: Array) -> Array:
    return np.unique(numbers, return_inverse=True)[1].astype(float)


def _forecast(
    arrays: Arrays,
    contract: DataContract,
    time: str,
    series: str | None,
    horizon: int | None,
    known: tuple[str, ...],
) -> Forecast:
    days = arrays[time]
    names = arrays[series] if series else np.zeros(len(days))
    frequency = infer_frequency(days, names)
    ahead = HORIZONS[frequency] if horizon is None else horizon
    stated: dict[str, Any] = {"time": time, "series": series, "frequency": frequency}
    stated |= {"horizon": ahead, "known_covariates": known}
    draft = Forecast(**stated, test_from="1970-01-01")  # type: ignore[arg-type]
    derived(contract, draft)
    found, periods = series_of(arrays, draft, contract.target)
    used = long_enough(found, draft)
    low, high = bounds(used, draft)
    if low > high:
        require_inside(used, periods, draft)
    first = min(one.first for one in used)
    wanted = high + 1 - round(_TEST_SHARE * (high + 1 - first))
    begins = Periods(frequency).text(min(max(wanted, low), high))
    return Forecast(**{**stated, "test_from": begins.partition("T")[0]})


def infer_frequency(days: Array, series: Array) -> Frequency:
    """The longest period of which most dates of a series name the next; DataError for none."""
    candidates: tuple[Frequency, ...] = ("year", "quarter", "month", "week", "day", "hour")
    for frequency in candidates:
        numbers = Periods(frequency).number(days)
        steps = np.concatenate(
            [np.diff(np.sort(numbers[series == name])) for name in set(series.tolist())]
        )
        if len(steps) and (steps > 0).all() and (steps == 1).mean() > 0.5:
            return frequency
    raise DataError(
        "the frequency cannot be inferred: the dates of a series follow each other neither by "
        "hour, day, week, month, quarter nor year; keep one row per period and series, and name "
        "the column that tells series apart"
    )
