"""Which fleet a request goes to: shares that change at once and lose no request."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence

from sandbox.compute.fleet import Fleet


class Traffic:
    """The fleets that answer now, each with its share of the requests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shares: tuple[tuple[Fleet, float], ...] = ()

    def shift(self, *shares: tuple[Fleet, float]) -> None:
        """From now on, requests go to these fleets; those under way stay where they are."""
        with self._lock:
            self._shares = tuple(each for each in shares if each[1] > 0)

    def hold(self) -> Fleet | None:
        """A fleet for one request, kept alive for it; None when nothing serves.

        Choosing and holding are one step, so that no fleet can end in between.
        """
        with self._lock:
            return _chosen(self._shares).hold() if self._shares else None

    @property
    def fleets(self) -> tuple[Fleet, ...]:
        """The fleets that answer now."""
        with self._lock:
            return tuple(fleet for fleet, _ in self._shares)


def _chosen(shares: Sequence[tuple[Fleet, float]]) -> Fleet:
    if len(shares) == 1:
        return shares[0][0]
    return random.choices([fleet for fleet, _ in shares], [share for _, share in shares])[0]
