"""Dates and the numbers of their periods: there and back, as the data write them."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelyard.forecasting.periods import CALENDAR_VALUES, Periods, calendar

FREQUENCIES = st.sampled_from(["hour", "day", "week", "month", "quarter", "year"])


def days(*texts: str) -> Any:
    moments = pd.to_datetime(list(texts))
    return (moments - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)


@given(FREQUENCIES, st.integers(-800, 800))
def test_number_of_a_periods_date_is_its_number(frequency: Any, number: int) -> None:
    periods = Periods(frequency)
    assert periods.number(periods.day(np.array([number]))).tolist() == [number]
    assert periods.number_at(periods.text(number)) == number


@given(FREQUENCIES, st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(1, 60))
def test_numbers_are_consecutive(frequency: Any, day: date, count: int) -> None:
    step = {"hour": timedelta(hours=1), "day": timedelta(1), "week": timedelta(7)}
    offsets = {"month": "MS", "quarter": "QS", "year": "YS"}
    found = pd.date_range(day, periods=count, freq=step.get(frequency, offsets.get(frequency)))
    numbers = Periods(frequency).number(days(*map(str, found)).to_numpy())
    assert set(np.diff(numbers).tolist()) <= {1}


@pytest.mark.parametrize(
    ("frequency", "written", "following"),
    [
        ("month", ("2021-11-30", "2021-12-31"), "2022-01-31"),
        ("month", ("2021-12-15", "2022-01-15"), "2022-02-15"),
        ("month", ("2021-12-30", "2022-01-30"), "2022-02-28"),
        ("month", ("2021-12-03", "2022-01-02"), "2022-02-01"),
        ("quarter", ("2021-09-30", "2021-12-31"), "2022-03-31"),
        ("week", ("2021-12-26", "2022-01-02"), "2022-01-09"),
        ("day", ("2022-02-27", "2022-02-28"), "2022-03-01"),
        ("year", ("2020-12-31", "2021-12-31"), "2022-12-31"),
        ("hour", ("2022-02-28 22:00", "2022-02-28 23:00"), "2022-03-01T00:00:00"),
    ],
)
def test_next_date_is_written_as_the_data_write_dates(
    frequency: Any, written: tuple[str, ...], following: str
) -> None:
    past = days(*written).to_numpy()
    periods = Periods.like(frequency, past)
    assert periods.text(int(periods.number(past)[-1]) + 1) == following


def test_calendar_says_what_everybody_knows_of_a_day() -> None:
    periods = Periods("day")
    said = calendar(periods, periods.number(days("2026-11-21").to_numpy()))
    assert {name: texts.tolist() for name, texts in said.items()} == {
        "day_of_week": ["6"],
        "month_of_year": ["11"],
    }


@given(FREQUENCIES, st.integers(-100_000, 100_000))
def test_calendar_says_nothing_that_the_contract_does_not_list(frequency: Any, number: int) -> None:
    for name, texts in calendar(Periods(frequency), np.array([number])).items():
        assert texts[0] in CALENDAR_VALUES[name]
