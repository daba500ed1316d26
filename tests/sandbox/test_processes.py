"""Child processes of the sandbox live no longer than it does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.processes import ProcessError, Processes

SHELL = "/bin/sh"
ENV = {"PATH": "/usr/bin:/bin"}


@pytest.fixture
def processes() -> Iterator[Processes]:
    processes = Processes()
    yield processes
    processes.close()


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody has reaped yet does not."""
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(pid: int) -> bool:
    for _ in range(200):
        if not alive(pid):
            return True
        time.sleep(0.02)
    return False


def pid_in(log: Path) -> int:
    for _ in range(200):
        if log.exists() and log.read_text().endswith("\n"):
            return int(log.read_text())
        time.sleep(0.02)
    raise AssertionError("the child never wrote its process id")


def test_exit_status_and_output_are_kept(processes: Processes, tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = processes.start([SHELL, "-c", "echo $WORD; exit 3"], {**ENV, "WORD": "hej"}, "/", log)
    assert process.wait(10) == 3
    assert log.read_text() == "hej\n"


def test_missing_program_is_an_error_that_names_it(processes: Processes, tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match="No such file or directory: no-such-program"):
        processes.start(["no-such-program"], ENV, "/", tmp_path / "log")


def test_terminate_ends_the_whole_group(processes: Processes, tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = processes.start([SHELL, "-c", "sleep 600 & echo $!; wait"], ENV, "/", log)
    grandchild = pid_in(log)
    process.terminate()
    assert process.poll() == -signal.SIGTERM
    assert gone(grandchild)


def test_what_a_process_leaves_behind_ends_with_it(processes: Processes, tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = processes.start([SHELL, "-c", "sleep 600 & echo $!"], ENV, "/", log)
    assert process.wait(10) == 0
    assert gone(pid_in(log))


def test_close_ends_every_process_and_refuses_new_ones(
    processes: Processes, tmp_path: Path
) -> None:
    process = processes.start([SHELL, "-c", "sleep 600"], ENV, "/", tmp_path / "log")
    processes.close()
    assert gone(process.pid)
    with pytest.raises(ProcessError, match="shutting down"):
        processes.start([SHELL, "-c", "true"], ENV, "/", tmp_path / "log")


def test_killed_server_takes_children_and_grandchildren_along(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from sandbox.processes import Processes\n"
        "command = ['/bin/sh', '-c', 'sleep 600 & echo $!; wait']\n"
        "process = Processes().start(command, {'PATH': '/usr/bin:/bin'}, '/', Path(sys.argv[1]))\n"
        "print(process.pid, flush=True); time.sleep(600)\n"
    )
    log = tmp_path / "log"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(log)], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        child, grandchild = int(server.stdout.readline()), pid_in(log)
        os.kill(server.pid, signal.SIGKILL)
    assert gone(child)
    assert gone(grandchild)
