"""Which set a row is in: by the date of the period it predicts, and by nothing else.

New periods join the test set; no row moves unless project.yaml's `test_from` is edited. What a
training row says, features and target, is older than every validation and test target.
"""

from collections.abc import Sequence

from modelyard.data import DataError
from modelyard.forecast_section import Forecast
from modelyard.forecasting.periods import Array, Periods
from modelyard.forecasting.series import Series
from modelyard.split import SplitName


def splits(numbers: Array, periods: Periods, forecast: Forecast) -> list[SplitName]:
    """The set of each predicted period."""
    test = periods.number_of(forecast.test_from)
    return [_split(number, test, forecast.horizon) for number in numbers.tolist()]


def rule(forecast: Forecast) -> str:
    """The rule as the dataset manifest and the model card state it."""
    return (
        f"by the date of the predicted period: from {forecast.test_from} test, the "
        f"{forecast.horizon} periods before validation, earlier ones train"
    )


def bounds(found: Sequence[Series], forecast: Forecast) -> tuple[int, int]:
    """The first and the last period with which the test set may begin."""
    first = min(one.first for one in found)
    return first + forecast.history + 2 * forecast.horizon, max(one.end for one in found) - 1


def require_inside(found: Sequence[Series], periods: Periods, forecast: Forecast) -> None:
    """DataError where the test set would be empty, or leave nothing to learn from."""
    low, high = bounds(found, forecast)
    if low > high:
        raise DataError(
            f"the data hold {high - low + forecast.history + 2 * forecast.horizon + 1} periods; "
            f"{forecast.history} before the first prediction and a horizon of {forecast.horizon} "
            f"each for training and validation leave none to test on: bring more periods, or "
            "lower model.forecast.horizon in project.yaml"
        )
    if not low <= periods.number_of(forecast.test_from) <= high:
        raise DataError(
            f"project.yaml: model.forecast.test_from: {forecast.test_from} leaves no periods to "
            f"learn from or none to test on; choose a date from {periods.text(low)} to "
            f"{periods.text(high)}"
        )


def _split(number: int, test: int, horizon: int) -> SplitName:
    if number >= test:
        return "test"
    return "validation" if number >= test - horizon else "train"
