"""The benchmark's model saved as a model repo's train job would save it."""

from __future__ import annotations

from pathlib import Path

from modelyard import model
from modelyard.data import infer
from modelyard.tables import as_frame, to_arrays

COLUMNS = tuple(f"x{number}" for number in range(20))


def save(folder: Path) -> None:
    """Scaler and logistic regression over 20 numbers, without pickle."""
    import pandas
    from sklearn.datasets import make_classification
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    features, target = make_classification(2000, 20, random_state=0)
    frame = pandas.DataFrame(features, columns=list(COLUMNS)).assign(y=target)
    contract = infer(frame, "y", problem="binary")
    arrays = to_arrays(frame, contract.feature_columns)
    estimator = make_pipeline(StandardScaler(), LogisticRegression())
    estimator.fit(as_frame(arrays, contract.feature_columns), target)
    model.save(estimator, folder, contract, "binary", arrays)
