"""Rows to ask a served model about: the same as training rows, but for the target."""

from typing import Any

import pandas as pd
import pytest

from modelyard.arrays import prepared_columns
from modelyard.data import DataError
from modelyard.errors import ModelyardError
from modelyard.forecasting import KEY, rows, rows_of, supervised
from modelyard.tables import to_arrays, to_rows


def test_rows_are_those_that_training_would_have_made(
    contract: Any, sales: Any, forecast: Any
) -> None:
    """What was asked in June 2022 is what a model learned once July to September were known."""
    asked = rows_of(sales(30), contract, forecast())
    table = supervised(to_arrays(sales(36), prepared_columns(contract)), contract, forecast())
    columns = table.contract.used("key", "feature")
    learned = {row[KEY]: row for row in to_rows(table.arrays, columns)}
    assert len(asked) == 6
    assert asked == [learned[row[KEY]] for row in asked]


def test_rows_reach_as_far_as_the_horizon(contract: Any, sales: Any, forecast: Any) -> None:
    asked = rows_of(sales(13), contract, forecast())
    assert [row[KEY] for row in asked[:3]] == [
        "north 2021-02-01 +1",
        "north 2021-03-01 +2",
        "north 2021-04-01 +3",
    ]


def test_covariates_known_ahead_come_with_rows_without_a_target(
    contract: Any, sales: Any, forecast: Any
) -> None:
    history = sales(27)
    history.loc[history["month"] >= "2022-01-01", "sales"] = None
    asked = rows_of(history, contract, forecast(known_covariates=["price"]))
    assert [row["price"] for row in asked[:3]] == [101_024.0, 101_025.0, 101_026.0]
    assert asked[0][KEY] == "north 2022-01-01 +1"


def test_missing_covariates_are_told_with_their_dates(
    contract: Any, sales: Any, forecast: Any
) -> None:
    with pytest.raises(DataError, match="ends before the last period to predict, 2022-03-01"):
        rows_of(sales(24), contract, forecast(known_covariates=["price"]))


def test_short_history_is_told_with_what_is_needed(
    contract: Any, sales: Any, forecast: Any
) -> None:
    with pytest.raises(DataError, match=r"has 6 periods with a value; .* the last 12"):
        rows_of(sales(6), contract, forecast())


def test_history_without_rows_is_told(contract: Any, forecast: Any) -> None:
    empty = pd.DataFrame(columns=["month", "shop", "sales", "price", "visitors"])
    with pytest.raises(DataError, match="holds no rows"):
        rows_of(empty, contract, forecast())


def test_project_that_does_not_forecast_is_told(tmp_path: Any, project_file: Any) -> None:
    with pytest.raises(ModelyardError, match="the problem is binary, not forecasting"):
        rows([], project_file)
