"""Which version answered an environment's requests when, from its release records."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from modelyard.evidence.document import Document, time_of

_VERSION = re.compile(r"-v(\d+)")


@dataclass(frozen=True)
class Served:
    """A time in which a version answered; `end` is None while it still does."""

    version: int
    start: datetime
    end: datetime | None

    def covers(self, moment: datetime) -> bool:
        return self.start <= moment and (self.end is None or moment < self.end)

    def meets(self, start: datetime, end: datetime) -> bool:
        return self.start < end and (self.end is None or start < self.end)


def periods(records: Iterable[Document]) -> list[Served]:
    """The periods of all versions, by the chain of releases, oldest first."""
    now: dict[int, datetime] = {}
    done: list[Served] = []
    for record in sorted(records, key=time_of):
        done += _step(now, record)
    still = [Served(version, start, None) for version, start in now.items()]
    return sorted([*done, *still], key=lambda one: (one.start, one.version))


def _step(now: dict[int, datetime], record: Document) -> Iterator[Served]:
    """What one record ends; `now` are the versions that answer after it."""
    version, phase = int(record.content["version"]), record.content["phase"]
    when, strategy = time_of(record), record.content.get("strategy")
    if strategy == "shadow" and phase != "rolled-back":
        return
    if phase in ("baking", "verifying", "done"):
        now.setdefault(version, when)
    if phase == "done" and strategy != "ab":
        for other in [one for one in now if one != version]:
            yield Served(other, now.pop(other), when)
    if phase in ("rolled-back", "failed") and version in now:
        yield Served(version, now.pop(version), when)
    if phase == "rolled-back":
        before = _VERSION.search(str(record.content.get("previous_config") or ""))
        if before:
            now.setdefault(int(before[1]), when)
