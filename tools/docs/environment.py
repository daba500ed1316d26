"""mkdocs in an environment of its own, build/docs-env: nothing the platform runs needs it."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from tools.docs.places import ENVIRONMENT, PINS
from tools.layered import create, pip


def python() -> Path:
    """Its interpreter; the environment is made first where it is absent or its pins are older.

    Raises:
        LayerError: it cannot be made.
    """
    wanted = hashlib.sha256(sys.version.encode() + PINS.read_bytes()).hexdigest()
    stamp = ENVIRONMENT / "complete"
    if not (stamp.is_file() and stamp.read_text() == wanted):
        sys.stdout.write("setting up build/docs-env (once; needs a Python package index)\n")
        made = create(ENVIRONMENT)
        pip(made, "--require-hashes", "-r", str(PINS))
        stamp.write_text(wanted)
    return ENVIRONMENT / "bin" / "python"
