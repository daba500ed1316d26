"""The server in R as SageMaker starts it, asked over HTTP."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/3"


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: Any
    body: Any


class Answering:
    """A running server."""

    def __init__(self, model: Path, log: Path, **variables: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.log = log
        stated = {
            "SM_MODEL_DIR": str(model),
            "SAGEMAKER_BIND_TO_PORT": str(self.port),
            "MODELYARD_MODEL_PACKAGE": PACKAGE,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "modelyard.serving"],
                env={**os.environ, **stated, **variables},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def until_healthy(self) -> "Answering":
        """Waits as SageMaker does, which gives a container minutes."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.ask(None, method="GET", path="/ping").status == 200:
                    return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError(self.log.read_text(encoding="utf-8"))

    def ask(
        self,
        body: Any,
        content_type: str = "application/json",
        method: str = "POST",
        path: str = "/invocations",
        **headers: str,
    ) -> Reply:
        """One request; headers with _ for -."""
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        stated = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=content,
            method=method,
            headers={"content-type": content_type, **stated},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Reply(answer.status, answer.headers, json.loads(answer.read()))
        except urllib.error.HTTPError as error:
            return Reply(error.code, error.headers, json.loads(error.read()))

    def end(self) -> int:
        """Asks it to end as SageMaker does; its exit code."""
        self.process.terminate()
        return self.process.wait(20)
