"""The key of a prediction reads back, whatever a series is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelyard.forecasting import ForecastKey


@given(st.text(), st.dates(), st.integers(1, 1000))
def test_key_reads_back(series: str, day: object, step: int) -> None:
    key = ForecastKey(series, str(day), step)
    assert ForecastKey.parse(str(key)) == key


@pytest.mark.parametrize("text", ["", "north", "north 2026-03-01", "north 2026-03-01 2", "None"])
def test_other_text_is_no_key(text: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        ForecastKey.parse(text)
