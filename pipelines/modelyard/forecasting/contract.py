"""The data contract of the rows a forecasting model learns from, derived from that of raw rows."""

from collections.abc import Iterator

from modelyard.data import Column, DataContract, DataError
from modelyard.forecast_section import Forecast
from modelyard.forecasting.keys import KEY
from modelyard.forecasting.periods import CALENDAR, CALENDAR_VALUES
from modelyard.tables import is_numeric

STEP = "step"


def lag(target: str, number: int) -> str:
    """The column of the newest value but `number` - 1."""
    return f"{target}_lag_{number}"


def seasonal(target: str) -> str:
    """The column of the value one season before: what the seasonal naive forecast predicts."""
    return f"{target}_season_before"


def mean(target: str) -> str:
    """The column of the mean of the last season."""
    return f"{target}_mean"


def at_origin(covariate: str) -> str:
    """The column of a covariate's newest value when the forecast is made."""
    return f"{covariate}_at_origin"


def derived(raw: DataContract, forecast: Forecast) -> DataContract:
    """The contract of supervised rows; DataError where the raw one does not fit the forecast."""
    _require_fit(raw, forecast)
    columns = tuple(_columns(raw, forecast))
    names = [column.name for column in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            f"the column '{twice[0]}' has the name of one that forecasting adds; rename it"
        )
    return DataContract(columns=columns)


def covariates(raw: DataContract, forecast: Forecast) -> tuple[Column, ...]:
    """The features of raw rows that are neither their time nor their series."""
    return tuple(
        column
        for column in raw.feature_columns
        if column.name not in (forecast.time, forecast.series)
    )


def _columns(raw: DataContract, forecast: Forecast) -> Iterator[Column]:
    yield Column(name=KEY, kind="identifier", use="key", unique=True)
    if forecast.series:
        yield raw[forecast.series]
    yield Column(name=STEP, kind="integer", use="feature", min=1, max=forecast.horizon)
    goal = raw.target_column
    value = Column(
        name=goal.name,
        kind="number",
        use="feature",
        missing_rate=goal.missing_rate,
        min=goal.min,
        max=goal.max,
        actionable=False,
    )
    known = [lag(goal.name, number) for number in range(1, forecast.window + 1)]
    for name in (*known, seasonal(goal.name), mean(goal.name)):
        yield value.model_copy(update={"name": name})
    for name in CALENDAR[forecast.frequency]:
        kinds = CALENDAR_VALUES[name]
        yield Column(name=name, kind="category", use="feature", categories=kinds, actionable=False)
    for column in covariates(raw, forecast):
        known_ahead = column.name in forecast.known_covariates
        name = column.name if known_ahead else at_origin(column.name)
        yield column.model_copy(update={"name": name})
    yield from raw.used("protected")
    yield goal.model_copy(update={"kind": "number"})


def _require_fit(raw: DataContract, forecast: Forecast) -> None:
    known = {column.name: column for column in raw.columns}
    stated = {"time": forecast.time, "series": forecast.series}
    for key, name in stated.items():
        if name is not None and (name not in known or known[name].use != "feature"):
            raise DataError(
                f"project.yaml: model.forecast.{key}: '{name}' is no column with 'use: feature' "
                "in the data contract; correct one of them"
            )
    if known[forecast.time].kind != "date":
        raise DataError(
            f"project.yaml: model.forecast.time: '{forecast.time}' is of kind "
            f"{known[forecast.time].kind}; name a column of kind date"
        )
    if not is_numeric(raw.target_column):
        raise DataError(f"the target '{raw.target}' is not numeric; a forecast needs numbers")
    if raw.row_key is not None:
        raise DataError(
            f"the column '{raw.row_key}' has 'use: key', but series and time name a row of a "
            "forecast; give it 'use: drop'"
        )
    _require_covariates(raw, forecast)


def _require_covariates(raw: DataContract, forecast: Forecast) -> None:
    usable = {column.name: column for column in covariates(raw, forecast)}
    for name in forecast.known_covariates:
        if name not in usable:
            raise DataError(
                f"project.yaml: model.forecast.known_covariates: '{name}' is no column with "
                "'use: feature' in the data contract; correct one of them"
            )
    for column in usable.values():
        if column.kind in ("date", "text", "identifier"):
            raise DataError(
                f"column '{column.name}' is of kind {column.kind}, which a forecast cannot use; "
                "give it 'use: drop' in the data contract"
            )
