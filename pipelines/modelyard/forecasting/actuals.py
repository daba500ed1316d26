"""What became of the periods that were predicted, as labels of those inferences."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from modelyard.captures import Record
from modelyard.data import DataContract, DataError
from modelyard.forecast_section import Forecast
from modelyard.forecasting.keys import KEY, ONLY, ForecastKey
from modelyard.forecasting.periods import Periods
from modelyard.tables import to_arrays

if TYPE_CHECKING:
    import pandas as pd

Actuals = Mapping[tuple[str, int], float]


@dataclass(frozen=True)
class Label:
    """The truth of one row of one inference, as label files state it."""

    inference_id: str
    row: int
    label: float


def read(
    source: "pd.DataFrame | Sequence[Mapping[str, Any]]", raw: DataContract, forecast: Forecast
) -> Actuals:
    """The known values of raw rows, by series and number of the period."""
    named = (forecast.time, forecast.series, raw.target)
    arrays = to_arrays(source, [raw[name] for name in named if name])
    days, values = arrays[forecast.time], arrays[raw.target]
    numbers = Periods(forecast.frequency).number(np.nan_to_num(days)).tolist()
    series = arrays[forecast.series].tolist() if forecast.series else [ONLY] * len(days)
    found: dict[tuple[str, int], float] = {}
    rows = zip(series, numbers, days.tolist(), values.tolist(), strict=True)
    for name, number, day, value in rows:
        if day != day or value != value:
            continue
        if found.setdefault((str(name), number), value) != value:
            period = Periods(forecast.frequency).text(number)
            raise DataError(f"series '{name}' has two values for {period}; keep the right one")
    return found


def labels(records: Iterable[Record], actuals: Actuals, forecast: Forecast) -> Iterator[Label]:
    """A label for each captured row whose period has a value by now; others wait."""
    periods = Periods(forecast.frequency)
    for record in records:
        for number, row in enumerate(record.rows, 1):
            try:
                key = ForecastKey.parse(str(row.get(KEY)))
            except ValueError:
                continue
            value = actuals.get((key.series, periods.number_at(key.date)))
            if value is not None:
                yield Label(record.inference_id, number, value)
