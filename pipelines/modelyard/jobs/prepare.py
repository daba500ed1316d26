"""The prepare job: checks the raw files against the data contract and splits their rows.

Expired rows are left out and listed columns replaced by pseudonyms before anything is looked at.
Writes train/, validation/ and test/ (data.parquet each) and manifest/. When data break the contract
it writes the offending rows to quarantine/ instead, and fails with their columns and rows.
"""

import argparse
import csv
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from modelyard import arrays as prepared
from modelyard import values
from modelyard.data import DataContract, DataError
from modelyard.data_check import Violation, check
from modelyard.fairness import unlabelled
from modelyard.functions.job_contract import NOBODY
from modelyard.jobs.admission import Admission, admission
from modelyard.jobs.context import load_setting, processing_message, run, say
from modelyard.manifest import (
    FILE_NAME,
    SourceFile,
    dataset_sha256,
    dump_json,
    file_sha256,
    manifest,
    source_file,
)
from modelyard.split import SPLITS, row_identity, split_of
from modelyard.tables import Arrays, cells, read_column, read_table

if TYPE_CHECKING:
    import pandas as pd

_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".pq")
_SHOWN_VIOLATIONS = 8


@dataclass
class _Collected:
    """What has been read so far, over all files."""

    files: list[SourceFile] = field(default_factory=list)
    parts: list[Arrays] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)
    ignored: set[str] = field(default_factory=set)
    broken: list[tuple[str, Violation]] = field(default_factory=list)


def main(arguments: list[str] | None = None) -> int:
    """Runs the job as the command line says."""
    parser = argparse.ArgumentParser(prog="modelyard.jobs.prepare", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("/opt/ml/processing/input/data"))
    parser.add_argument("--output", type=Path, default=Path("/opt/ml/processing/output"))
    options = parser.parse_args(arguments)
    message = processing_message(options.output)
    return run(lambda: prepare(options.data, options.output), message)


def prepare(data: Path, output: Path) -> None:
    """Prepares every CSV and Parquet file below `data`."""
    setting = load_setting()
    contract = setting.contract
    rules = admission(setting.project.dataset, contract, data)
    for folder in (*SPLITS, "manifest", "quarantine"):
        (output / folder).mkdir(parents=True, exist_ok=True)
    collected = _Collected()
    for file in _data_files(data):
        _collect(file, str(file.relative_to(data)), rules, collected, output / "quarantine")
    if collected.broken:
        raise DataError(_summary(collected.broken))
    _write(collected, rules, output)


def _data_files(data: Path) -> list[Path]:
    found = sorted(
        file
        for file in data.rglob("*")
        if file.suffix.lower() in _SUFFIXES and file.is_file() and not file.name.startswith(".")
    )
    if not found:
        raise DataError(f"{data}: holds no CSV or Parquet file; upload the data set first")
    return found


def _collect(
    file: Path, name: str, rules: Admission, collected: _Collected, quarantine: Path
) -> None:
    contract, whole = rules.contract, read_table(file)
    admitted = rules.admit(whole)
    frame = admitted.frame
    say(f"{name}: {len(whole)} rows, {len(frame.columns)} columns")
    if len(frame) < len(whole):
        say(f"{name}: {len(whole) - len(frame)} rows have expired and are left out")
    violations = admitted.located(check(frame, contract))
    if violations:
        _quarantine(frame, name, violations, quarantine / f"{name.replace('/', '_')}.rejected.csv")
        collected.broken += [(name, violation) for violation in violations]
        return
    collected.files.append(source_file(file, len(whole)))
    collected.ignored |= set(frame.columns) - {column.name for column in contract.columns}
    names = [column.name for column in contract.columns if column.name in frame.columns]
    raw = {column: cells(frame, column) for column in names}
    collected.contents += [row_identity(names, row) for row in zip(*raw.values(), strict=True)]
    collected.keys += admitted.identities
    collected.parts.append(
        {
            column.name: read_column(raw[column.name], column)[0]
            for column in prepared.prepared_columns(contract)
        }
    )


def _quarantine(frame: "pd.DataFrame", name: str, violations: list[Violation], path: Path) -> None:
    reasons: dict[int, list[str]] = {}
    for violation in violations:
        for row in violation.rows:
            reasons.setdefault(row, []).append(f"{violation.column}: {violation.rule}")
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "row", "reasons", *frame.columns])
        for row in sorted(reasons):
            writer.writerow([name, row, "; ".join(reasons[row]), *frame.loc[row - 1]])


def _summary(broken: list[tuple[str, Violation]]) -> str:
    shown = [f"{file}: {violation.sentence}" for file, violation in broken[:_SHOWN_VIOLATIONS]]
    if len(broken) > _SHOWN_VIOLATIONS:
        shown.append(f"and {len(broken) - _SHOWN_VIOLATIONS} more")
    return "the data break their contract (rows kept in quarantine): " + "; ".join(shown)


def _write(collected: _Collected, rules: Admission, output: Path) -> None:
    contract = rules.contract
    arrays = {
        name: np.concatenate([part[name] for part in collected.parts])
        for name in collected.parts[0]
    }
    target = contract.target_column
    missing = values.MISSING if contract.labels else None
    answered = [
        (value == value if missing is None else value != missing) for value in arrays[target.name]
    ]
    # Ordered by content, so that the same rows give the same files whatever order they came in.
    order = sorted(np.flatnonzero(answered), key=lambda row: collected.contents[row])
    split: dict[str, list[int]] = {name: [] for name in SPLITS}
    for row in order:
        split[split_of(collected.keys[row])].append(int(row))
    _require_usable(split, arrays, contract)
    for name, rows in split.items():
        prepared.write(prepared.take(arrays, rows), contract, output / name)
    counts = {
        "total": len(collected.contents),
        **{name: len(rows) for name, rows in split.items()},
        "without_target": len(answered) - len(order),
        "duplicates": len(collected.contents) - len(set(collected.contents)),
    }
    dataset = dataset_sha256(collected.contents)
    splits = {
        name: dataset_sha256(collected.contents[row] for row in rows)
        for name, rows in split.items()
    }
    document = manifest(collected.files, contract, dataset, counts, collected.ignored, splits)
    # A group whose outcomes nobody knows would vanish from the evaluation without a word.
    document["unlabelled"] = unlabelled(arrays, np.array(answered), contract.used("protected"))
    # By which Evaluate notices rows that were changed after they were prepared.
    document["prepared"] = {
        name: file_sha256(output / name / prepared.FILE_NAME) for name in SPLITS
    }
    dump_json(output / "manifest" / FILE_NAME, {**document, **rules.record})
    # SageMaker fails a job whose input is empty: this is what Evaluate gets without a champion.
    dump_json(output / NOBODY / "none.json", {"champion": None})
    say("rows: " + ", ".join(f"{name} {count}" for name, count in counts.items()))


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


if __name__ == "__main__":
    sys.exit(main())
