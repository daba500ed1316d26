"""Captured requests and answers as records: JSON lines of either door, each line accounted for.

SageMaker's data capture and the container's own log write the same line; what exceeds one log event
arrives in numbered slices. Nothing is dropped silently: an `Account` says what each line became.

    account = Account()
    for record in read(files, Period(start, end), account):
        record.rows, record.predictions
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from modelyard.capture_files import hour_of, is_earlier, lines, variant_of
from modelyard.capture_parts import Parts
from modelyard.capture_payloads import Unusable, answer, rows
from modelyard.functions.windows import moment

_HASH_SPACE = 1 << 64
# The log door stores by arrival, minutes after the inference; more than hours is a wrong clock.
_TOLERATED = timedelta(hours=3)


@dataclass(frozen=True)
class Period:
    """The time whose records are wanted: [start, end); from `earlier` on, for labels that are late.

    Attributes:
        variants: the production variants to read; empty for all (a shadow's answers reach nobody).
        share: the share of inference ids that is looked at, the same ids in every file.
    """

    start: datetime
    end: datetime
    earlier: datetime | None = None
    variants: frozenset[str] = frozenset()
    share: float = 1.0


@dataclass(frozen=True)
class _Place:
    """Where a line was found, and what is wanted of it."""

    variant: str
    hour: datetime | None
    period: Period

    def is_skewed(self, time: datetime) -> bool:
        """Whether a record names a time far from the hour for which it was stored."""
        return self.hour is not None and abs(time - self.hour) > _TOLERATED


@dataclass(frozen=True)
class Record:
    """One answered request; a request may hold several rows, each with its prediction."""

    inference_id: str
    time: datetime
    model_package: str
    variant: str
    rows: Sequence[Mapping[str, Any]]
    predictions: Sequence[Mapping[str, Any]]
    in_window: bool


@dataclass
class Account:
    """What became of every line of the window's files.

    Attributes:
        earlier: records of before the window, which late labels may concern.
        skipped: records that sampling passed over.
        skewed: records that name a time far from the hour for which they were stored.
        outside: records of the neighbouring hours, which other windows judge.
        incomplete: records of which a slice is missing.
    """

    lines: int = 0
    records: int = 0
    rows: int = 0
    earlier: int = 0
    skipped: int = 0
    duplicates: int = 0
    skewed: int = 0
    outside: int = 0
    other_variants: int = 0
    slices: int = 0
    incomplete: int = 0
    malformed: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None

    @property
    def unusable(self) -> int:
        """Lines and records that say nothing."""
        return sum(self.malformed.values()) + self.incomplete

    @property
    def captured(self) -> int:
        """Answered requests of the window that left a record, sampled away or not."""
        if not self.skipped or not self.records:
            return self.records
        # What was sampled away was not searched for duplicates: it has its share of them.
        return self.records + round(
            self.skipped * self.records / (self.records + self.duplicates or 1)
        )


def read(files: Iterable[Path], period: Period, account: Account) -> Iterator[Record]:
    """The records of capture files, in the files' order; what they hold else is only counted.

    Files of hours before the window are there for late labels: what is wrong in them was told by
    the run that judged them.
    """
    seen: set[int] = set()
    parts, told = Parts(), 0
    for file in sorted(files):
        earlier = is_earlier(file, period.start)
        tally = Account() if earlier else account
        place = _Place(variant_of(file), hour_of(file), period)
        for text in lines(file):
            tally.lines += 1
            found = _read_line(text, place, tally, parts, seen)
            if found is not None:
                yield found
        if earlier:
            account.earlier += tally.earlier
            told = parts.waiting
    account.incomplete += max(0, parts.waiting - told)


def _read_line(
    text: bytes, place: _Place, account: Account, parts: Parts, seen: set[int]
) -> Record | None:
    try:
        document = _document(text)
        if "capturePart" in document:
            account.slices += 1
            whole = parts.add(document["capturePart"])
            if whole is None:
                return None
            document = _document(whole.encode())
        return _record(document, place, account, seen)
    except Unusable as reason:
        account.malformed[str(reason)] += 1
        return None


def _document(text: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise Unusable("the line is not JSON") from None
    if not isinstance(document, dict):
        raise Unusable("the line is not a JSON object")
    return document


def _record(
    document: Mapping[str, Any], place: _Place, account: Account, seen: set[int]
) -> Record | None:
    variant, period = place.variant, place.period
    captured, metadata = document.get("captureData"), document.get("eventMetadata")
    if not isinstance(captured, dict) or not isinstance(metadata, dict):
        raise Unusable("the line is not a capture record")
    if period.variants and variant not in period.variants:
        account.other_variants += 1
        return None
    try:
        time = moment(str(metadata.get("inferenceTime")))
    except ValueError:
        raise Unusable("the record has no time that can be read") from None
    if place.is_skewed(time):
        account.skewed += 1
        return None
    earlier = period.earlier is not None and period.earlier <= time < period.start
    if not earlier and not period.start <= time < period.end:
        account.outside += 1
        return None
    reply = answer(captured)
    named = metadata.get("inferenceId") or reply.inference_id or metadata.get("eventId")
    if not named:
        raise Unusable("the record has no id")
    digest = _digest(f"{variant}/{named}")
    if digest >= period.share * _HASH_SPACE:
        account.skipped += 1
        return None
    if digest in seen:
        account.duplicates += 1
        return None
    sent = rows(captured)
    if len(sent) != len(reply.predictions):
        raise Unusable("rows and predictions differ in number")
    seen.add(digest)
    if earlier:
        account.earlier += 1
    else:
        _count(time, len(sent), reply.model_package, account)
    return Record(
        str(named), time, reply.model_package, variant, sent, reply.predictions, not earlier
    )


def _count(time: datetime, size: int, version: str, account: Account) -> None:
    account.records += 1
    account.rows += size
    account.versions[version] += 1
    account.first = min(account.first or time, time)
    account.last = max(account.last or time, time)


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
