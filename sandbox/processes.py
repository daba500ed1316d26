"""The sandbox's child processes: started without forking the server, ended with it, always."""

from __future__ import annotations

import contextlib
import itertools
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SUPERVISOR = Path(__file__).with_name("supervisor.py")


class ProcessError(RuntimeError):
    """A child process could not be started."""


class Process:
    """One child with its process group; ended when `wait` returns."""

    def __init__(self, owner: Processes, argv: Sequence[str], log: Path) -> None:
        self.argv = tuple(argv)
        self.log = log
        self.pid = 0
        self._owner = owner
        self._status: int | None = None
        self._ended = threading.Event()

    def poll(self) -> int | None:
        """The exit status (negative: ended by that signal), or None while it runs."""
        return self._status

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end without polling; None when the time is up first."""
        self._ended.wait(timeout)
        return self._status

    def send_signal(self, number: int) -> None:
        """Signal the whole process group."""
        if not self._ended.is_set():
            self._owner.order({"pid": self.pid, "signal": int(number)})

    def terminate(self, grace: float = 5.0) -> None:
        """End the whole group: SIGTERM, then SIGKILL to whatever is left after `grace` seconds."""
        self.send_signal(signal.SIGTERM)
        if self.wait(grace) is None:
            self.kill()

    def kill(self) -> None:
        """End the whole group at once and wait for it."""
        self.send_signal(signal.SIGKILL)
        self.wait(10)

    def end(self, status: int) -> None:
        """Record the exit status; called once, by the reader."""
        self._status = status
        self._ended.set()


class Processes:
    """Starts processes through a supervisor that ends them all when this process is gone."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._ids = itertools.count(1)
        self._starting: dict[int, tuple[Process, threading.Event, list[str]]] = {}
        self._running: dict[int, Process] = {}
        self._channel: socket.socket | None = None
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._closed = False

    def start(
        self, argv: Sequence[str], env: Mapping[str, str], cwd: str | Path, log: Path
    ) -> Process:
        """Start `argv` in a process group of its own, its output appended to `log`."""
        process, started, errors = Process(self, argv, log), threading.Event(), list[str]()
        with self._lock:
            number = next(self._ids)
            self._starting[number] = (process, started, errors)
            self.order(
                {
                    "id": number,
                    "argv": list(argv),
                    "env": dict(env),
                    "cwd": str(cwd),
                    "log": str(log),
                }
            )
        started.wait(30)
        if errors or not process.pid:
            raise ProcessError("; ".join(errors) or "the process supervisor does not answer")
        return process

    def close(self) -> None:
        """End every child; nothing can be started afterwards."""
        with self._lock:
            self._closed = True
            channel, supervisor = self._channel, self._supervisor
        if channel is not None and supervisor is not None:
            with contextlib.suppress(OSError):
                channel.shutdown(socket.SHUT_WR)
            supervisor.wait(15)

    def order(self, message: dict[str, Any]) -> None:
        """Send one order to the supervisor, starting it before the first."""
        with self._lock:
            if self._closed and "signal" in message:
                return
            if self._closed:
                raise ProcessError("the sandbox is shutting down")
            self._supervised().sendall(json.dumps(message).encode() + b"\n")

    def _supervised(self) -> socket.socket:
        if self._channel is None:
            ours, theirs = socket.socketpair()
            command = [sys.executable, "-I", "-S", str(SUPERVISOR), str(theirs.fileno())]
            self._supervisor = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], start_new_session=True
            )
            theirs.close()
            self._channel = ours
            threading.Thread(target=self._read, args=(ours,), daemon=True).start()
        return self._channel

    def _read(self, channel: socket.socket) -> None:
        with channel.makefile("rb") as reports:
            for line in reports:
                self._receive(json.loads(line))
        with self._lock:
            self._closed = True
            lost = list(self._running.values())
            pending = list(self._starting.values())
        for process in lost:
            process.end(-signal.SIGKILL)
        for _, started, errors in pending:
            errors.append("the process supervisor is gone")
            started.set()

    def _receive(self, report: dict[str, Any]) -> None:
        with self._lock:
            if "status" in report:
                self._running.pop(report["pid"]).end(report["status"])
                return
            process, started, errors = self._starting.pop(report["id"])
            if "error" in report:
                errors.append(report["error"])
            else:
                process.pid = report["pid"]
                self._running[process.pid] = process
        started.set()
