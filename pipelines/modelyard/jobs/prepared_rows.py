"""Rows in their sets, as the jobs behind Prepare read them, and the manifest that tells of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from modelyard import arrays as prepared
from modelyard import values
from modelyard.data import DataContract, DataError
from modelyard.fairness import unlabelled
from modelyard.functions.job_contract import NOBODY
from modelyard.jobs.context import say
from modelyard.manifest import (
    FILE_NAME,
    SourceFile,
    dataset_sha256,
    dump_json,
    file_sha256,
    manifest,
)
from modelyard.split import RULE, SPLITS, SplitName
from modelyard.tables import Arrays


@dataclass(frozen=True)
class Rows:
    """What a model learns from, and how it is cut into sets.

    Attributes:
        contents: each row's identity, by which rows are ordered and sets compared.
        sets: the set of each row.
        forecast: what the manifest says of the series that rows were made of.
    """

    contract: DataContract
    arrays: Arrays
    contents: Sequence[str]
    sets: Sequence[SplitName]
    rule: str = RULE
    forecast: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Dataset:
    """The data set that the rows come from."""

    files: Sequence[SourceFile]
    sha256: str
    counts: Mapping[str, int]
    ignored: set[str]
    record: Mapping[str, Any]


def write(rows: Rows, dataset: Dataset, output: Path) -> None:
    """Writes each set, the manifest, and Evaluate's empty champion folder."""
    contract, target = rows.contract, rows.contract.target_column
    missing = values.MISSING if contract.labels else None
    answered = [
        (value == value if missing is None else value != missing)
        for value in rows.arrays[target.name]
    ]
    # Ordered by content, so that the same rows give the same files whatever order they came in.
    order = sorted(np.flatnonzero(answered).tolist(), key=lambda row: rows.contents[row])
    split: dict[str, list[int]] = {name: [] for name in SPLITS}
    for row in order:
        split[rows.sets[row]].append(row)
    _require_usable(split, rows.arrays, contract)
    for name, chosen in split.items():
        prepared.write(prepared.take(rows.arrays, chosen), contract, output / name)
    counts = {
        **dataset.counts,
        **{name: len(chosen) for name, chosen in split.items()},
        "without_target": len(answered) - len(order),
    }
    splits = {
        name: dataset_sha256(rows.contents[row] for row in chosen) for name, chosen in split.items()
    }
    document = manifest(
        dataset.files, contract, dataset.sha256, counts, dataset.ignored, splits, rows.rule
    )
    if rows.forecast is not None:
        document["forecast"] = dict(rows.forecast)
    # A group whose outcomes nobody knows would vanish from the evaluation without a word.
    document["unlabelled"] = unlabelled(rows.arrays, np.array(answered), contract.used("protected"))
    # By which Evaluate notices rows that were changed after they were prepared.
    document["prepared"] = {
        name: file_sha256(output / name / prepared.FILE_NAME) for name in SPLITS
    }
    dump_json(output / "manifest" / FILE_NAME, {**document, **dataset.record})
    # SageMaker fails a job whose input is empty: this is what Evaluate gets without a champion.
    dump_json(output / NOBODY / "none.json", {"champion": None})
    say("rows: " + ", ".join(f"{name} {counts[name]}" for name in _told(counts)))


def _told(counts: Mapping[str, int]) -> list[str]:
    first = ["total", *SPLITS, "without_target", "duplicates"]
    return [name for name in first if name in counts]


def _require_usable(split: dict[str, list[int]], arrays: Arrays, contract: DataContract) -> None:
    for name in ("train", "test"):
        if len(split[name]) < 2:
            rows = sum(map(len, split.values()))
            raise DataError(f"{rows} rows leave {len(split[name])} for {name}; bring more rows")
    known: Counter[Any] = Counter(arrays[contract.target][split["train"]])
    for label in contract.target_column.categories:
        if known[label] < 1:
            raise DataError(
                f"the target '{contract.target}' is never '{label}' in the training rows; "
                "bring more such rows, or remove it from the categories in the data contract"
            )
    if len(known) == 1:
        raise DataError(f"the target '{contract.target}' is constant in the training rows")
