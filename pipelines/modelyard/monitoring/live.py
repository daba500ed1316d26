"""What a window's records hold, gathered in bounded memory: a profile, answers, groups."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from modelyard import explain, profile
from modelyard.captures import Record
from modelyard.data import Column, DataContract
from modelyard.data_check import check
from modelyard.errors import ModelyardError
from modelyard.model import Model
from modelyard.monitoring import explanation, spelling
from modelyard.monitoring.answers import Answers, Kept
from modelyard.monitoring.batches import frame, record_batch
from modelyard.monitoring.labels import Labels
from modelyard.tables import Arrays, read_column

# Rows held at once; more would only cost memory.
BLOCK = 5000
# Contributions are averages: this many rows tell them to two digits.
_EXPLAINED = 20_000


@dataclass
class Live:
    """All that is kept of a window.

    Attributes:
        broken: rows that break a rule of the data contract, by column and rule.
        words: rows that say yes or no in words the contract does not write, by column and word.
        answers: of the window's rows; scores are NaN where an answer could not be read.
        labelled: of all rows whose label is known, late ones included.
        importance: each column's share of all contributions; empty where there are none.
        unexplained: why some rows could not be explained; empty when all could.
        foreign: rows answered by another model version, left out of answers.
    """

    profile: profile.Profile | None
    broken: Mapping[tuple[str, str], int]
    words: Mapping[tuple[str, str], int]
    answers: Answers
    labelled: Answers
    importance: Mapping[str, float]
    unexplained: str
    foreign: int


class Gatherer:
    """Takes records, keeps what is needed."""

    def __init__(
        self, model: Model, baseline: profile.Profile | None, labels: Labels, package: str
    ) -> None:
        self._model, self._labels, self._package = model, labels, package
        self._contract = model.contract
        self._protected = model.contract.used("protected")
        self._lenient = _without_rates(model.contract)
        self._counter = (
            profile.Counter(baseline, columns=model.contract.columns) if baseline else None
        )
        self._broken: Counter[tuple[str, str]] = Counter()
        self._words = spelling.Words()
        self._answers, self._labelled = Kept(), Kept()
        self._contributions: dict[str, float] = {}
        self._explained = self._foreign = 0
        self._unexplained = ""

    def add(self, records: Iterable[Record]) -> None:
        """All records, block by block."""
        block: list[Record] = []
        size = 0
        for record in records:
            block.append(record)
            size += len(record.rows)
            if size >= BLOCK:
                self._block(block)
                block, size = [], 0
        if block:
            self._block(block)

    def finished(self) -> Live:
        """What was gathered."""
        classes, protected = self._classes, self._protected
        return Live(
            profile=self._counter.profile() if self._counter else None,
            broken=dict(self._broken),
            words=dict(self._words),
            answers=self._answers.finished(classes, protected),
            labelled=self._labelled.finished(classes, protected),
            importance=explanation.shares(self._contributions),
            unexplained=self._unexplained,
            foreign=self._foreign,
        )

    @property
    def _classes(self) -> int:
        return len(self._model.labels) or 1

    def _block(self, records: Sequence[Record]) -> None:
        rows = list(chain.from_iterable(record.rows for record in records))
        predictions = list(chain.from_iterable(record.predictions for record in records))
        scores = np.array([self._scores(one) for one in predictions]).reshape(-1, self._classes)
        inside = np.repeat([r.in_window for r in records], [len(r.rows) for r in records])
        own = np.repeat([self._is_own(r) for r in records], [len(r.rows) for r in records])
        arrays = self._read(rows)
        self._foreign += int((inside & ~own).sum())
        self._answers.add(inside & own, scores, arrays, self._protected)
        self._keep_labelled(records, own, scores, arrays)
        chosen = np.flatnonzero(inside).tolist()
        if chosen:
            self._profile([rows[i] for i in chosen], [predictions[i] for i in chosen], own[chosen])
            self._explain(arrays, chosen)

    def _is_own(self, record: Record) -> bool:
        """Whether the version under watch answered, as far as both are known."""
        return record.model_package in ("", self._package) or not self._package

    def _scores(self, prediction: Mapping[str, Any]) -> list[float]:
        """One answer as the model's scores; NaN where it cannot be read."""
        try:
            if self._model.problem == "regression":
                return [float(prediction["prediction"])]
            if self._model.problem == "binary":
                positive = float(prediction["probability"])
                return [1 - positive, positive]
            named = prediction["probabilities"]
            return [float(named[str(label)]) for label in self._model.labels]
        except (KeyError, TypeError, ValueError):
            return [float("nan")] * self._classes

    def _read(self, rows: Sequence[Mapping[str, Any]]) -> Arrays:
        """The columns of the contract that the rows hold; what cannot be read is missing."""
        present = set().union(*(row.keys() for row in rows))
        return {
            column.name: read_column([row.get(column.name) for row in rows], column)[0]
            for column in self._contract.used("feature", "protected")
            if column.name in present or column.use == "feature"
        }

    def _keep_labelled(
        self, records: Sequence[Record], own: Any, scores: Any, arrays: Arrays
    ) -> None:
        if not self._labels.by_key:
            return
        keys = [(r.inference_id, row) for r in records for row in range(1, len(r.rows) + 1)]
        known = np.array([key in self._labels.by_key for key in keys], dtype=bool)
        chosen = known & own & ~np.isnan(scores).any(axis=1)
        self._labelled.add(chosen, scores, arrays, self._protected)
        classes = self._contract.target_column.categories
        position = {text: index for index, text in enumerate(classes)}
        for index in np.flatnonzero(chosen):
            label = self._labels.by_key[keys[index]]
            self._labelled.labels.append(position[str(label)] if position else label)

    def _profile(
        self,
        rows: Sequence[Mapping[str, Any]],
        predictions: Sequence[Mapping[str, Any]],
        own: Any,
    ) -> None:
        if self._counter:
            self._counter.add(record_batch(rows, self._answered(predictions, own)))
        self._words.update(spelling.unfamiliar(rows, self._contract))
        for violation in check(frame(rows), self._lenient):
            rule = _impersonal(violation.rule, self._contract[violation.column])
            self._broken[violation.column, rule] += violation.count

    def _answered(self, predictions: Sequence[Mapping[str, Any]], own: Any) -> Mapping[str, Any]:
        """The predictions as columns; those of other versions are left out as missing."""
        mine = [one if known else {} for one, known in zip(predictions, own.tolist(), strict=True)]
        said = [one.get("prediction") for one in mine]
        if self._model.problem == "regression":
            return {profile.PREDICTION: said}
        return {profile.PREDICTION: said, profile.PROBABILITY: [_leading(one) for one in mine]}

    def _explain(self, arrays: Arrays, chosen: Sequence[int]) -> None:
        wanted = chosen[: max(0, _EXPLAINED - self._explained)]
        if self._model.explanation is None or not wanted:
            return
        features = {name: arrays[name][wanted] for name in self._contract.features}
        try:
            found = explanation.sizes(explain.explain(self._model, features))
        except ModelyardError as error:
            self._unexplained = str(error)
            return
        for name, value in found.items():
            self._contributions[name] = self._contributions.get(name, 0.0) + value * len(wanted)
        self._explained += len(wanted)


def _leading(prediction: Mapping[str, Any]) -> Any:
    """The probability that the baseline profiles: of the positive class, of many the surest."""
    if "probabilities" in prediction:
        return max(prediction["probabilities"].values(), default=None)
    return prediction.get("probability")


def _impersonal(rule: str, column: Column) -> str:
    """The rule without the value that broke it: a report holds nothing of a single row."""
    said = rule.startswith(("is below", "is above", "is none of", "is missing"))
    return rule if said else f"cannot be read as {column.kind}"


def _without_rates(contract: DataContract) -> DataContract:
    """The rules for single values of the columns a client sends.

    Shares are judged over the window, not block by block, and no client sends the target.
    """
    columns = [
        column.model_copy(
            update={
                "missing_rate": 1.0,
                "unique": False,
                "use": "drop" if column.use in ("target", "key", "protected") else column.use,
            }
        )
        for column in contract.columns
    ]
    return contract.model_copy(update={"columns": tuple(columns)})
