"""A process's log file on its way to CloudWatch Logs, a batch of lines at a time."""

from __future__ import annotations

import threading
from pathlib import Path

from moto.logs.models import logs_backends

from sandbox.compute.operations import Scope

LONGEST_LINE = 250_000
# moto's log streams are plain lists: one writer at a time.
_writing = threading.Lock()


class LogFeed:
    """Copies the complete lines of one growing file to one log stream."""

    def __init__(self, scope: Scope, group: str, stream: str, file: Path) -> None:
        self._backend = logs_backends[scope.account][scope.region]
        self._clock = scope.sandbox.clock
        self._group, self._stream, self._file = group, stream, file
        self._position = 0
        with _writing:
            self._backend.ensure_log_group(group)
            self._backend.ensure_log_stream(group, stream)

    def pump(self, everything: bool = False) -> None:
        """Deliver what was written since the last call; an unfinished line waits for its end."""
        if not self._file.exists():
            return
        with self._file.open("rb") as file:
            file.seek(self._position)
            data = file.read()
        if not everything:
            data = data[: data.rfind(b"\n") + 1]
        self._position += len(data)
        now = int(self._clock.time() * 1000)
        events = [
            {"timestamp": now, "message": line[:LONGEST_LINE]}
            for line in data.decode("utf-8", "replace").splitlines()
            if line
        ]
        if events:
            with _writing:
                self._backend.put_log_events(self._group, self._stream, events)
