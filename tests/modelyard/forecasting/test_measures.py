"""MASE by hand, its baseline, and intervals that draw whole dates."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from modelyard import metrics
from modelyard.data import DataContract
from modelyard.forecast_section import Forecast
from modelyard.forecasting import measures

CONTRACT = DataContract.parse(
    {
        "columns": [
            {"name": "forecast_of", "kind": "identifier", "use": "key"},
            {"name": "step", "kind": "integer", "use": "feature"},
            {"name": "y_season_before", "kind": "number", "use": "feature"},
            {"name": "y", "kind": "number", "use": "target"},
        ]
    }
)
FORECAST = Forecast(time="t", frequency="quarter", horizon=2, season=2, test_from=date(2021, 1, 1))


def rows(*stated: tuple[str, int, float, float]) -> Any:
    """Rows of (key without its step, step, seasonal naive forecast, value)."""
    return {
        "forecast_of": np.array([f"{key} +{step}" for key, step, _, _ in stated], dtype=object),
        "step": np.array([float(step) for _, step, _, _ in stated]),
        "y_season_before": np.array([naive for _, _, naive, _ in stated]),
        "y": np.array([value for _, _, _, value in stated]),
    }


# The series 10, 20, 12, 26, 16: its seasonal differences are 2, 6 and 4, on average 4.
TRAIN = rows(
    ("a 2020-07-01", 1, 10, 12),
    ("a 2020-10-01", 1, 20, 26),
    ("a 2020-10-01", 2, 20, 26),
    ("a 2021-01-01", 1, 12, 16),
)
TEST = rows(("a 2021-04-01", 1, 26, 30), ("a 2021-07-01", 1, 16, 20), ("a 2021-07-01", 2, 16, 20))
PREDICTED = np.array([[29.0], [26.0], [19.0]])


def test_scale_is_the_mean_seasonal_difference_of_the_training_periods() -> None:
    assert measures.scales(TRAIN, "y") == {"a": 4.0}


def test_mase_is_as_computed_by_hand() -> None:
    found = measures.tested(TEST, TRAIN, CONTRACT).metrics(PREDICTED)
    # Errors 1, 6 and 1: 8 / 3 on average, by the scale 4.
    assert found["mase"].value == pytest.approx(8 / 3 / 4)
    assert found["mae"].value == pytest.approx(8 / 3)
    assert found["rmse"].value == pytest.approx(np.sqrt(38 / 3))
    assert found["mape"].value == pytest.approx((1 / 30 + 6 / 20 + 1 / 20) / 3)


def test_baseline_is_measured_on_the_same_rows() -> None:
    report = measures.tested(TEST, TRAIN, CONTRACT).report(PREDICTED, FORECAST)
    baseline = report["baseline"]
    assert (baseline["name"], baseline["season"]) == ("seasonal naive", 2)
    assert baseline["metrics"]["mase"] == 1.0
    assert baseline["sentence"] == (
        "MASE is 0.667, and 1 for the seasonal naive forecast (the value 2 quarters before) "
        "on the same rows: 33% better"
    )


def test_report_tells_steps_and_series_apart() -> None:
    report = measures.tested(TEST, TRAIN, CONTRACT).report(PREDICTED, FORECAST)
    assert {step: one["rows"] for step, one in report["by_step"].items()} == {"1": 2, "2": 1}
    assert report["by_step"]["2"]["mae"] == pytest.approx(1.0)
    assert report["by_series"]["a"]["baseline_mae"] == pytest.approx(4.0)


def test_share_of_an_error_has_no_value_where_a_value_is_zero() -> None:
    test = rows(("a 2021-04-01", 1, 26, 0), ("a 2021-07-01", 1, 16, 20))
    found = measures.tested(test, TRAIN, CONTRACT).metrics(PREDICTED[:2])
    assert found["mape"].value is None
    assert found["mase"].value is not None


def test_series_without_training_periods_does_not_count_for_mase() -> None:
    test = rows(("a 2021-04-01", 1, 26, 30), ("b 2021-04-01", 1, 0, 900))
    found = measures.tested(test, TRAIN, CONTRACT).metrics(np.array([[29.0], [0.0]]))
    assert found["mase"].value == pytest.approx(1 / 4)
    assert found["mae"].value == pytest.approx(901 / 2)


def test_constant_series_has_no_scale() -> None:
    flat = rows(("a 2020-07-01", 1, 10, 10), ("a 2020-10-01", 1, 10, 10))
    assert measures.tested(TEST, flat, CONTRACT).metrics(PREDICTED)["mase"].value is None


def test_interval_draws_dates_and_not_rows() -> None:
    """Rows of one date have one error here: drawn one by one they would seem ten times as many."""
    dice = np.random.default_rng(1)
    error = np.repeat(dice.normal(size=40), 10)
    functions = {"mean": lambda weights: weights @ error / weights.sum(axis=1)}
    by_row = metrics.drawn(functions, 400)["mean"]
    by_date = metrics.drawn(functions, 400, np.repeat(np.arange(40), 10))["mean"]
    widths = [one.high - one.low for one in (by_row, by_date)]  # type: ignore[operator]
    assert widths[1] / widths[0] == pytest.approx(np.sqrt(10), rel=0.3)
