"""Series as a table to learn from: a row for each series, origin and step ahead.

Nothing in a row but its target and what is known in advance (calendar, known covariates) is newer
than its origin, the last period whose value is known when the forecast is made.
"""

from collections.abc import Iterator

import numpy as np

from modelyard.data import DataContract, DataError
from modelyard.forecast_section import Forecast
from modelyard.forecasting import contract as names
from modelyard.forecasting.keys import KEY, ForecastKey
from modelyard.forecasting.periods import Array, Periods, calendar
from modelyard.forecasting.series import Series
from modelyard.tables import Arrays


def learned(
    found: list[Series], periods: Periods, raw: DataContract, forecast: Forecast
) -> tuple[Arrays, Array]:
    """Every row whose target is past, with the number of the period that each predicts."""
    parts = []
    for one in found:
        origins = np.arange(forecast.history - 1, one.known - 1)
        origin, step = np.meshgrid(origins, np.arange(1, forecast.horizon + 1), indexing="ij")
        past = (origin + step < one.known).ravel()
        chosen = origin.ravel()[past], step.ravel()[past]
        parts.append((rows(one, *chosen, periods, raw, forecast), one.first + sum(chosen)))
    arrays = {name: np.concatenate([part[name] for part, _ in parts]) for name in parts[0][0]}
    return arrays, np.concatenate([numbers for _, numbers in parts])


def next_rows(one: Series, periods: Periods, raw: DataContract, forecast: Forecast) -> Arrays:
    """The rows that ask for the next `horizon` periods; the target is missing in each."""
    if one.known < forecast.history:
        raise DataError(
            f"series '{one.name}' has {one.known} periods with a value; a prediction looks at the "
            f"last {forecast.history}: send more of its history"
        )
    ahead = np.arange(1, forecast.horizon + 1)
    if forecast.known_covariates and len(one) < one.known + forecast.horizon:
        raise DataError(
            f"series '{one.name}' ends before the last period to predict, "
            f"{periods.text(one.end + forecast.horizon - 1)}, of which "
            f"{', '.join(forecast.known_covariates)} must be known; add these periods' rows with "
            f"an empty '{raw.target}'"
        )
    return rows(one, np.full(len(ahead), one.known - 1), ahead, periods, raw, forecast)


def rows(
    one: Series, origin: Array, step: Array, periods: Periods, raw: DataContract, forecast: Forecast
) -> Arrays:
    """The rows of one series for pairs of origin (its position in the series) and step ahead."""
    predicted = one.first + origin + step
    return {
        KEY: _keys(one.name, predicted, step, periods),
        **({forecast.series: one.columns[forecast.series][origin]} if forecast.series else {}),
        names.STEP: step.astype(float),
        **dict(_values(one.columns[raw.target], origin, step, raw.target, forecast)),
        **calendar(periods, predicted),
        **dict(_covariates(one, origin, step, raw, forecast)),
        **{column.name: one.columns[column.name][origin] for column in raw.used("protected")},
        raw.target: _taken(one.columns[raw.target][: one.known], origin + step),
    }


def _keys(series: str, predicted: Array, step: Array, periods: Periods) -> Array:
    texts = {number: periods.text(number) for number in set(predicted.tolist())}
    pairs = zip(predicted.tolist(), step.tolist(), strict=True)
    keys = [str(ForecastKey(series, texts[number], ahead)) for number, ahead in pairs]
    return np.array(keys, dtype=object)


def _values(
    values: Array, origin: Array, step: Array, target: str, forecast: Forecast
) -> Iterator[tuple[str, Array]]:
    """The past of the target: its newest values, the same season before, and the last mean."""
    for number in range(1, forecast.window + 1):
        yield names.lag(target, number), values[origin - number + 1]
    season = forecast.cycle
    # The newest value of the same season that is known: y[T+h-m(k+1)], k = (h-1) // m.
    yield names.seasonal(target), values[origin + step - season * ((step - 1) // season + 1)]
    width = season if season > 1 else forecast.window
    last = np.stack([values[origin - back] for back in range(width)])
    count = (~np.isnan(last)).sum(axis=0)
    total = np.nansum(last, axis=0)
    yield names.mean(target), np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _covariates(
    one: Series, origin: Array, step: Array, raw: DataContract, forecast: Forecast
) -> Iterator[tuple[str, Array]]:
    for column in names.covariates(raw, forecast):
        values = one.columns[column.name]
        if column.name in forecast.known_covariates:
            yield column.name, values[origin + step]
        else:
            yield names.at_origin(column.name), values[origin]


def _taken(values: Array, at: Array) -> Array:
    """The values at some positions; not-a-number behind the end."""
    return np.append(values, np.nan)[np.minimum(at, len(values))]
