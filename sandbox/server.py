"""`sandbox serve`: one process that answers AWS's APIs on loopback until it is told to stop."""

from __future__ import annotations

import argparse
import functools
import logging
import math
import os
import pkgutil
import shutil
import signal
import sys
import tempfile
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError

SCRATCH = "modelyard-sandbox-"


def register(subparsers: Any) -> None:
    """Add the command to the sandbox's command line."""
    parser = subparsers.add_parser("serve", help="answer AWS's APIs on a loopback port")
    parser.add_argument("--port", type=int, default=5000, help="0 picks a free one")
    parser.add_argument("--data", type=Path, help="scratch directory (default: a temporary one)")
    parser.add_argument(
        "--clock-rate", type=float, default=1.0, help="seconds per second of the world; 0 stops it"
    )
    parser.set_defaults(func=serve)


def serve(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM (exit 0) or SIGINT (exit 130)."""
    from sandbox.http_server import port_is_taken

    if arguments.port and port_is_taken(arguments.port):
        raise SandboxError(
            f"port {arguments.port} is in use: stop the server there or choose another --port"
        )
    if not (arguments.clock_rate >= 0 and math.isfinite(arguments.clock_rate)):
        raise SandboxError(f"--clock-rate {arguments.clock_rate}: give a number, 0 or more")
    data = arguments.data or _scratch()
    data = data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(filename=data / "sandbox.log", format="%(asctime)s %(name)s %(message)s")
    try:
        return _serve(arguments.port, data, arguments.clock_rate)
    finally:
        if arguments.data is None:
            shutil.rmtree(data, ignore_errors=True)


def _scratch() -> Path:
    """A new temporary folder; those of servers that were killed are removed on the way."""
    for left in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*"):
        owner = left.name.removeprefix(SCRATCH).split("-")[0]
        if owner.isdigit() and not _runs(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{SCRATCH}{os.getpid()}-"))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _serve(port: int, data: Path, clock_rate: float) -> int:
    _leave_the_environment()
    _remember_method_names()
    from sandbox.clock import Clock
    from sandbox.gateway import Gateway
    from sandbox.http_server import LoopbackServer
    from sandbox.runtime import Sandbox

    stopped = threading.Event()
    code = 0

    def stop(number: int, frame: object) -> None:
        nonlocal code
        code = 130 if number == signal.SIGINT else 0
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server = LoopbackServer(port)
    url = f"http://127.0.0.1:{server.port}"
    sandbox = Sandbox(url, data, Clock(clock_rate))
    try:
        install_extensions(sandbox)
        server.app = Gateway(sandbox)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"Modelyard sandbox ready at {url} (pid {os.getpid()})", flush=True)
        stopped.wait()
    finally:
        sandbox.close()
        server.server_close()
    return code


def install_extensions(sandbox: Any) -> None:
    """Let each module of sandbox.aws and sandbox.compute that has `install` extend moto."""
    for package in ("sandbox.aws", "sandbox.compute"):
        for found in sorted(m.name for m in pkgutil.iter_modules(import_module(package).__path__)):
            module = import_module(f"{package}.{found}")
            if hasattr(module, "install"):
                module.install(sandbox)


def _remember_method_names() -> None:
    """moto lists a response class's methods anew for each request; they do not change."""
    from moto.core import responses

    names = responses.method_names_from_class
    if not hasattr(names, "cache_clear"):
        responses.method_names_from_class = functools.cache(names)


def _leave_the_environment() -> None:
    """What the shell says about AWS is meant for clients, not for the server."""
    for name in [n for n in os.environ if n.startswith(("AWS_", "MOTO_"))]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    sys.setswitchinterval(0.001)
