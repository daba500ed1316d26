"""The prepare job: checks the raw files against the data contract and splits their rows.

Expired rows are left out and listed columns replaced by pseudonyms before anything is looked at.
Rows of series become those a forecast learns from (modelyard.forecasting) and are split by time.
Writes train/, validation/ and test/ (data.parquet each) and manifest/. When data break the contract
it writes the offending rows to quarantine/ instead, and fails with their columns and rows.
"""

import argparse
import csv
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from modelyard.arrays import prepared_columns
from modelyard.data import DataError
from modelyard.data_check import Violation, check
from modelyard.forecasting import supervised
from modelyard.jobs import prepared_rows
from modelyard.jobs.admission import Admission, admission
from modelyard.jobs.context import Setting, load_setting, processing_message, run, say
from modelyard.jobs.prepared_rows import Dataset, Rows
from modelyard.manifest import SourceFile, dataset_sha256, source_file
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
    rules = admission(setting.project.dataset, setting.raw, data)
    for folder in (*SPLITS, "manifest", "quarantine"):
        (output / folder).mkdir(parents=True, exist_ok=True)
    collected = _Collected()
    for file in _data_files(data):
        _collect(file, str(file.relative_to(data)), rules, collected, output / "quarantine")
    if collected.broken:
        raise DataError(_summary(collected.broken))
    rows = _rows(collected, setting)
    counts = {
        "total": len(collected.contents),
        "duplicates": len(collected.contents) - len(set(collected.contents)),
    }
    dataset = Dataset(
        collected.files,
        dataset_sha256(collected.contents),
        counts,
        collected.ignored,
        rules.record,
    )
    prepared_rows.write(rows, dataset, output)


def _rows(collected: _Collected, setting: Setting) -> Rows:
    """What a model learns from: the rows as they are, or those made of their series."""
    arrays = {
        name: np.concatenate([part[name] for part in collected.parts])
        for name in collected.parts[0]
    }
    forecast = setting.project.model.forecast
    if forecast is None:
        sets = [split_of(key) for key in collected.keys]
        return Rows(setting.contract, arrays, collected.contents, sets)
    made = supervised(arrays, setting.raw, forecast)
    for note in made.notes:
        say(note)
    return Rows(
        made.contract, made.arrays, made.identities, made.splits, made.rule, dict(made.record)
    )


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
            for column in prepared_columns(contract)
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


if __name__ == "__main__":
    sys.exit(main())
