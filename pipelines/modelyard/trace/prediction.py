"""Finds the captured record of an inference, at whichever door it was captured.

Objects lie by hour: the hours that an id of ours names come first, then the newest.
"""

import gzip
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from modelyard.evidence.reader import is_denied
from modelyard.functions.windows import SETTLED
from modelyard.inference_id import claim

# What one search reads before it asks for the day.
MOST_OBJECTS = 2000
_MINUTES = int(SETTLED.total_seconds() // 60)


@dataclass(frozen=True)
class Prediction:
    """One captured request and its answer."""

    time: datetime
    model_package: str
    variant: str
    rows: Sequence[Mapping[str, Any]]
    predictions: Sequence[Mapping[str, Any]]
    source: str


@dataclass(frozen=True)
class Search:
    """What was looked through; `why` says why nothing was found.

    Attributes:
        denied: this caller may not read captured records.
        pending: the id says that it was made too recently for its record to have arrived.
    """

    found: Prediction | None
    why: str
    denied: bool = False
    pending: bool = False


@dataclass(frozen=True)
class _Object:
    key: str
    day: str
    hour: str
    variant: str


def search(
    s3: Any,
    bucket: str,
    prefixes: Sequence[str],
    inference_id: str,
    day: date | None,
    now: datetime,
) -> Search:
    """The record of an inference among the captured objects below the prefixes."""
    looked = 0
    try:
        objects = _ordered(list(_objects(s3, bucket, prefixes, day)), inference_id)
        for _, hour in groupby(
            objects[:MOST_OBJECTS], lambda one: (one.variant, one.day, one.hour)
        ):
            batch = list(hour)
            looked += len(batch)
            found = _in_hour(s3, bucket, batch, inference_id)
            if found is not None:
                return Search(found, "")
    except ClientError as error:
        if is_denied(error):
            return Search(None, "captured predictions are not this caller's to read", denied=True)
        raise
    made = claim(inference_id)
    if made and now - SETTLED < made.time <= now:
        return Search(None, _pending(made.time), pending=True)
    return Search(None, _why(objects, looked, day))


def _pending(made: datetime) -> str:
    return (
        f"its record is not delivered yet: it was made at {made:%H:%M:%S} UTC and a record takes "
        f"up to {_MINUTES} minutes; ask again at {made + SETTLED:%H:%M} UTC"
    )


def _why(objects: Sequence[_Object], looked: int, day: date | None) -> str:
    where = f"on {day}" if day else "at all"
    if not objects:
        return f"nothing was captured {where}; a record takes up to {_MINUTES} minutes to arrive"
    if looked < len(objects):
        last = objects[looked - 1].day
        return (
            f"it is not in the newest {looked} of {len(objects)} captured objects, back to "
            f"{last}; say --day YYYY-MM-DD"
        )
    return (
        f"no captured record has this id ({looked} objects looked through); one that was made "
        f"within the last {_MINUTES} minutes may not be delivered yet"
    )


def _objects(s3: Any, bucket: str, prefixes: Sequence[str], day: date | None) -> Iterator[_Object]:
    for prefix in prefixes:
        for variant in _variants(s3, bucket, prefix):
            # What was asked just before midnight may lie in the next day's first hour.
            days = [day, day + timedelta(days=1)] if day else [None]
            for one in days:
                below = f"{prefix}{variant}/" + (f"{one:%Y/%m/%d}/" if one else "")
                pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=below)
                for item in (item for page in pages for item in page.get("Contents", ())):
                    parts = str(item["Key"]).removeprefix(f"{prefix}{variant}/").split("/")
                    if len(parts) == 5:
                        yield _Object(item["Key"], "-".join(parts[:3]), parts[3], variant)


def _variants(s3: Any, bucket: str, prefix: str) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=prefix, Delimiter="/"
    )
    folders = [one["Prefix"] for page in pages for one in page.get("CommonPrefixes", ())]
    return sorted(folder.removeprefix(prefix).rstrip("/") for folder in folders)


def _ordered(objects: list[_Object], inference_id: str) -> list[_Object]:
    """Newest hours first, but before them those that the id itself names."""
    made = claim(inference_id)
    likely = set()
    if made:
        hours = (made.time + timedelta(hours=shift) for shift in (0, 1, -1))
        likely = {(f"{hour:%Y-%m-%d}", f"{hour:%H}") for hour in hours}
    # A batch's ids begin like the file of the rows they answer.
    partition = inference_id.rpartition("-")[0]

    def rank(one: _Object) -> int:
        named = len(partition) == 16 and partition in one.key
        return 0 if named else 1 if (one.day, one.hour) in likely else 2

    objects.sort(key=lambda one: (one.day, one.hour, one.variant, one.key), reverse=True)
    return sorted(objects, key=rank)


def _in_hour(
    s3: Any, bucket: str, objects: Sequence[_Object], inference_id: str
) -> Prediction | None:
    """The record in one hour's objects; read together, since a long record comes in slices."""
    # Reading rows needs numpy, which only who gets here should wait for.
    from modelyard.captures import Account, Period, read

    ever = Period(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    bodies = [_body(s3, bucket, one.key) for one in objects]
    if not any(_may_hold(body, inference_id) for body in bodies):
        return None
    with tempfile.TemporaryDirectory() as scratch:
        files = []
        for number, body in enumerate(bodies):
            files.append(Path(scratch) / f"{number:06d}.jsonl")
            files[-1].write_bytes(body)
        for record in read(files, ever, Account()):
            if record.inference_id == inference_id:
                holding = next(
                    (one for one, body in zip(objects, bodies, strict=True)
                     if inference_id.encode() in body),
                    objects[0],
                )  # fmt: skip
                return Prediction(
                    record.time,
                    record.model_package,
                    holding.variant,
                    record.rows,
                    record.predictions,
                    f"s3://{bucket}/{holding.key}",
                )
    return None


def _body(s3: Any, bucket: str, key: str) -> bytes:
    body = bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    return gzip.decompress(body) if key.endswith(".gz") else body


def _may_hold(body: bytes, inference_id: str) -> bool:
    """Whether parsing is worth it: encoded and sliced records do not show their ids."""
    plain = inference_id.encode()
    hidden = b"BASE64" in body or b"capturePart" in body or b'"' in plain or b"\\" in plain
    return hidden or plain in body
