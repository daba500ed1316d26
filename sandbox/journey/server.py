"""A sandbox server in a process of its own: started, remembered, found again and stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox.journey.commands import JourneyError, clean_environment

READY = "Modelyard sandbox ready at "


@dataclass(frozen=True)
class RunningServer:
    """Where a sandbox serves and which process it is."""

    url: str
    pid: int


def start(port: int, log: Path) -> RunningServer:
    """Start a sandbox in a session of its own and wait until it is ready.

    Raises:
        JourneyError: it did not start, for instance because the port is in use.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "serve", "--port", str(port)],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
            env=clean_environment({}),
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
    except BaseException:
        process.kill()
        raise
    if not line.startswith(READY):
        process.wait()
        raise JourneyError(f"the sandbox did not start: {log.read_text().strip()}")
    return RunningServer(url=line.removeprefix(READY).split()[0], pid=process.pid)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a sandbox that lives as long as the block and logs in `folder`."""
    running = start(0, folder / "sandbox.log")
    try:
        yield running.url
    finally:
        stop(running)


def remember(server: RunningServer, file: Path) -> None:
    """Write address and process where people and the next journey look for them."""
    file.write_text(json.dumps(asdict(server), indent=2) + "\n")


def recall(file: Path) -> RunningServer | None:
    """The server `file` names, if that very process still answers there."""
    if not file.exists():
        return None
    with suppress(ValueError, KeyError, OSError, urllib.error.URLError):
        known = json.loads(file.read_text())
        with urllib.request.urlopen(f"{known['url']}/_modelyard/info", timeout=5) as answer:
            if json.load(answer)["pid"] == known["pid"]:
                return RunningServer(known["url"], known["pid"])
    return None


def stop(server: RunningServer, seconds: float = 10.0) -> None:
    """End a server; it takes its children along."""
    deadline = time.monotonic() + seconds
    with suppress(ProcessLookupError):
        os.kill(server.pid, signal.SIGTERM)
        while time.monotonic() < deadline:
            with suppress(ChildProcessError):
                os.waitpid(server.pid, os.WNOHANG)
            os.kill(server.pid, 0)
            time.sleep(0.05)
        os.kill(server.pid, signal.SIGKILL)
