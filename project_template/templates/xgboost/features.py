"""What the model sees: numbers as they are, a column per category, texts as weighed words."""

from modelyard.data import DataContract
from modelyard.tables import is_numeric
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import OneHotEncoder


def build_features(contract: DataContract) -> ColumnTransformer:
    """One transformer per kind of column, for the columns the data contract calls features.

    Numbers, booleans (0 or 1) and dates (days since 1970) arrive as floats, NaN where missing;
    categories and texts as strings, missing ones already spelled out. Trees need no scaling, and
    XGBoost learns on which side of a split a gap belongs. It takes a zero of a sparse matrix for
    a gap, so there are none.
    """
    numbers = [column.name for column in contract.feature_columns if is_numeric(column)]
    texts = [column.name for column in contract.feature_columns if column.kind == "text"]
    categories = [name for name in contract.features if name not in {*numbers, *texts}]
    words = [(f"words{position}", _words(), name) for position, name in enumerate(texts)]
    return ColumnTransformer(
        [("numbers", "passthrough", numbers), ("categories", _one_hot(), categories), *words],
        sparse_threshold=0,
    )


def _one_hot() -> OneHotEncoder:
    """A column per category; those seen fewer than five times, or never, share one."""
    return OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5)


def _words() -> TfidfVectorizer:
    """The 500 most frequent words, rare ones weighing more; words of one letter count too."""
    return TfidfVectorizer(max_features=500, token_pattern=r"\b\w+\b")
