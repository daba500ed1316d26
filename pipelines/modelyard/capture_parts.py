"""Slices of oversized capture records, put together again whatever order they arrive in.

A log event holds only so much, so the container cuts a longer line into slices
{"capturePart": {"eventId": .., "sequence": 1, "of": 3, "data": ".."}}.
"""

from collections.abc import Mapping
from typing import Any

from modelyard.capture_payloads import Unusable

# A record waits for its other slices; what waits must not grow without bound.
_MOST_BYTES = 64 * 1024 * 1024


class Parts:
    """The slices that wait for their others."""

    def __init__(self) -> None:
        self._slices: dict[str, dict[int, str]] = {}
        self._whole: set[str] = set()
        self._bytes = 0
        self._given_up = 0

    @property
    def waiting(self) -> int:
        """Records of which a slice is missing."""
        return len(self._slices) + self._given_up

    def add(self, part: Any) -> str | None:
        """The whole line, once its last slice is there; a slice that comes again adds nothing."""
        event, sequence, size, data = _read(part)
        if event in self._whole:
            return None
        slices = self._slices.setdefault(event, {})
        self._bytes += len(data) - len(slices.get(sequence, ""))
        slices[sequence] = data
        numbers = range(1, size + 1)
        if all(number in slices for number in numbers):
            self._whole.add(event)
            self._forget(event)
            return "".join(slices[number] for number in numbers)
        while self._bytes > _MOST_BYTES:
            self._forget(next(iter(self._slices)))
            self._given_up += 1
        return None

    def _forget(self, event: str) -> None:
        self._bytes -= sum(map(len, self._slices.pop(event).values()))


def _read(part: Any) -> tuple[str, int, int, str]:
    if not isinstance(part, Mapping):
        raise Unusable("a slice is not a JSON object")
    event, sequence, size, data = (part.get(key) for key in ("eventId", "sequence", "of", "data"))
    if not (isinstance(event, str) and isinstance(data, str)):
        raise Unusable("a slice lacks its event or its data")
    if not (isinstance(sequence, int) and isinstance(size, int) and 1 <= sequence <= size):
        raise Unusable("a slice is not numbered")
    return event, sequence, size, data
