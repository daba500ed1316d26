"""How good a forecast is: absolute and scaled errors beside those of the seasonal naive forecast.

MASE is the mean absolute error divided by what the seasonal naive forecast's was over the training
periods of the same series (Hyndman and Koehler 2006, "Another look at measures of forecast
accuracy", International Journal of Forecasting 22(4), 679-688): below 1 is better than that.
MAPE is a share, and has no value where a target is 0. Intervals draw the predicted dates, because
errors of one date, over all series and steps ahead, belong together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from modelyard import metrics
from modelyard.data import DataContract
from modelyard.forecast_section import Forecast
from modelyard.forecasting.contract import STEP, seasonal
from modelyard.forecasting.keys import KEY, ForecastKey
from modelyard.metrics import Array, Metric, Weighted
from modelyard.tables import Arrays

BASELINE = "seasonal naive"
_MOST_SERIES = 100


@dataclass(frozen=True)
class Tested:
    """The rows a forecast is judged on.

    Attributes:
        naive: what the seasonal naive forecast says of each row.
        scales: the mean absolute error of that forecast over the row's series' training periods;
            not-a-number where there is none.
        dates: the predicted date of each row, as a number from 0.
    """

    answers: Array
    naive: Array
    scales: Array
    series: Array
    steps: Array
    dates: Array

    def metrics(self, scores: Array) -> Mapping[str, Metric]:
        """The metrics of predictions, with their intervals."""
        return metrics.drawn(self._functions(scores[:, 0]), len(self.answers), self.dates)

    def points(self, predicted: Array) -> dict[str, float | None]:
        """The metrics without intervals."""
        return metrics.points(self._functions(predicted), len(self.answers))

    def report(self, scores: Array, forecast: Forecast) -> dict[str, Any]:
        """The baseline, and both by step ahead and by series, for evaluation.json."""
        naive, ours = self.points(self.naive), self.points(scores[:, 0])
        worst = sorted(
            self._grouped(self.series, scores[:, 0]).items(),
            key=lambda item: -(item[1]["mase"] or 0.0),
        )
        return {
            "horizon": forecast.horizon,
            "frequency": forecast.frequency,
            "test_from": forecast.test_from.isoformat(),
            "baseline": {
                "name": BASELINE,
                "season": forecast.cycle,
                "metrics": naive,
                "sentence": _sentence(ours, naive, forecast),
            },
            "by_step": self._grouped(self.steps, scores[:, 0]),
            "by_series": dict(worst[:_MOST_SERIES]),
            "series": len(worst),
        }

    def _grouped(self, groups: Array, predicted: Array) -> dict[str, Any]:
        found = {}
        for name in sorted(set(groups.tolist())):
            here = groups == name
            part = Tested(
                *(
                    array[here]
                    for array in (
                        self.answers,
                        self.naive,
                        self.scales,
                        self.series,
                        self.steps,
                        self.dates,
                    )
                )
            )
            ours, theirs = part.points(predicted[here]), part.points(part.naive)
            found[str(name)] = {
                "rows": int(here.sum()),
                **ours,
                "baseline_mase": theirs["mase"],
                "baseline_mae": theirs["mae"],
            }
        return found

    def _functions(self, predicted: Array) -> dict[str, Weighted]:
        error = np.abs(self.answers - predicted)
        squared = _mean(error**2)
        nonzero = np.where(self.answers == 0, np.nan, np.abs(self.answers))
        shares = error / nonzero
        return {
            "mase": _mean(error / np.where(self.scales > 0, self.scales, np.nan)),
            "rmse": lambda weights: np.sqrt(squared(weights)),
            "mae": _mean(error),
            "mape": _mean(shares if not np.isnan(shares).any() else np.full(len(error), np.nan)),
        }


def tested(test: Arrays, train: Arrays, contract: DataContract) -> Tested:
    """The rows of a test set, scaled by the training rows of their series."""
    keys = [ForecastKey.parse(text) for text in test[KEY].tolist()]
    scale = scales(train, contract.target)
    dates = {date: number for number, date in enumerate(sorted({key.date for key in keys}))}
    return Tested(
        answers=test[contract.target],
        naive=test[seasonal(contract.target)],
        scales=np.array([scale.get(key.series, np.nan) for key in keys]),
        series=np.array([key.series for key in keys], dtype=object),
        steps=test[STEP].astype(int),
        dates=np.array([dates[key.date] for key in keys]),
    )


def scales(train: Arrays, target: str) -> dict[str, float]:
    """Each series' mean absolute seasonal difference over its training periods."""
    next_period = train[STEP] == 1
    series = [ForecastKey.parse(text).series for text in train[KEY][next_period].tolist()]
    errors = np.abs(train[target] - train[seasonal(target)])[next_period]
    found: dict[str, list[float]] = {}
    for name, error in zip(series, errors.tolist(), strict=True):
        if error == error:
            found.setdefault(name, []).append(error)
    return {name: sum(listed) / len(listed) for name, listed in found.items()}


def _mean(values: Array) -> Weighted:
    """The weighted mean of the values that there are."""
    here = ~np.isnan(values)
    known = values[here]
    return lambda weights: weights[:, here] @ known / weights[:, here].sum(axis=1)


def _sentence(
    ours: Mapping[str, float | None], theirs: Mapping[str, float | None], forecast: Forecast
) -> str:
    """By scaled errors, in which each series counts alike; where there are none, by plain ones."""
    names = {"mase": "MASE", "mae": "mean absolute error"}
    for metric, name in names.items():
        mine, naive = ours[metric], theirs[metric]
        if mine is not None and naive:
            word = "better" if mine < naive else "worse"
            back = f"{forecast.cycle} {forecast.frequency}{'s' if forecast.cycle > 1 else ''}"
            return (
                f"{name} is {mine:.3g}, and {naive:.3g} for the {BASELINE} forecast (the value "
                f"{back} before) on the same rows: {abs(1 - mine / naive):.0%} {word}"
            )
    return f"the {BASELINE} forecast could not be compared with"
