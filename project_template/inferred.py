"""What the data say: their contract and, of series, how far apart periods are and where to test."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from answers import AnswerError, Answers

from modelyard.data import DataContract, infer

if TYPE_CHECKING:
    import pandas as pd

    from modelyard.forecast_section import Forecast
    from modelyard.forecasting.inference import Suggested


def read_data(answers: Answers) -> pd.DataFrame:
    """The team's data, or the bundled example."""
    if answers.example:
        return answers.example.read()
    from modelyard.tables import read_table  # takes a second, which a misspelt name need not wait

    return read_table(Path(answers.dataset))


def check_row_key(frame: pd.DataFrame, row_key: str) -> None:
    """A key names one row; whole rows that were exported twice are no contradiction."""
    if row_key not in frame.columns:
        return
    distinct = frame.astype(str).drop_duplicates()
    twice = distinct.loc[distinct[row_key].duplicated(), row_key]
    if len(twice):
        raise AnswerError(
            f"row_key: '{row_key}' says {twice.iloc[0]!r} in several different rows "
            f"({len(twice)} repetitions in all); name a column that tells rows apart, or none"
        )


def infer_contract(answers: Answers, frame: pd.DataFrame) -> DataContract:
    """The data contract; a ModelyardError says why there can be none."""
    if answers.row_key:
        check_row_key(frame, answers.row_key)
    if answers.problem == "forecasting":
        return suggested(answers, frame).contract
    contract = infer(
        frame, answers.target, answers.row_key or None, answers.protected, answers.problem
    )
    return without(contract, answers.example.late) if answers.example else contract


def without(contract: DataContract, late: Mapping[str, str]) -> DataContract:
    """The contract with columns dropped that are known too late, each with its reason."""
    columns = (
        column.model_copy(update={"use": "drop", "reason": late[column.name]})
        if column.name in late
        else column
        for column in contract.columns
    )
    return DataContract(columns=tuple(columns))


def suggested(answers: Answers, frame: pd.DataFrame) -> Suggested:
    """The contract and the forecast section that series suggest."""
    from modelyard.forecasting.inference import infer as infer_series

    return infer_series(
        frame,
        answers.target,
        answers.time_column,
        answers.series_column or None,
        int(answers.horizon) if answers.horizon else None,
        answers.example.known_ahead if answers.example else (),
        answers.protected,
    )


def stated(forecast: Forecast) -> str:
    """The forecast section as project.yaml writes it, below `model:`."""
    document = forecast.model_dump(exclude_defaults=True)
    document["known_covariates"] = list(forecast.known_covariates)
    text = yaml.safe_dump(document, sort_keys=False, default_flow_style=None, allow_unicode=True)
    return textwrap.indent(text.rstrip(), " " * 4)
