"""What became of a data set from run to run: rows, gaps, refusals, and how far it moved.

Nothing is stored for it: each run's manifest and baseline profile say what its data were, and what
the contract refused lies in quarantine.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from botocore.exceptions import ClientError

from modelyard import profile
from modelyard.aws import code_of
from modelyard.manifest import FILE_NAME
from modelyard.profile import CategoryProfile, ColumnProfile, NumberProfile, Profile

_MANIFEST = re.compile(rf"^runs/([^/]+)/prepare/manifest/{re.escape(FILE_NAME)}$")
_REFUSED = re.compile(r"^quarantine/([^/]+)/.+\.rejected\.csv$")


@dataclass(frozen=True)
class Moved:
    """The column whose values moved furthest since the run before.

    Attributes:
        distance: 0 to 1; of numbers the largest difference of the two distribution functions, of
            categories the share of rows that would have to be another one.
    """

    column: str
    distance: float


@dataclass(frozen=True)
class DataRun:
    """The data of one run.

    Attributes:
        missing: the column with the largest share of missing values, and that share.
        refused: files with rows that broke the contract; such a run has no prepared rows.
        key_id: the key its pseudonyms were made with.
        notes: what a reader should know before comparing it with the run before.
    """

    run: str
    time: datetime
    rows: int | None = None
    expired: int = 0
    missing: tuple[str, float] | None = None
    refused: int = 0
    files: tuple[str, ...] = ()
    dataset_sha256: str = ""
    key_id: str = ""
    moved: Moved | None = None
    notes: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """The run as plain data."""
        return {**asdict(self), "time": self.time.isoformat()}


def history(s3: Any, artifacts: str, raw: str) -> list[DataRun]:
    """The runs of a workspace's pipeline, oldest first."""
    found = [*_prepared(s3, artifacts), *_refused(s3, raw)]
    found.sort(key=lambda pair: (pair[0].time, pair[0].run))
    runs: list[DataRun] = []
    last: tuple[DataRun, Profile | None] | None = None
    for run, profiled in found:
        if run.rows is None:
            runs.append(run)
            continue
        compared = run if last is None else _compared(*last, run, profiled)
        runs.append(compared)
        last = compared, profiled
    return runs


def furthest(then: Profile, now: Profile) -> Moved | None:
    """The column that moved furthest; None where no column is known in both."""
    distances = [
        Moved(name, distance)
        for name, column in now.columns.items()
        if name in then.columns and (distance := _distance(then.columns[name], column)) is not None
    ]
    return max(distances, key=lambda one: (one.distance, one.column), default=None)


def _compared(
    before: DataRun, profiled_before: Profile | None, run: DataRun, profiled: Profile | None
) -> DataRun:
    notes = []
    if run.dataset_sha256 == before.dataset_sha256 and run.files != before.files:
        notes.append("the same rows in other files")
    if run.files and run.files == before.files and run.dataset_sha256 != before.dataset_sha256:
        notes.append("other rows from the same files: a rule changed, or the pseudonyms' key")
    if run.key_id != before.key_id:
        notes.append(f"pseudonyms by key {run.key_id or 'none'}, before {before.key_id or 'none'}")
    moved = furthest(profiled_before, profiled) if profiled_before and profiled else None
    return replace(run, moved=moved, notes=tuple(notes))


def _prepared(s3: Any, bucket: str) -> Iterator[tuple[DataRun, Profile | None]]:
    for key, modified, match in _listed(s3, bucket, "runs/", _MANIFEST):
        manifest = _json(s3, bucket, key)
        if manifest is None:
            continue
        stored = _json(s3, bucket, f"runs/{match[1]}/evaluation/baseline_profile.json")
        profiled = profile.parse(stored) if stored else None
        rows, retention = manifest["rows"], manifest.get("retention", {})
        yield (
            DataRun(
                run=match[1],
                time=modified,
                rows=rows["total"],
                expired=retention.get("dropped", 0),
                missing=_missing(profiled) if profiled else None,
                files=tuple(sorted(file["sha256"] for file in manifest["files"])),
                dataset_sha256=manifest["dataset"]["sha256"],
                key_id=manifest.get("pseudonyms", {}).get("key_id", ""),
            ),
            profiled,
        )


def _refused(s3: Any, bucket: str) -> Iterator[tuple[DataRun, Profile | None]]:
    """Runs that ended in quarantine; whoever may not look there sees only those that did not."""
    runs: dict[str, DataRun] = {}
    try:
        for _, modified, match in _listed(s3, bucket, "quarantine/", _REFUSED):
            known = runs.get(match[1], DataRun(match[1], modified))
            runs[match[1]] = replace(
                known, time=max(known.time, modified), refused=known.refused + 1
            )
    except ClientError as error:
        if not code_of(error).startswith("AccessDenied"):
            raise
    yield from ((run, None) for run in runs.values())


def _missing(profiled: Profile) -> tuple[str, float] | None:
    shares = [(column.share(column.missing), name) for name, column in profiled.columns.items()]
    share, name = max(shares, default=(0.0, ""))
    return (name, share) if share else None


def _distance(then: ColumnProfile, now: ColumnProfile) -> float | None:
    if not then.known or not now.known:
        return None
    if isinstance(then, CategoryProfile) and isinstance(now, CategoryProfile):
        names = {*then.counts, *now.counts}
        apart = (
            abs(then.counts.get(name, 0) / then.known - now.counts.get(name, 0) / now.known)
            for name in names
        )
        return float(sum(apart) / 2)
    if isinstance(then, NumberProfile) and isinstance(now, NumberProfile):
        points = np.unique([*_ends(then), *_ends(now)])
        return float(np.max(np.abs(_below(then, points) - _below(now, points))))
    return None


def _ends(column: NumberProfile) -> tuple[float, ...]:
    """Where cells that hold numbers begin and end."""
    low, high = column.min or 0.0, column.max or 0.0
    return (low, *(edge for edge in column.edges if low < edge < high), high)


def _below(column: NumberProfile, points: Any) -> Any:
    """The share of numbers up to each point, straight between a cell's edges."""
    ends = _ends(column)
    edges = np.array(column.edges)
    cumulated = np.cumsum(column.counts)
    inner = [cumulated[int(np.searchsorted(edges, edge))] for edge in ends[1:-1]]
    shares = np.array([0, *inner, column.known]) / column.known
    return np.interp(points, ends, shares, left=0.0, right=1.0)


def _listed(
    s3: Any, bucket: str, prefix: str, wanted: re.Pattern[str]
) -> Iterator[tuple[str, datetime, re.Match[str]]]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    for item in (item for page in pages for item in page.get("Contents", ())):
        if match := wanted.match(item["Key"]):
            yield item["Key"], item["LastModified"], match


def _json(s3: Any, bucket: str, key: str) -> Mapping[str, Any] | None:
    try:
        return dict(json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
    except ClientError as error:
        # Some who may read manifests may not read profiles.
        if code_of(error) in ("NoSuchKey", "404") or code_of(error).startswith("AccessDenied"):
            return None
        raise
