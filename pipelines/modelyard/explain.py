"""Why a model answered as it did: what each column added to the answer, exactly, in one unit.

    explained = explain(model, to_arrays(rows, model.contract.feature_columns))
    explained.base + sum(explained.contributions.values())     # the decisions of the rows
    importance(explained)                                      # mean size by column

A linear model's contribution is what the column's term gives for the row minus what it gives on
average over the training rows. A tree's is the way the expected answer moves at each split on the
column, along the row's path (modelyard.explain_trees). Models that are neither have no exact
explanation and get none: an approximation that looks like a reason is worse than a refusal.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from modelyard.errors import ModelyardError
from modelyard.scorer import Floats, Link, Number, Scorer, Term
from modelyard.tables import Arrays

if TYPE_CHECKING:
    from modelyard.model import Model

FILE_NAME = "explanation.json"
Unit = Literal["log-odds", "probability", "target"]


class ExplanationError(ModelyardError):
    """The model has no exact explanation."""


@dataclass(frozen=True)
class Explanation:
    """Contributions by column, each an array (rows, outputs); `base` has one value per output.

    A binary model and a regression have one output, the positive class or the value; of several
    classes each has one. base + the sum over columns is the row's decision in `unit`.
    """

    unit: Unit
    base: Floats
    contributions: Mapping[str, Floats]

    def row(self, index: int, output: int = 0) -> dict[str, Any]:
        """One row's explanation as the answer a caller gets."""
        return {
            "unit": self.unit,
            "base": float(self.base[output]),
            "contributions": {
                name: float(parts[index, output]) for name, parts in self.contributions.items()
            },
        }


def explain(model: "Model", arrays: Arrays) -> Explanation:
    """The explanation of converted rows; ExplanationError where the model has none."""
    document = model.explanation
    if document is None:
        raise ExplanationError(
            "this model has no exact explanation: it is neither a sum of one term per column nor "
            "made of trees that each split on single columns"
        )
    if document["method"] == "linear" and model.scorer is not None:
        return _linear(model.scorer, document, arrays)
    from modelyard import explain_trees

    return explain_trees.explain(model, document, arrays)


def importance(explained: Explanation) -> dict[str, float]:
    """How much each column moves the answer: the mean size of its contributions."""
    return {name: float(np.abs(parts).mean()) for name, parts in explained.contributions.items()}


def stored(folder: Path) -> Mapping[str, Any] | None:
    """What `modelyard.model.save` wrote beside the model, if it could."""
    file = folder / FILE_NAME
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def linear_document(scorer: Scorer, arrays: Arrays) -> dict[str, Any]:
    """The baseline of a linear model: what each term gives on average over the training rows."""
    means = {term.name: _parts(term, arrays).mean(axis=0) for term in scorer.terms}
    base = np.array(scorer.base) + sum(means.values())
    return {
        "method": "linear",
        "base": base.tolist(),
        "means": {name: mean.tolist() for name, mean in means.items()},
    }


def _linear(scorer: Scorer, document: Mapping[str, Any], arrays: Arrays) -> Explanation:
    means = document["means"]
    return Explanation(
        unit=_unit(scorer.link),
        base=np.array(document["base"]),
        contributions={
            term.name: _parts(term, arrays) - np.array(means[term.name]) for term in scorer.terms
        },
    )


def _unit(link: Link) -> Unit:
    return "target" if link == "identity" else "log-odds"


def _parts(term: Term, arrays: Arrays) -> Floats:
    """What a term gives for each row and output."""
    array = arrays[term.name]
    if isinstance(term, Number):
        term.require_value(array)
        moved = np.nan_to_num(array - term.center)[:, None] * np.array(term.slope)
        if term.gap is None:
            return moved
        return np.where(np.isnan(array)[:, None], np.array(term.gap), moved)
    return np.array([term.levels.get(text, term.other) for text in array])
