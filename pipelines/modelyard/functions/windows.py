"""Which stretches of traffic a monitoring run covers: names, and what is due.

A window is named by its start and length, so names sort by time and a folder tells what it holds.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# Captured records reach S3 some minutes after the request; the log door buffers for up to fifteen.
SETTLED = timedelta(minutes=15)
MOST_AT_ONCE = 7
_ON_DEMAND = "-on-demand"
_NAME = re.compile(r"(?P<start>\d{8}T\d{4})Z-(?P<hours>\d+)h(?P<demand>-on-demand)?")


@dataclass(frozen=True, order=True)
class Window:
    """From `start` (included) to `end` (not included); one that a person asked for stands apart."""

    start: datetime
    end: datetime
    on_demand: bool = False

    @property
    def name(self) -> str:
        hours = math.ceil((self.end - self.start) / timedelta(hours=1))
        return f"{self.start:%Y%m%dT%H%MZ}-{hours}h{_ON_DEMAND if self.on_demand else ''}"


def is_on_demand(name: str) -> bool:
    """Whether somebody asked for this window: it counts for no alarm."""
    return name.endswith(_ON_DEMAND)


def scheduled(names: Iterable[str]) -> list[Window]:
    """The windows among these names that the schedule made, oldest first."""
    found = []
    for name in names:
        match = _NAME.fullmatch(name)
        if match and not match["demand"]:
            start = datetime.strptime(match["start"], "%Y%m%dT%H%M").replace(tzinfo=UTC)
            found.append(Window(start, start + timedelta(hours=int(match["hours"]))))
    return sorted(found)


def due(now: datetime, length: timedelta, last: datetime | None) -> list[Window]:
    """The complete windows since the last one, oldest first; what is too much waits a turn.

    Without a last one it is the newest complete window.
    """
    settled = (now - SETTLED).replace(minute=0, second=0, microsecond=0)
    start = last or settled - length
    found: list[Window] = []
    while start + length <= settled and len(found) < MOST_AT_ONCE:
        found.append(Window(start, start + length))
        start += length
    return found


def behind(now: datetime, length: timedelta, last: datetime | None) -> int:
    """How many complete windows nobody has looked at."""
    if last is None:
        return 0
    return max(0, math.floor((now - SETTLED - last) / length))


def moment(text: str) -> datetime:
    """A time as AWS writes it, in UTC."""
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def stamp(when: datetime) -> str:
    """A time as our documents write it."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
