"""The forecast section of project.yaml: what it leaves unsaid, and how each mistake is told."""

from datetime import date
from pathlib import Path

import pytest

from modelyard.errors import ProjectError
from modelyard.forecast_section import Forecast
from modelyard.project import load

STATED = "{time: month, frequency: month, horizon: 12, test_from: 2026-01-01}"


def forecasting(file: Path, forecast: str | None, problem: str = "forecasting") -> Path:
    """The minimal project, made one that forecasts."""
    text = file.read_text().replace(", row_key: id", "").replace("[black, hispan, male]", "[]")
    section = f", forecast: {forecast}" if forecast else ""
    file.write_text(text.replace("problem: binary", f"problem: {problem}{section}"))
    return file


def test_what_most_series_have_is_the_default(project_file: Path) -> None:
    stated = load(forecasting(project_file, STATED)).model.forecast
    assert stated == Forecast(
        time="month", frequency="month", horizon=12, test_from=date(2026, 1, 1)
    )
    assert (stated.cycle, stated.window, stated.history) == (12, 3, 12)


@pytest.mark.parametrize(("problem", "learned_as"), [(None, "binary"), (STATED, "regression")])
def test_rows_of_a_forecast_are_those_of_a_regression(
    project_file: Path, problem: str | None, learned_as: str
) -> None:
    file = forecasting(project_file, problem) if problem else project_file
    assert load(file).model.learned_as == learned_as


def test_labels_are_awaited_as_long_as_a_forecast_looks_ahead(project_file: Path) -> None:
    assert load(project_file).reviewed_monitoring["label_days"] == 14
    ahead = load(forecasting(project_file, STATED)).reviewed_monitoring["label_days"]
    assert ahead == 12 * 31 + 14


def test_stated_days_of_labels_win(project_file: Path) -> None:
    file = forecasting(project_file, STATED)
    file.write_text(file.read_text() + "monitoring: {label_days: 60}\n")
    assert load(file).reviewed_monitoring["label_days"] == 60


MISTAKES = [
    (None, "forecasting", "model: 'forecast' is missing; add it, such as forecast: {time: month"),
    (STATED, "regression", "model: 'forecast' is for problem: forecasting, not regression; remove"),
    (STATED.replace("month,", "approve,", 1), "forecasting", "names the target 'approve' as some"),
    (
        STATED.replace("}", ", known_covariates: [month]}"),
        "forecasting",
        "'forecast' names 'month' twice; keep one",
    ),
    (
        STATED.replace("frequency: month", "frequency: monthly"),
        "forecasting",
        "model.forecast.frequency: 'monthly' is not one of hour, day, week, month",
    ),
    (
        STATED.replace("horizon: 12", "horizon: 0"),
        "forecasting",
        "model.forecast.horizon: Input should be greater than or equal to 1",
    ),
    (
        STATED.replace("horizon:", "horizons:"),
        "forecasting",
        "model.forecast.horizons: unknown key; did you mean 'horizon'?",
    ),
    (
        STATED.replace("2026-01-01", "last year"),
        "forecasting",
        "model.forecast.test_from: 'last year' is no date; write one such as 2027-05-01",
    ),
]


@pytest.mark.parametrize(("forecast", "problem", "told"), MISTAKES)
def test_mistake_is_told_with_key_and_fix(
    project_file: Path, forecast: str | None, problem: str, told: str
) -> None:
    with pytest.raises(ProjectError) as refused:
        load(forecasting(project_file, forecast, problem))
    assert told in str(refused.value)


def test_series_and_time_are_the_key_of_a_row(project_file: Path) -> None:
    file = forecasting(project_file, STATED)
    file.write_text(
        file.read_text().replace("legal_basis: contract", "legal_basis: x, row_key: id")
    )
    with pytest.raises(ProjectError, match="series and time name a row of a forecast already"):
        load(file)
