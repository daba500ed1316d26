"""What a sample of series suggests, and what it cannot be used for."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from modelyard.data import DataError
from modelyard.forecast_section import Forecast
from modelyard.forecasting.inference import infer


def test_monthly_sales_suggest_a_year_and_the_last_fifth_to_test(sales: Any) -> None:
    found = infer(sales(60), "sales", "month", "shop", known_covariates=["price"])
    assert found.forecast.frequency == "month"
    assert (found.forecast.horizon, found.forecast.cycle) == (12, 12)
    assert str(found.forecast.test_from) == "2024-01-01"


def test_section_reads_back_from_project_yaml(sales: Any) -> None:
    found = infer(sales(60), "sales", "month", "shop", 6)
    assert Forecast(**yaml.safe_load(found.section)) == found.forecast


def test_contract_knows_time_series_and_target() -> None:
    months = pd.date_range("2020-01-31", periods=60, freq="ME").strftime("%d.%m.%Y")
    dice = np.random.default_rng(2)
    frame = pd.DataFrame({"when": months, "value": dice.normal(100, 9, 60), "note": "same"})
    found = infer(frame, "value", "when", horizon=3)
    uses = {column.name: (column.kind, column.use) for column in found.contract.columns}
    assert uses["when"] == ("date", "feature")
    assert uses["value"] == ("number", "target")
    assert uses["note"][1] == "drop"
    assert found.forecast.series is None


def test_target_in_other_words_is_dropped() -> None:
    """A logarithm is the same number; a forecast has it as the target's past already."""
    dice = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "month": pd.date_range("2015-01-01", periods=80, freq="MS").astype(str),
            "sales": dice.uniform(100, 900, 80),
        }
    )
    frame["log_sales"] = np.log(frame["sales"])
    column = infer(frame, "sales", "month").contract["log_sales"]
    assert (column.use, column.reason) == ("drop", "is the target 'sales' on another scale")


def test_many_series_are_told_apart_but_not_learned_by_name() -> None:
    months = pd.date_range("2015-01-01", periods=60, freq="MS").astype(str)
    dice = np.random.default_rng(3)
    frame = pd.DataFrame(
        [
            {"month": month, "shop": f"shop-{number}", "sales": dice.normal(100)}
            for number in range(60)
            for month in months
        ]
    )
    found = infer(frame, "sales", "month", "shop", 3)
    assert found.contract["shop"].kind == "identifier"


@pytest.mark.parametrize(
    ("freq", "frequency"),
    [("h", "hour"), ("D", "day"), ("W-SUN", "week"), ("ME", "month"), ("QS", "quarter")],
)
def test_frequency_is_that_of_most_dates(freq: str, frequency: str) -> None:
    times = pd.date_range("2010-01-01", periods=300, freq=freq)
    values = np.random.default_rng(5).normal(size=300)
    frame = pd.DataFrame({"at": times.astype(str), "value": values})
    assert infer(frame, "value", "at").forecast.frequency == frequency


MISTAKES = [
    ({"time": "moment"}, lambda frame: frame, "the time column 'moment' is not in the data"),
    ({"time": "price"}, lambda frame: frame, "the time column 'price' holds no dates"),
    ({"series": "store"}, lambda frame: frame, "the series column 'store' is not in the data"),
    ({"series": None}, lambda frame: frame, "the frequency cannot be inferred"),
    ({}, lambda frame: frame[frame["month"] != "2021-03-01"], "has no row for the month of"),
    ({}, lambda frame: frame.head(20).assign(shop="north"), "bring more periods, or lower"),
    ({"horizon": 20}, lambda frame: frame, "none to test on: bring more periods"),
    ({}, lambda frame: frame.assign(sales="x"), "is constant"),
    ({}, lambda frame: frame.assign(month=frame["month"].where(frame.index > 2)), "empty in some"),
    ({}, lambda frame: frame.assign(shop=frame["shop"].where(frame.index > 2)), "empty in some"),
]


@pytest.mark.parametrize(("changes", "spoil", "told"), MISTAKES)
def test_mistake_is_told_with_what_to_do(sales: Any, changes: Any, spoil: Any, told: str) -> None:
    asked = {"target": "sales", "time": "month", "series": "shop", "horizon": 6, **changes}
    with pytest.raises(DataError) as refused:
        infer(spoil(sales(48)), **asked)
    assert told in str(refused.value)
