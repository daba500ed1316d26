"""What the variants of an endpoint answered, from captured records, ready to be compared."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelyard import comparison
from modelyard.captures import Record
from modelyard.comparison import Agreement, Comparison
from modelyard.functions.live import CHALLENGER, MAIN
from modelyard.project import Problem
from modelyard.values import as_text

Labels = Mapping[tuple[str, int], str | float]


@dataclass(frozen=True)
class Answered:
    """One row's prediction and, once it is known, the truth."""

    prediction: Any
    label: str | float | None


def compare(
    records: Iterable[Record], labels: Labels, problem: Problem, positive: str
) -> list[Comparison]:
    """How the challenger's rows differ from main's: by truth where it is known, and by decision."""
    arms: dict[str, list[Answered]] = {MAIN: [], CHALLENGER: []}
    for record in records:
        arms.setdefault(record.variant, []).extend(_answered(record, labels))
    main, challenger = arms[MAIN], arms[CHALLENGER]
    known = [[row for row in arm if row.label is not None] for arm in (main, challenger)]
    found = [_by_decision(main, challenger, problem, positive)]
    if all(known):
        found.insert(0, _by_truth(known[0], known[1], problem))
    return found


def agree(records: Iterable[Record]) -> Agreement:
    """A shadow held against main, on the rows that both were asked."""
    main: dict[str, Mapping[str, Any]] = {}
    shadow: dict[str, Mapping[str, Any]] = {}
    for record in records:
        arm = main if record.variant == MAIN else shadow
        for row, prediction in zip(record.rows, record.predictions, strict=False):
            arm[_digest(row)] = prediction
    both = main.keys() & shadow.keys()
    equal = sum(main[key].get("prediction") == shadow[key].get("prediction") for key in both)
    largest = max((_distance(main[key], shadow[key]) for key in both), default=0.0)
    return Agreement(len(both), equal, largest)


def versions(records: Iterable[Record]) -> dict[str, str]:
    """The model package that each variant answered with most."""
    seen: dict[str, Counter[str]] = {}
    for record in records:
        seen.setdefault(record.variant, Counter())[record.model_package] += 1
    return {variant: counts.most_common(1)[0][0] for variant, counts in sorted(seen.items())}


def _answered(record: Record, labels: Labels) -> list[Answered]:
    return [
        Answered(prediction.get("prediction"), labels.get((record.inference_id, number)))
        for number, prediction in enumerate(record.predictions, 1)
    ]


def _by_truth(
    main: Sequence[Answered], challenger: Sequence[Answered], problem: Problem
) -> Comparison:
    if problem == "regression":
        errors = [[abs(float(row.prediction) - float(row.label or 0)) for row in arm] for arm in
                  (main, challenger)]  # fmt: skip
        return comparison.means("mean absolute error", errors[0], errors[1], better=-1)
    right = [[as_text(row.prediction) == as_text(row.label) for row in arm] for arm in
             (main, challenger)]  # fmt: skip
    return comparison.shares("share of right answers", right[0], right[1], better=1)


def _by_decision(
    main: Sequence[Answered], challenger: Sequence[Answered], problem: Problem, positive: str
) -> Comparison:
    if problem == "regression":
        values = [[float(row.prediction) for row in arm] for arm in (main, challenger)]
        return comparison.means("mean prediction", values[0], values[1], better=0)
    chosen = [[as_text(row.prediction) == positive for row in arm] for arm in (main, challenger)]
    return comparison.shares(f"share of '{positive}'", chosen[0], chosen[1], better=0)


def _digest(row: Mapping[str, Any]) -> str:
    text = json.dumps(row, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _distance(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """The largest difference of two answers' numbers: probabilities, or a regression's value."""
    distances = [0.0]
    for name in ("probability", "prediction"):
        first, second = one.get(name), other.get(name)
        if isinstance(first, float) and isinstance(second, float):
            distances.append(abs(first - second))
    shares, others = one.get("probabilities") or {}, other.get("probabilities") or {}
    distances += [abs(shares[name] - others[name]) for name in shares.keys() & others.keys()]
    return max(distances)
