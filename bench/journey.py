"""`demo_s`: the whole journey, as `make demo` runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.measure import Row, lower_is_better, progress

CHECKOUT = Path(__file__).resolve().parent.parent


def rows() -> list[Row]:
    """The row of this file."""
    progress("the demo")
    command = [sys.executable, "-m", "sandbox", "demo"]
    subprocess.run(command, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)
    summary = json.loads((CHECKOUT / "build" / "demo" / "summary.json").read_text())
    return [lower_is_better("demo_s", "s", summary["seconds"]["total"], None, None)]
