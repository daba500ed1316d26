"""Runs a Pulumi program in this process, as Pulumi's Python host would run it."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import os
import runpy
import sys
import warnings
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pulumi
from pulumi.runtime import Settings, configure, run_in_stack, set_all_config
from pulumi.runtime.mocks import MockEngine

from sandbox.provider.errors import ProviderError
from sandbox.provider.monitor import Monitor
from sandbox.provider.program import Program, Stack
from sandbox.provider.reads import Reads
from sandbox.provider.realiser import Realiser, StackOutputs

# Measured: more workers are slower against a server on two cores.
WORKERS = 4
_LOG = logging.getLogger("sandbox.provider")
_WAIT = asyncio.wait
# Some of what a program left is collected long after it ended.
warnings.filterwarnings("ignore", message=r"coroutine 'Output\..*' was never awaited")


def run_program(stack: Stack, realiser: Realiser) -> StackOutputs:
    """Run one stack's program, every resource made real by `realiser`; its exports.

    The program's folder is this process's working directory meanwhile, as it is under Pulumi.
    A user's mistake comes out as a `ProviderError` of one line, a defect as it was raised.
    """
    reads = Reads()
    monitor = Monitor(stack, realiser, reads)
    with _as_program(stack.program), reads.recorded():
        # Pulumi keeps its settings in context variables: a context of its own isolates each run.
        contextvars.copy_context().run(_run, stack, monitor)
    return monitor.exports


def _run(stack: Stack, monitor: Monitor) -> None:
    set_all_config(stack.all_config, list(stack.secret_keys))
    settings = Settings(
        project=stack.program.name,
        stack=stack.name,
        organization=stack.organization,
        monitor=monitor,
        engine=MockEngine(_LOG),
        dry_run=False,
        parallel=WORKERS,
        root_directory=str(stack.program.root),
    )
    pulumi.runtime.settings.set_root_resource(None)  # type: ignore[arg-type]
    # Settings reads the monitor's features from its own attributes; configure copies all of them.
    configure(settings)
    loop = asyncio.new_event_loop()
    pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="pulumi")
    loop.set_default_executor(pool)
    asyncio.set_event_loop(loop)
    # Dependents of a failed resource fail with it; the cause is raised below, once.
    loop.set_exception_handler(lambda *_: None)
    try:
        with patch.object(asyncio, "wait", _wait_for_all):
            loop.run_until_complete(run_in_stack(lambda: _execute(stack.program.folder)))
    except pulumi.RunError as error:
        raise ProviderError(str(error)) from error
    except Exception:
        # Dependents fail with their dependency's error; the first one is the cause.
        if monitor.failures:
            raise monitor.failures[0] from None
        raise
    finally:
        pool.shutdown(wait=True)
        _discard(loop)


async def _wait_for_all(tasks: Collection[asyncio.Task[Any]], **_: Any) -> Any:
    """Pulumi asks anew after each finished output: a third of a render went into asking."""
    return await _WAIT(tasks, return_when=asyncio.FIRST_EXCEPTION)


def _execute(folder: Path) -> None:
    runpy.run_path(str(folder), run_name="__main__")


@contextlib.contextmanager
def _as_program(program: Program) -> Iterator[None]:
    """Working directory and module search as Pulumi's host sets them; both restored afterwards."""
    folder = program.folder
    directory, search = Path.cwd(), list(sys.path)
    known = {name: sys.modules.pop(name) for name in _modules_below(folder)}
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    try:
        with warnings.catch_warnings():
            # What a program had begun when it failed is not awaited any more.
            warnings.filterwarnings("ignore", message="coroutine .* was never awaited")
            yield
    finally:
        for name in _modules_below(folder):
            del sys.modules[name]
        sys.modules.update(known)
        sys.path[:] = search
        os.chdir(directory)


def _modules_below(folder: Path) -> list[str]:
    """The modules a program finds by its own folder alone, such as a neighbouring settings.py.

    Those of an installed package stay, as Python keeps them: Pulumi's type caches would hold every
    copy of their classes for good.
    """
    prefix = f"{folder}{os.sep}"
    own = {entry.stem for entry in folder.iterdir()}
    return [
        name
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in own
        and str(getattr(module, "__file__", None) or "").startswith(prefix)
        and name != "__main__"
    ]


def _discard(loop: asyncio.AbstractEventLoop) -> None:
    """Close a loop whose program may have ended in the middle."""
    pending: set[asyncio.Task[Any]] = asyncio.all_tasks(loop)
    for task in pending:
        task.cancel()
    if pending:
        loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
    asyncio.set_event_loop(None)
    loop.close()
