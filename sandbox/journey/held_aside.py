"""Rows of a model repo's own data that no training saw, to ask a served model about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from modelyard import forecasting
from modelyard.data import DataContract
from modelyard.forecast_section import Forecast
from modelyard.project import Project
from modelyard.split import key_identity, row_identity, split_of
from modelyard.tables import cells, read_column, read_table


def held_aside(repo: Path, project: Project) -> list[dict[str, Any]]:
    """Rows as the data file writes them, features only.

    A row is held aside when the project's own split puts it into the test set. Of series, the
    newest periods are, and asked about as if they were still to come.
    """
    contract = DataContract.load(repo / project.dataset.contract)
    frame = read_table(repo / project.dataset.source)
    forecast = project.model.forecast
    if forecast is not None:
        past = without_last(frame, contract, forecast)
        return forecasting.rows_of(past, contract, forecast)
    names = [column.name for column in contract.columns if column.name in frame.columns]
    raw = {name: cells(frame, name) for name in names}
    rows = []
    for values in zip(*raw.values(), strict=True):
        row = dict(zip(names, values, strict=True))
        key = contract.row_key
        identity = key_identity(row[key]) if key else row_identity(names, values)
        if split_of(identity) == "test":
            rows.append({name: row[name] for name in contract.features})
    return rows


def without_last(frame: pd.DataFrame, contract: DataContract, forecast: Forecast) -> pd.DataFrame:
    """The series as they were `horizon` periods ago: known covariates stay, targets go."""
    days = pd.Series(
        read_column(cells(frame, forecast.time), contract[forecast.time])[0], frame.index
    )
    by = frame[forecast.series] if forecast.series else pd.Series(0, frame.index)
    newest = days.groupby(by).rank(ascending=False) <= forecast.horizon
    return frame.assign(**{contract.target: frame[contract.target].mask(newest)})
