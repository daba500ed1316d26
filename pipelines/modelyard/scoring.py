"""Rows of a request to the predictions of its answer, and the reasons for them where asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelyard import explain
from modelyard.model import Model
from modelyard.requests import Row, RowReader
from modelyard.row_batches import BatchReader

# From so many rows on, arrays are faster than arithmetic row by row.
BATCH_FROM = 16


@dataclass(frozen=True)
class Scored:
    """Predictions, and as many explanations or None."""

    predictions: Sequence[Mapping[str, Any]]
    explanations: Sequence[Mapping[str, Any]] | None = None


class Scoring:
    """One model's way from rows to answers: the same bits for a row alone and among many."""

    def __init__(self, model: Model) -> None:
        self._model = model
        columns = model.contract.feature_columns
        self._reader = RowReader(columns, [column.name for column in model.contract.columns])
        self._batches = BatchReader(columns, self._reader)

    def score(self, rows: Sequence[Row]) -> Scored:
        """Predictions; DataError and ValueError say why rows cannot be scored."""
        model, scorer, read = self._model, self._model.scorer, self._reader.read
        if scorer is None or len(rows) >= BATCH_FROM:
            return Scored(model.predictions(self._batches.read(rows)))
        return Scored(
            [
                model.prediction(scorer.finish(scorer.decide_row(read(row, number))))
                for number, row in enumerate(rows, 1)
            ]
        )

    def explain(self, rows: Sequence[Row]) -> Scored:
        """Predictions with what each column added; ExplanationError where the model cannot say."""
        model, arrays = self._model, self._batches.read(rows)
        predictions = model.predictions(arrays)
        explained = explain.explain(model, arrays)
        return Scored(
            predictions,
            [
                explained.row(index, self._output(prediction, len(explained.base)))
                for index, prediction in enumerate(predictions)
            ],
        )

    def _output(self, prediction: Mapping[str, Any], outputs: int) -> int:
        """Of several classes, the predicted one is explained."""
        return self._model.labels.index(prediction["prediction"]) if outputs > 1 else 0
