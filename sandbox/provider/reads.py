"""Which outputs a program reads and which were supplied, so that a missing one can be named."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pulumi


class Reads:
    """Outputs read by the program against outputs supplied to it."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str], set[str]] = {}
        self._supplied: dict[tuple[str, str], tuple[str, frozenset[str]]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Notice every output property that is read meanwhile."""
        original, read, lock = pulumi.get, self._read, self._lock

        def get(self: Any, name: str) -> Any:
            if isinstance(self, pulumi.CustomResource):
                key = (str(getattr(type(self), "pulumi_type", "")), str(self._name))
                with lock:
                    read.setdefault(key, set()).add(name)
            return original(self, name)

        # Every generated property is `pulumi.get(self, NAME)`, looked up when it is read.
        pulumi.get = get
        try:
            yield
        finally:
            pulumi.get = original

    def supplied(self, type_: str, name: str, urn: str, outputs: Mapping[str, Any]) -> None:
        """Note what a resource gave back."""
        given = frozenset(_snake(key) for key, value in outputs.items() if value is not None)
        with self._lock:
            self._supplied[(type_, name)] = (urn, given)

    def missing(self, urns: Iterable[str]) -> list[str]:
        """Outputs read but not supplied, of `urns` where that is known."""
        wanted = set(urns)
        found = [
            (urn, f"output {output} of {urn}")
            for key, outputs in self._read.items()
            for urn, given in [self._supplied.get(key, ("", frozenset()))]
            for output in sorted(outputs - given)
            if urn
        ]
        return [text for urn, text in found if urn in wanted] or [text for _, text in found]


def _snake(name: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)
