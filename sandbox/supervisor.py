"""Starts and ends the sandbox's child processes; ends them all when its own parent is gone.

Runs as a process of its own (`python -I -S supervisor.py FD`), with the standard library only.
It exists because a server of many threads cannot fork cheaply or safely, and because the
kernel's parent-death signal follows the thread that spawned, not the process.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
SUPERVISOR = os.getpid()
LIBC = ctypes.CDLL(None)


def die_with_supervisor() -> None:
    """Ask Linux to kill this child when the supervisor dies; elsewhere the pipe has to do."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != SUPERVISOR:
            os.kill(os.getpid(), signal.SIGKILL)


class Supervisor:
    """The children by process id, and the socket to the server that asks for them."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self.children: dict[int, subprocess.Popen[bytes]] = {}
        self.buffer = b""

    def run(self) -> None:
        """Serve until the server closes its end of the socket, however it died."""
        wake, waker = os.pipe()
        os.set_blocking(waker, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        try:
            while True:
                ready, _, _ = select.select([self.channel.fileno(), wake], [], [])
                if wake in ready:
                    os.read(wake, 4096)
                    self.reap()
                if self.channel.fileno() in ready and not self.receive():
                    return
        finally:
            self.end_all()

    def receive(self) -> bool:
        data = self.channel.recv(1 << 20)
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        for line in lines:
            self.handle(json.loads(line))
        return bool(data)

    def handle(self, order: dict[str, Any]) -> None:
        if "signal" in order:
            self.kill(order["pid"], order["signal"])
            return
        try:
            child = self.spawn(order)
        except OSError as error:
            where = error.filename or order["argv"][0]
            self.send({"id": order["id"], "error": f"{error.strerror}: {where}"})
            return
        self.children[child.pid] = child
        self.send({"id": order["id"], "pid": child.pid})

    def spawn(self, order: dict[str, Any]) -> subprocess.Popen[bytes]:
        with Path(order["log"]).open("ab") as log:
            return subprocess.Popen(
                order["argv"],
                env=order["env"],
                cwd=order["cwd"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_supervisor,
            )

    def reap(self) -> None:
        """Report each child that ended, and end what it left behind in its process group."""
        for pid, child in list(self.children.items()):
            status = child.poll()
            if status is None:
                continue
            self.kill(pid, signal.SIGKILL)
            del self.children[pid]
            self.send({"pid": pid, "status": status})

    def kill(self, pid: int, number: int) -> None:
        """Signal the group of a child that is still ours, so never a recycled process id."""
        if pid in self.children:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, number)

    def end_all(self) -> None:
        for pid, child in self.children.items():
            self.kill(pid, signal.SIGKILL)
            child.wait()

    def send(self, report: dict[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.channel.sendall(json.dumps(report).encode() + b"\n")


if __name__ == "__main__":
    Supervisor(socket.socket(fileno=int(sys.argv[1]))).run()
