"""Fixtures shared by all tests: a running sandbox and clients against it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """Address of a sandbox server that lives as long as the test session (one per worker)."""
    with _serving() as url:
        yield url


@pytest.fixture(scope="session")
def standing_url() -> Iterator[str]:
    """Address of another such server, whose clock stands until a test advances it."""
    with _serving("--clock-rate", "0") as url:
        yield url


@contextlib.contextmanager
def _serving(*options: str) -> Iterator[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "serve", "--port", "0", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    line = server.stdout.readline()
    assert line.startswith("Modelyard sandbox ready at "), line
    yield line.split()[4]
    server.terminate()
    server.wait(20)


@pytest.fixture
def aws(sandbox_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Points this process's AWS clients at the sandbox as root of the default account."""
    for name in [key for key in os.environ if key.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "123456789012")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sandbox")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return sandbox_url
