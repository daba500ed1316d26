"""What the model sees: how each kind of column becomes numbers."""

from modelyard.data import DataContract
from modelyard.tables import is_numeric
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def build_features(contract: DataContract) -> ColumnTransformer:
    """One transformer per kind of column, for the columns the data contract calls features.

    Numbers, booleans (0 or 1) and dates (days since 1970) arrive as floats, NaN where missing;
    categories and texts as strings, missing ones already spelled out.
    """
    numbers = [column.name for column in contract.feature_columns if is_numeric(column)]
    texts = [column.name for column in contract.feature_columns if column.kind == "text"]
    categories = [name for name in contract.features if name not in {*numbers, *texts}]
    words = [(f"words{position}", _words(), name) for position, name in enumerate(texts)]
    return ColumnTransformer(
        [("numbers", _scaled(), numbers), ("categories", _one_hot(), categories), *words]
    )


def _one_hot() -> OneHotEncoder:
    """A column per category; those seen fewer than five times, or never, share one."""
    return OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5)


def _scaled() -> Pipeline:
    """Gaps filled with the median and flagged as gaps, then mean 0 and deviation 1."""
    imputer = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    return make_pipeline(imputer, StandardScaler())


def _words() -> TfidfVectorizer:
    """The 500 most frequent words, rare ones weighing more; words of one letter count too."""
    return TfidfVectorizer(max_features=500, token_pattern=r"\b\w+\b")
