"""`serving_*`: one scikit-learn model behind our server, which checks its input, and MLflow's.

Scaler and logistic regression over 20 numeric features, single-row JSON, 16 connections. Start-up
is from the command to the first healthy answer; memory is what all processes of the server hold
after the load, pages they share counted once (PSS).
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.environments import PeerUnavailableError, python_of
from bench.measure import Row, higher_is_better, lower_is_better, progress
from bench.our_model import COLUMNS, save

CONNECTIONS = 16
SECONDS = 8.0
START_LIMIT_S = 60.0
PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/bench/1"
MLFLOW = "mlflow models serve 3.17"


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Served:
    """A server that runs: how long it took to come up, and the process to look at."""

    start_s: float
    pid: int


@contextmanager
def serving(command: list[str], environment: Mapping[str, str], ping: str) -> Iterator[Served]:
    """A server that answers `ping` while the block runs."""
    begun = time.monotonic()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, env=dict(environment), stdout=log, stderr=log, start_new_session=True
        )
        try:
            deadline = time.monotonic() + START_LIMIT_S
            while not answers(ping):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise PeerUnavailableError(log.read().decode()[-500:])
                time.sleep(0.02)
            yield Served(time.monotonic() - begun, process.pid)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def answers(url: str) -> bool:
    """Whether the URL answers 200."""
    with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=2) as answer:
        return bool(answer.status == 200)
    return False


def memory_mb(pid: int) -> float:
    """What a process and its children hold, in MB."""
    kept = 0.0
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            kept = int(line.split()[1]) / 1024
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return kept + sum(memory_mb(int(child)) for child in children)


def load(url: str, body: str) -> dict[str, float]:
    """Figures of the load generator, which runs in a process of its own."""
    command = [sys.executable, "-m", "bench.load", url, body, str(CONNECTIONS), str(SECONDS)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def measured(served: Served, figures: dict[str, float]) -> dict[str, float]:
    """The load's figures with those of the server that bore it."""
    return {**figures, "start_s": served.start_s, "memory_mb": memory_mb(served.pid)}


def row_values() -> dict[str, float]:
    """One request's features."""
    return {name: round(0.1 * number, 1) for number, name in enumerate(COLUMNS)}


def ours() -> dict[str, float]:
    """Figures of `serve`, started as SageMaker starts it."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        save(Path(folder))
        environment = {
            **os.environ,
            "SM_MODEL_DIR": folder,
            "SAGEMAKER_BIND_TO_PORT": str(port),
            "MODELYARD_MODEL_PACKAGE": PACKAGE,
        }
        command = [sys.executable, "-m", "modelyard.serving"]
        with serving(command, environment, f"http://127.0.0.1:{port}/ping") as served:
            body = json.dumps({"instances": [row_values()]})
            return measured(served, load(f"http://127.0.0.1:{port}/invocations", body))


def mlflow() -> dict[str, float]:
    """Figures of MLflow's model server, in its own environment."""
    python = python_of("mlflow")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        model = str(Path(folder) / "model")
        script = str(Path(__file__).with_name("mlflow_model.py"))
        done = subprocess.run([str(python), script, model], capture_output=True, text=True)
        if done.returncode:
            raise PeerUnavailableError(done.stderr[-500:])
        command = [str(python), "-m", "mlflow", "models", "serve", "-m", model]
        command += ["--env-manager", "local", "--port", str(port)]
        path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
        ping = f"http://127.0.0.1:{port}/ping"
        with serving(command, {**os.environ, "PATH": path}, ping) as served:
            body = json.dumps({"inputs": [list(row_values().values())]})
            return measured(served, load(f"http://127.0.0.1:{port}/invocations", body))


def rows() -> list[Row]:
    """The rows of this file."""
    progress("16 connections to our model server")
    mine = ours()
    peer: dict[str, float] = {}
    try:
        progress("16 connections to MLflow's model server")
        peer = mlflow()
    except PeerUnavailableError as reason:
        progress(f"no peer: {reason}")
    per_second, tail = peer.get("requests_per_s"), peer.get("p99_ms")
    return [
        higher_is_better(
            "serving_rps_16", "requests/s", mine["requests_per_s"], per_second, MLFLOW
        ),
        lower_is_better("serving_p99_ms_16", "ms", mine["p99_ms"], tail, MLFLOW),
        lower_is_better("serving_start_s", "s", mine["start_s"], peer.get("start_s"), MLFLOW),
        lower_is_better(
            "serving_memory_mb", "MB", mine["memory_mb"], peer.get("memory_mb"), MLFLOW
        ),
    ]
