"""What the model sees: numbers as they are, categories as codes, texts as weighed words."""

import numpy as np
from modelyard.data import DataContract
from modelyard.tables import is_numeric
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import OrdinalEncoder


def build_features(contract: DataContract) -> ColumnTransformer:
    """One transformer per kind of column, for the columns the data contract calls features.

    Numbers, booleans (0 or 1) and dates (days since 1970) arrive as floats, NaN where missing;
    categories and texts as strings, missing ones already spelled out. Trees need no scaling, and
    LightGBM learns on which side of a split a gap belongs.
    """
    texts = [column.name for column in contract.feature_columns if column.kind == "text"]
    words = [(f"words{position}", _words(), name) for position, name in enumerate(texts)]
    return ColumnTransformer(
        [
            ("numbers", "passthrough", _numbers(contract)),
            ("categories", _codes(), _categories(contract)),
            *words,
        ]
    )


def category_positions(contract: DataContract) -> list[int]:
    """Where the codes are among what the model sees."""
    first = len(_numbers(contract))
    return list(range(first, first + len(_categories(contract))))


def _numbers(contract: DataContract) -> list[str]:
    return [column.name for column in contract.feature_columns if is_numeric(column)]


def _categories(contract: DataContract) -> list[str]:
    others = [column for column in contract.feature_columns if not is_numeric(column)]
    return [column.name for column in others if column.kind != "text"]


def _codes() -> OrdinalEncoder:
    """A number per category; those seen fewer than five times share one, unknown ones are gaps."""
    return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, min_frequency=5)


def _words() -> TfidfVectorizer:
    """The 500 most frequent words, rare ones weighing more; words of one letter count too."""
    return TfidfVectorizer(max_features=500, token_pattern=r"\b\w+\b")
