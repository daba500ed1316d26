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
    environment, pins = _place(peer)
    python = environment / "bin" / "python"
    if not is_made(peer):
        progress(f"installing the peer {peer} (once)")
        # Pins are complete; pip would refuse some for what their extras are called.
        install = [str(python), "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "-r"]
        commands = (
            [sys.executable, "-m", "venv", "--clear", str(environment)],
            [*install, str(pins)],
        )
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise PeerUnavailableError(done.stderr.strip()[-500:])
        (environment / "complete").touch()
    return python


def is_made(peer: str) -> bool:
    """Whether a peer's environment is complete."""
    return (_place(peer)[0] / "complete").exists()


def _place(peer: str) -> tuple[Path, Path]:
    pins = HERE / "peers" / f"{peer}.txt"
    key = hashlib.sha256(pins.read_bytes() + sys.version.encode()).hexdigest()[:12]
    return PLACE / f"{peer}-{key}", pins
