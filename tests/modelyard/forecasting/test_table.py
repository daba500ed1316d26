"""Supervised rows: what each holds, and that nothing in one was unknown when it was made."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelyard.arrays import prepared_columns
from modelyard.data import DataContract, DataError
from modelyard.forecasting import KEY, ForecastKey, supervised
from modelyard.forecasting.supervised import Supervised
from modelyard.tables import to_arrays

LATER = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def made(frame: pd.DataFrame, contract: DataContract, forecast: Any) -> Supervised:
    return supervised(to_arrays(frame, prepared_columns(contract)), contract, forecast)


def row(table: Supervised, key: str) -> dict[str, Any]:
    at = table.arrays[KEY].tolist().index(key)
    return {name: array[at] for name, array in table.arrays.items()}


def month(table: Supervised, at: int) -> int:
    """The position of the month that a row predicts."""
    date = ForecastKey.parse(table.arrays[KEY][at]).date
    return (int(date[:4]) - 2020) * 12 + int(date[5:7]) - 1


def told(table: Supervised) -> dict[str, tuple[str, str]]:
    """The set and the content of each row, by its key."""
    rows = zip(table.arrays[KEY], table.splits, table.identities, strict=True)
    return {key: (split, identity) for key, split, identity in rows}


def test_row_holds_what_was_known_at_its_origin(contract: Any, sales: Any, forecast: Any) -> None:
    table = made(sales(), contract, forecast(known_covariates=["price"]))
    # Made at the end of December 2021, the 24th month, for February 2022.
    assert row(table, "north 2022-02-01 +2") == {
        "forecast_of": "north 2022-02-01 +2",
        "shop": "north",
        "step": 2.0,
        "sales_lag_1": 1023.0,
        "sales_lag_2": 1022.0,
        "sales_lag_3": 1021.0,
        "sales_season_before": 1013.0,
        "sales_mean": np.mean(range(1012, 1024)),
        "month_of_year": "2",
        "price": 101_025.0,
        "visitors_at_origin": 201_023.0,
        "sales": 1025.0,
    }


def test_a_horizon_beyond_the_season_looks_two_seasons_back(
    contract: Any, sales: Any, forecast: Any
) -> None:
    table = made(sales(), contract, forecast(season=2, horizon=3, test_from="2022-01-01"))
    assert row(table, "north 2022-03-01 +3")["sales_season_before"] == 1022.0
    assert row(table, "north 2022-03-01 +2")["sales_season_before"] == 1024.0


@LATER
@given(
    horizon=st.integers(1, 5),
    lags=st.integers(1, 14),
    season=st.integers(1, 13),
    known=st.booleans(),
)
def test_no_feature_is_newer_than_its_rows_origin(
    contract: Any, sales: Any, forecast: Any, horizon: int, lags: int, season: int, known: bool
) -> None:
    """The last three digits of a value are the month it was measured in."""
    stated = forecast(
        horizon=horizon,
        lags=lags,
        season=season,
        known_covariates=["price"] if known else [],
        test_from="2022-06-01",
    )
    table = made(sales(), contract, stated)
    steps = table.arrays["step"].astype(int)
    targets = table.arrays["sales"].astype(int) % 1000
    origins = targets - steps
    assert (targets == [month(table, at) for at in range(len(steps))]).all()
    measured = [name for name in table.arrays if "_lag_" in name or name.endswith("_at_origin")]
    assert len(measured) == lags + (1 if known else 2)
    for name in (*measured, "sales_season_before"):
        assert (table.arrays[name].astype(int) % 1000 <= origins).all(), name
    newest = np.floor(table.arrays["sales_mean"]).astype(int) % 1000
    assert (newest <= origins).all()
    if known:
        assert (table.arrays["price"].astype(int) % 1000 == targets).all()


@LATER
@given(horizon=st.integers(1, 4), split=st.integers(1, 12))
def test_training_rows_hold_nothing_that_validation_or_test_predict(
    contract: Any, sales: Any, forecast: Any, horizon: int, split: int
) -> None:
    stated = forecast(horizon=horizon, test_from=f"2022-{split:02}-01")
    table = made(sales(), contract, stated)
    target = table.arrays["sales"].astype(int) % 1000
    sets = np.array(table.splits)
    newest = {name: target[sets == name].max() for name in ("train", "validation")}
    oldest = {name: target[sets == name].min() for name in ("validation", "test")}
    assert newest["train"] < oldest["validation"] <= newest["validation"] < oldest["test"]
    features = [name for name in table.contract.features if "_lag_" in name or "_at_" in name]
    for name in (*features, "sales_season_before"):
        assert (table.arrays[name][sets == "train"] % 1000 < oldest["validation"]).all(), name
        assert (table.arrays[name][sets == "validation"] % 1000 < oldest["test"]).all(), name


@LATER
@given(more=st.integers(0, 12), dropped=st.integers(0, 6))
def test_no_row_moves_when_periods_are_added_or_expire(
    contract: Any, sales: Any, forecast: Any, more: int, dropped: int
) -> None:
    before = made(sales(), contract, forecast())
    frame = sales(36 + more)
    after = made(frame[frame["sales"] % 1000 >= dropped], contract, forecast())
    was, now = told(before), told(after)
    shared = was.keys() & now.keys()
    assert len(shared) >= len(was) - dropped * 6
    assert {key: was[key] for key in shared} == {key: now[key] for key in shared}
    assert all(now[key][0] == "test" for key in now.keys() - was.keys())


def test_order_of_raw_rows_does_not_matter(contract: Any, sales: Any, forecast: Any) -> None:
    one = made(sales(), contract, forecast())
    other = made(sales().sample(frac=1, random_state=4), contract, forecast())
    assert (one.identities, one.splits) == (other.identities, other.splits)


def test_derived_contract_describes_the_rows(contract: Any, sales: Any, forecast: Any) -> None:
    table = made(sales(), contract, forecast(known_covariates=["price"]))
    assert tuple(table.arrays) == tuple(column.name for column in table.contract.columns)
    assert table.contract.target == "sales"
    assert table.contract.row_key == KEY
    assert table.contract["shop"].categories == ("north", "south")
    assert len(set(table.arrays[KEY])) == len(table.arrays[KEY])


def test_unmeasured_value_is_no_row_and_a_gap_in_others(
    contract: Any, sales: Any, forecast: Any
) -> None:
    frame = sales()
    frame.loc[frame["sales"] == 1020, "sales"] = None
    table = made(frame, contract, forecast())
    keys = table.arrays[KEY].tolist()
    assert "north 2021-09-01 +1" not in keys
    assert "south 2021-09-01 +1" in keys
    after = row(table, "north 2021-10-01 +1")
    assert np.isnan(after["sales_lag_1"])
    assert after["sales_lag_2"] == 1019.0


def test_one_series_needs_no_name(contract: Any, sales: Any, forecast: Any) -> None:
    columns = tuple(column for column in contract.columns if column.name != "shop")
    alone = contract.model_copy(update={"columns": columns})
    table = made(sales(shops=("north",)), alone, forecast(series=None))
    assert table.arrays[KEY][0].startswith("all 2021-01-01")
    assert "shop" not in table.contract.features


def test_series_too_short_to_learn_from_are_named(contract: Any, sales: Any, forecast: Any) -> None:
    frame = sales()
    late = frame[(frame["shop"] == "north") | (frame["month"] >= "2022-01-01")]
    table = made(late, contract, forecast())
    assert table.record["left_out"] == ["south"]
    assert any("too short" in note and "south" in note for note in table.notes)


def test_log_says_when_too_much_is_only_tested(contract: Any, sales: Any, forecast: Any) -> None:
    table = made(sales(60), contract, forecast())
    assert any("test_from" in note for note in table.notes)


MISTAKES = [
    (
        lambda frame: pd.concat([frame, frame.iloc[[5]]]),
        {},
        "series 'north' has two rows for the month of 2020-06-01",
    ),
    (
        lambda frame: frame.drop(columns="shop").assign(shop="north"),
        {},
        "two rows for the month of 2020-01-01 (36 such rows in all)",
    ),
    (
        lambda frame: frame[frame["month"] != "2021-03-01"],
        {},
        "series 'north' has no row for the month of 2021-03-01 (1 are missing in all)",
    ),
    (lambda frame: frame, {"frequency": "week"}, "correct model.forecast.frequency"),
    (lambda frame: frame[frame["month"] < "2021-02-01"], {}, "need 15: bring more periods"),
    (lambda frame: frame, {"horizon": 30}, "lower model.forecast.horizon in project.yaml"),
    (lambda frame: frame, {"horizon": 13}, "none to test on: bring more periods"),
    (
        lambda frame: frame,
        {"test_from": "2031-01-01"},
        "test_from: 2031-01-01 leaves no periods to learn from or none to test on; "
        "choose a date from 2021-07-01 to 2022-12-01",
    ),
    (lambda frame: frame, {"test_from": "2019-01-01"}, "choose a date from"),
    (lambda frame: frame, {"time": "price"}, "model.forecast.time: 'price' is of kind number"),
    (lambda frame: frame, {"time": "day"}, "model.forecast.time: 'day' is no column"),
    (lambda frame: frame, {"series": "store"}, "model.forecast.series: 'store' is no column"),
    (
        lambda frame: frame,
        {"known_covariates": ["discount"]},
        "model.forecast.known_covariates: 'discount' is no column",
    ),
]


@pytest.mark.parametrize(("spoil", "changes", "told"), MISTAKES)
def test_mistake_is_told_with_what_to_do(
    contract: Any, sales: Any, forecast: Any, spoil: Any, changes: Any, told: str
) -> None:
    with pytest.raises(DataError) as refused:
        made(spoil(sales()), contract, forecast(**changes))
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)
