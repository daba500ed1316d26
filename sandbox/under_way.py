"""A count of what has begun and not ended, so that the clock can wait for it."""

from __future__ import annotations

import threading


class UnderWay:
    """Counts across threads."""

    def __init__(self) -> None:
        self._count = 0
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Something more is under way."""
        with self._lock:
            self._count += 1

    def end(self) -> None:
        """Something has ended."""
        with self._lock:
            self._count -= 1

    def busy(self) -> bool:
        """Whether anything is under way."""
        return self._count > 0
