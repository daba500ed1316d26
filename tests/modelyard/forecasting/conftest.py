"""Small series whose every value says where it comes from."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from modelyard.data import DataContract
from modelyard.forecast_section import Forecast

Section = Callable[..., Forecast]


def _forecast(**changes: Any) -> Forecast:
    stated = {
        "time": "month",
        "series": "shop",
        "frequency": "month",
        "horizon": 3,
        "test_from": "2022-07-01",
    }
    return Forecast(**{**stated, **changes})


@pytest.fixture
def forecast() -> Section:
    """Three months ahead for each shop, but for what a test changes."""
    return _forecast


@pytest.fixture
def contract() -> DataContract:
    """Sales by month and shop, a price that is known ahead, and visitors that are not."""
    return DataContract.parse(
        {
            "columns": [
                {"name": "month", "kind": "date", "use": "feature", "format": "iso"},
                {
                    "name": "shop",
                    "kind": "category",
                    "use": "feature",
                    "categories": ["north", "south"],
                },
                {"name": "sales", "kind": "number", "use": "target"},
                {"name": "price", "kind": "number", "use": "feature"},
                {"name": "visitors", "kind": "number", "use": "feature"},
            ]
        }
    )


def _sales(periods: int = 36, shops: tuple[str, ...] = ("north", "south")) -> pd.DataFrame:
    months = pd.date_range("2020-01-01", periods=periods, freq="MS").strftime("%Y-%m-%d")
    return pd.DataFrame(
        [
            {
                "month": month,
                "shop": shop,
                "sales": 1000 * number + at,
                "price": 100_000 + 1000 * number + at,
                "visitors": 200_000 + 1000 * number + at,
            }
            for number, shop in enumerate(shops, 1)
            for at, month in enumerate(months)
        ]
    )


@pytest.fixture
def sales() -> Callable[..., pd.DataFrame]:
    """A frame in which a value's last three digits are the number of its month."""
    return _sales
