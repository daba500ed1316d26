"""Commands a journey runs as a person would, none of which outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError

from modelyard.errors import ModelyardError
from sandbox.errors import SandboxError

LOG_TAIL = 25


class JourneyError(Exception):
    """A stage failed; the message says which command, and shows the end of what it printed."""


# What ends a journey with one message instead of a traceback.
FAILURES = (JourneyError, ModelyardError, SandboxError, BotoCoreError, ClientError)


def clean_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without foreign AWS settings or Python overrides, plus `extra`."""
    dropped = ("AWS_", "PYTHON", "VIRTUAL_ENV", "MAKE", "MFLAGS")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
    return {**kept, **extra}


_INTERRUPTED = threading.Event()


def interruptible() -> None:
    """Have Ctrl-C and SIGTERM end this process's journey; it starts no command afterwards.

    Raising is not enough: what a signal raises while botocore registers its handlers was seen to
    be lost (CPython 3.11), and the journey went on.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)


def interrupt(number: int, frame: FrameType | None) -> None:
    """What a signal does to a journey."""
    _INTERRUPTED.set()
    raise KeyboardInterrupt


def end_group(process: subprocess.Popen[str]) -> None:
    """End a command and everything it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
            return


def run(arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> str:
    """Run a command and return what it printed on standard output.

    Raises:
        JourneyError: it exited with another code than 0.
        KeyboardInterrupt: somebody interrupted the journey, before or meanwhile.
    """
    if _INTERRUPTED.is_set():
        raise KeyboardInterrupt
    process = subprocess.Popen(
        arguments,
        cwd=cwd,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        output, errors = process.communicate()
    except BaseException:
        end_group(process)
        raise
    if process.returncode:
        tail = "\n".join((output + errors).strip().splitlines()[-LOG_TAIL:])
        command = " ".join(Path(argument).name for argument in arguments[:1]) + " "
        command += " ".join(arguments[1:])
        raise JourneyError(f"`{command}` exited with {process.returncode}:\n{tail}")
    return output
