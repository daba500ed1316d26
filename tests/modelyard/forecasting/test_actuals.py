"""Truths of forecast periods become labels of the inferences that predicted them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from modelyard.captures import Record
from modelyard.data import DataError
from modelyard.forecasting import KEY
from modelyard.forecasting.actuals import labels, read


def record(inference_id: str, *keys: str) -> Record:
    moment = datetime(2022, 6, 30, tzinfo=UTC)
    rows = [{KEY: key} for key in keys]
    return Record(inference_id, moment, "", "AllTraffic", rows, [{}] * len(rows), True)


def test_each_row_whose_period_is_over_gets_its_label(
    contract: Any, sales: Any, forecast: Any
) -> None:
    asked = [
        record("first", "north 2022-07-01 +1", "north 2022-08-01 +2", "north 2023-01-01 +7"),
        record("second", "south 2022-08-01 +1"),
    ]
    known = read(sales(), contract, forecast())
    found = [(one.inference_id, one.row, one.label) for one in labels(asked, known, forecast())]
    assert found == [("first", 1, 1030.0), ("first", 2, 1031.0), ("second", 1, 2031.0)]


def test_dates_need_not_be_written_alike(contract: Any, sales: Any, forecast: Any) -> None:
    frame = sales().replace({"month": {"2022-07-01": "2022-07-31"}})
    known = read(frame, contract, forecast())
    found = labels([record("one", "north 2022-07-01 +1")], known, forecast())
    assert [one.label for one in found] == [1030.0]


def test_requests_that_are_no_forecasts_get_no_label(
    contract: Any, sales: Any, forecast: Any
) -> None:
    known = read(sales(), contract, forecast())
    strange = Record(
        "x", datetime(2022, 6, 30, tzinfo=UTC), "", "", [{"shop": "north"}], [{}], True
    )
    assert list(labels([strange], known, forecast())) == []


def test_two_truths_of_one_period_are_told(contract: Any, sales: Any, forecast: Any) -> None:
    frame = sales()
    frame.loc[3, "month"] = frame.loc[2, "month"]
    with pytest.raises(DataError, match="series 'north' has two values for 2020-03-01"):
        read(frame, contract, forecast())
