"""What a forecasting model had seen when it was trained, kept with it so that tests stay honest."""

from collections.abc import Mapping
from typing import Any

from modelyard.forecast_section import Forecast
from modelyard.forecasting.periods import Periods

# Where a model's training record keeps it.
LEARNED_UNTIL = "learned_until"


def learned_until(forecast: Forecast) -> dict[str, str]:
    """The first period that a model trained now does not learn from, as its record keeps it."""
    periods = Periods(forecast.frequency)
    first = periods.number_of(forecast.test_from) - forecast.horizon
    return {LEARNED_UNTIL: periods.text(first)}


def has_seen(training: Mapping[str, Any] | None, forecast: Forecast) -> str | None:
    """Why a model cannot be tested on today's test periods: it learned from some; None if it can.

    ISO dates compare as texts do.
    """
    stated = str((training or {}).get(LEARNED_UNTIL, ""))
    periods = Periods(forecast.frequency)
    test = periods.text(periods.number_of(forecast.test_from))
    if stated <= test:
        return None
    return (
        f"the champion learned from periods before {stated}, which are test periods now: "
        "model.forecast.test_from was moved back"
    )
