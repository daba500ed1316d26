"""What the adapter puts before a model that expects less than it will be given.

A request may lack values and holds categories as texts. A team's pipeline that met neither in its
data fails on them; a bare estimator takes numbers only.
"""

from __future__ import annotations

from typing import Literal

from modelyard.adopt import kinds
from modelyard.adopt.extract import NUMBERS
from modelyard.adopt.model_choice import ModelChoice
from modelyard.data import DataContract
from modelyard.tables import is_numeric

NAME = "prepared"
NUMERIC = "from modelyard.tables import is_numeric"
WORDS = {
    "gaps": "a request may lack numbers, which the model cannot take: the adapter fills in medians",
    "columns": "the model takes only numbers: the adapter encodes categories before it",
}
_COMPOSE = {NUMERIC, "from sklearn.compose import ColumnTransformer"}
_READ_TEXTS = ("ColumnTransformer", "column_transformer", "Encoder", "Vectorizer")
_IMPUTE = "from sklearn.impute import SimpleImputer"
_IMPUTER = 'SimpleImputer(strategy="median", keep_empty_features=True)'


def kind(choice: ModelChoice, contract: DataContract) -> Literal["gaps", "columns"] | None:
    """What has to come before the model, if anything."""
    gaps = kinds.fills_gaps([*choice.made.learners])
    if choice.made.complete:
        used = " ".join(choice.script.imports.values())
        numbers = [is_numeric(column) for column in contract.feature_columns]
        if not all(numbers) and not any(word in used for word in _READ_TEXTS):
            return "columns"
        return "gaps" if any(numbers) and not gaps and "Imputer" not in used else None
    if gaps and all(is_numeric(column) for column in contract.feature_columns):
        return None
    return "columns"


def lines(choice: ModelChoice, contract: DataContract) -> tuple[list[str], set[str]]:
    """Statements that make it, under NAME, and the imports they need."""
    needed = kind(choice, contract)
    if needed is None:
        return [], set()
    return _gaps() if needed == "gaps" else _columns(kinds.fills_gaps([*choice.made.learners]))


def _gaps() -> tuple[list[str], set[str]]:
    """Medians in place of gaps, every column under its own name."""
    return [
        f"numbers = {NUMBERS}",
        f"medians = {_IMPUTER}",
        f"{NAME} = ColumnTransformer(\n"
        '    [("numbers", medians, numbers)], remainder="passthrough",'
        " verbose_feature_names_out=False\n"
        ').set_output(transform="pandas")',
    ], {*_COMPOSE, _IMPUTE}


def _columns(takes_gaps: bool) -> tuple[list[str], set[str]]:
    """Numbers as they are, or with medians in their gaps; categories as numbers."""
    encoder = (
        'OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)'
        if takes_gaps
        else 'OneHotEncoder(handle_unknown="ignore")'
    )
    values = '"passthrough"' if takes_gaps else "medians"
    used = NUMBERS.replace("contract.feature_columns", "used")
    made = [
        "used = contract.feature_columns",
        f"numbers = {used}",
        f"""categories = {used.replace("is_numeric(column)", 'column.kind == "category"')}""",
        *([] if takes_gaps else [f"medians = {_IMPUTER}"]),
        f"codes = {encoder}",
        f"{NAME} = ColumnTransformer(\n"
        f'    [("numbers", {values}, numbers), ("categories", codes, categories)]\n)',
    ]
    needed = {*_COMPOSE, f"from sklearn.preprocessing import {encoder.partition('(')[0]}"}
    return made, needed | (set() if takes_gaps else {_IMPUTE})
