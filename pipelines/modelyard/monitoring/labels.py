"""Ground truth as it arrives: JSON lines or CSV with inference_id, label, time (and row).

Labels come late, twice and out of order. Of several labels for one row the newest by `time` wins;
when the newest contradict each other, or the contradicting ones state no time, none is believed.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from modelyard.capture_files import opened
from modelyard.data import Column
from modelyard.functions.windows import moment
from modelyard.monitoring.findings import Finding
from modelyard.tables import reader
from modelyard.values import MISSING, OTHER

Key = tuple[str, int]
# The share of label lines that may contradict another one.
_SLIPS = 0.01
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class LabelAccount:
    """What became of every line of the label files."""

    lines: int = 0
    rows: int = 0
    repeated: int = 0
    replaced: int = 0
    contradicting: int = 0
    from_the_future: int = 0
    malformed: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Labels:
    """The label of each inference's row (counted from 1): a class as text, or a number."""

    by_key: Mapping[Key, str | float]
    account: LabelAccount


@dataclass(frozen=True)
class _Stated:
    label: str | float
    time: datetime
    contradicted: bool = False


def read(files: Iterable[Path], target: Column, end: datetime) -> Labels:
    """The labels known at the end of the window."""
    account, found = LabelAccount(), dict[Key, _Stated]()
    parse = reader(target)
    for file in sorted(files):
        for line in _lines(file):
            account.lines += 1
            try:
                key, stated = _read(line, parse)
            except ValueError as reason:
                account.malformed[str(reason)] += 1
                continue
            if stated.time >= end:
                account.from_the_future += 1
            else:
                _keep(key, stated, found, account)
    believed = {key: one.label for key, one in found.items() if not one.contradicted}
    account.contradicting = len(found) - len(believed)
    account.rows = len(believed)
    return Labels(believed, account)


def findings(labels: Labels) -> list[Finding]:
    """Labels that contradict each other, when they are more than a slip."""
    account = labels.account
    contradicting = account.contradicting + account.replaced
    if contradicting <= _SLIPS * account.lines:
        return []
    share = min(1.0, contradicting / account.lines)
    return [
        Finding(
            "capture:labels",
            "capture",
            "warning",
            f"{contradicting:,} labels contradict another one of the same inference: the newest "
            f"counts; {account.contradicting:,} rows whose newest labels contradict each other "
            "are left out.",
            value=share,
            threshold=_SLIPS,
            share=share,
        )
    ]


def _keep(key: Key, stated: _Stated, found: dict[Key, _Stated], account: LabelAccount) -> None:
    known = found.get(key)
    if known is None:
        found[key] = stated
    elif stated.label == known.label:
        account.repeated += 1
        if stated.time > known.time:
            found[key] = stated
    elif stated.time == known.time:
        found[key] = _Stated(known.label, known.time, contradicted=True)
    else:
        account.replaced += 1
        found[key] = max(known, stated, key=lambda one: one.time)


def _read(line: Mapping[str, Any], parse: Any) -> tuple[Key, _Stated]:
    named, label = line.get("inference_id"), line.get("label")
    if not named:
        raise ValueError("the line has no inference_id")
    try:
        row = int(line.get("row") or 1)
    except (TypeError, ValueError):
        raise ValueError("the row is not a number") from None
    try:
        value = parse(label)
    except (ValueError, TypeError, OverflowError):
        raise ValueError("the label is not what the target holds") from None
    if value != value or value in (MISSING, OTHER, ""):
        raise ValueError("the label is not what the target holds")
    try:
        time = moment(str(line["time"])) if line.get("time") else _LONG_AGO
    except ValueError:
        raise ValueError("the time cannot be read") from None
    return (str(named), row), _Stated(value, time)


def _lines(file: Path) -> Iterator[Mapping[str, Any]]:
    with opened(file) as stream:
        if ".csv" in file.suffixes:
            yield from csv.DictReader(io.TextIOWrapper(stream, "utf-8-sig", "replace", newline=""))
            return
        for line in stream:
            if line.strip():
                yield _object(line)


def _object(line: bytes) -> Mapping[str, Any]:
    """A line that is no JSON object has no inference id, and is counted so."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
