"""Raw rows of series as what a model learns from: rows, their contract, and the set of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelyard.data import DataContract
from modelyard.forecast_section import Forecast
from modelyard.forecasting import splits
from modelyard.forecasting.contract import derived
from modelyard.forecasting.series import Series, long_enough, series_of
from modelyard.forecasting.table import learned
from modelyard.split import SplitName, row_identity
from modelyard.tables import Arrays

_SHOWN = 5


@dataclass(frozen=True)
class Supervised:
    """A regression's table, made of series.

    Attributes:
        identities: each row's whole content, by which the sets of two builds are compared.
        record: what the dataset manifest says of the series.
        notes: sentences for whoever reads the job's log.
    """

    contract: DataContract
    arrays: Arrays
    identities: list[str]
    splits: list[SplitName]
    rule: str
    record: Mapping[str, Any]
    notes: tuple[str, ...]


def supervised(arrays: Arrays, raw: DataContract, forecast: Forecast) -> Supervised:
    """The table; DataError for rows that are no series, or too few to learn from."""
    contract = derived(raw, forecast)
    found, periods = series_of(arrays, forecast, raw.target)
    used = long_enough(found, forecast)
    splits.require_inside(used, periods, forecast)
    made, numbers = learned(used, periods, raw, forecast)
    measured = made[raw.target] == made[raw.target]
    made = {column.name: made[column.name][measured] for column in contract.columns}
    names = list(made)
    cells = zip(*(array.tolist() for array in made.values()), strict=True)
    first, last = min(one.first for one in used), max(one.end for one in used) - 1
    left_out = [one.name for one in found if one.known < forecast.history + forecast.horizon]
    return Supervised(
        contract,
        made,
        [row_identity(names, row) for row in cells],
        splits.splits(numbers[measured], periods, forecast),
        splits.rule(forecast),
        {
            "series": len(used),
            "left_out": left_out,
            "first": periods.text(first),
            "last": periods.text(last),
            "statement": forecast.model_dump(mode="json", exclude_none=True),
            "contract": {"sha256": raw.sha256},
            "schema": [
                {"name": column.name, "kind": column.kind, "use": column.use}
                for column in raw.columns
            ],
        },
        tuple(_notes(used, left_out, last - periods.number_of(forecast.test_from) + 1, last)),
    )


def _notes(used: Sequence[Series], left_out: Sequence[str], tested: int, last: int) -> list[str]:
    notes = [f"{len(used)} series, {tested} test periods"]
    if left_out:
        shown = ", ".join(left_out[:_SHOWN]) + (", ..." if len(left_out) > _SHOWN else "")
        notes.append(f"{len(left_out)} series are too short to learn from: {shown}")
    periods = last - min(one.first for one in used) + 1
    if tested > periods / 3:
        notes.append(
            f"{tested} of {periods} periods only test: move model.forecast.test_from in "
            "project.yaml forward to learn from newer ones"
        )
    return notes
