"""`render_s_per_env_10`, `_100` and their peak memory: an organisation's projects on paper."""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import yaml

from bench.measure import Row, lower_is_better, progress

COUNTS = (10, 100)
# What a project is built from here; the demo's own is not generated when only this is measured.
PROJECT = {
    "name": "loans",
    "title": "Loans",
    "business": {"objective": "Decide", "kpi": "days", "owner": "Eve", "expert": "Ed"},
    "owner": "credit-risk",
    "cost_center": "4711",
    "risk": {"tier": "high", "decision": "assisted"},
    "team": {"data-scientist": ["alice"], "model-approver": ["bob"]},
    "environments": {
        name: {"account": "123456789012", "region": "us-east-1"}
        for name in ("dev", "staging", "prod")
    },
    "data": [{"name": "applications", "source": "data/a.csv", "legal_basis": "contract"}],
    "model": {"problem": "binary", "target": "approve"},
}


def scale(count: int) -> list[Row]:
    """Seconds per environment and peak memory of a process for this many project environments."""
    progress(f"rendering {count} project environments on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        files = [_project(Path(folder), number) for number in range(count)]
        # A process of its own: its children's peak is this measurement's alone.
        seconds, megabytes = _apart(files)
    return [
        lower_is_better(f"render_s_per_env_{count}", "s per environment", seconds, None, None),
        lower_is_better(f"render_peak_mb_{count}", "MB in a process", megabytes, None, None),
    ]


def _project(folder: Path, number: int) -> Path:
    name = f"project-{number:04d}"
    file = folder / name / "project.yaml"
    file.parent.mkdir()
    file.write_text(yaml.safe_dump({**PROJECT, "name": name}))
    return file


def _apart(files: list[Path]) -> tuple[float, float]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measured, files).result()


def measured(files: list[Path]) -> tuple[float, float]:
    """Wall seconds per environment after import, and the peak of the largest process.

    Where more processes are started, their start and their own import are in it.
    """
    from sandbox.provider.many import Environment, workspace, workspaces

    workspace(Environment(files[0], "dev"))
    begin = time.perf_counter()
    made = sum(1 for _ in workspaces([Environment(file, "dev") for file in files]))
    seconds = (time.perf_counter() - begin) / made
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return seconds, peak / (2**20 if sys.platform == "darwin" else 2**10)


def rows() -> list[Row]:
    """The rows of this file."""
    return [row for count in COUNTS for row in scale(count)]
