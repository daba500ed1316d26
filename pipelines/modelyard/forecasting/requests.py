"""Rows to ask a served model about, built from recent history as training rows were."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from modelyard import project as projects
from modelyard.arrays import prepared_columns
from modelyard.data import DataContract, DataError
from modelyard.forecast_section import Forecast
from modelyard.forecasting.contract import derived
from modelyard.forecasting.keys import KEY
from modelyard.forecasting.series import series_of
from modelyard.forecasting.table import next_rows
from modelyard.tables import to_arrays, to_rows

if TYPE_CHECKING:
    import pandas as pd


def rows(
    history: "pd.DataFrame | Sequence[Mapping[str, Any]]",
    project: str | Path = "project.yaml",
) -> list[dict[str, Any]]:
    """The rows that ask for the next periods of every series in `history`, as JSON values.

    Args:
        history: raw rows as the data set writes them, at least `season` and `lags` of each series;
            rows without a target tell covariates of the periods to predict.
        project: the project.yaml whose model is served; its data contract lies beside it.

    Raises:
        DataError: a series is too short, has a gap, or lacks known covariates.
    """
    stated = projects.load(project)
    if stated.model.forecast is None:
        raise DataError(f"{project}: the problem is {stated.model.problem}, not forecasting")
    contract = DataContract.load(Path(project).parent / stated.dataset.contract)
    return rows_of(history, contract, stated.model.forecast)


def rows_of(
    history: "pd.DataFrame | Sequence[Mapping[str, Any]]", raw: DataContract, forecast: Forecast
) -> list[dict[str, Any]]:
    """The same, of a data contract and a forecast that are loaded already."""
    wanted = [column for column in prepared_columns(raw) if column.use != "key"]
    arrays = to_arrays(history, wanted)
    if not len(arrays[forecast.time]):
        raise DataError("the history holds no rows; send the newest periods of each series")
    found, periods = series_of(arrays, forecast, raw.target)
    made = [next_rows(one, periods, raw, forecast) for one in found]
    contract = derived(raw, forecast)
    columns = contract.used("key", "feature", "protected")
    joined = {
        column.name: np.concatenate([part[column.name] for part in made]) for column in columns
    }
    return to_rows(joined, sorted(columns, key=lambda column: column.name != KEY))
