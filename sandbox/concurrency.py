"""Reserved concurrency: how many invocations of a function may run at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class ThrottledError(Exception):
    """An invocation for which there is no room."""


class Concurrency:
    """Counts what runs of each function."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running: Counter[str] = Counter()

    @contextmanager
    def slot(self, function: Any, waits: bool) -> Iterator[int]:
        """Room for one invocation, and how many run then; an asynchronous one waits for room,
        unless there never is any."""
        arn = str(function.function_arn)
        with self._changed:
            while not self._has_room(function, arn):
                if not waits or reserved(function) == 0:
                    raise ThrottledError("Rate Exceeded.")
                self._changed.wait()
            self._running[arn] += 1
            running = self._running[arn]
        try:
            yield running
        finally:
            with self._changed:
                self._running[arn] -= 1
                self._changed.notify_all()

    def _has_room(self, function: Any, arn: str) -> bool:
        most = reserved(function)
        return most is None or self._running[arn] < most


def reserved(function: Any) -> int | None:
    """The function's reserved concurrency; None when it has none."""
    stated = function.reserved_concurrency
    return None if stated is None else int(stated)
