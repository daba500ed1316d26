"""Peers live in environments of their own below build/peers/, made once from pins."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from bench.measure import progress

HERE = Path(__file__).resolve().parent
PLACE = HERE.parent / "build" / "peers"


class PeerUnavailableError(Exception):
    """A peer could not be installed or run here; its row goes without one."""


def python_of(peer: str) -> Path:
    """The interpreter of the environment pinned by bench/peers/<peer>.txt, made on first use."""
    pins = HERE / "peers" / f"{peer}.txt"
    key = hashlib.sha256(pins.read_bytes() + sys.version.encode()).hexdigest()[:12]
    environment = PLACE / f"{peer}-{key}"
    python = environment / "bin" / "python"
    stamp = environment / "complete"
    if not stamp.exists():
        progress(f"installing the peer {peer} (once)")
        commands = (
            [sys.executable, "-m", "venv", "--clear", str(environment)],
            [
                str(python),
                "-m",
                "pip",
                "install",
                "-q",
                "--no-deps",
                "--require-hashes",
                "-r",
                str(pins),
            ],
        )
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise PeerUnavailableError(done.stderr.strip()[-500:])
        stamp.touch()
    return python
