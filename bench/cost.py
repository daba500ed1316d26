"""`idle_usd_per_project`: what a project's three environments cost while nothing runs."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.measure import Row, lower_is_better, progress
from bench.programs import model_repo

PROJECTS = 20


def rows() -> list[Row]:
    """The rows of this file; no peer can be priced here, as none ships a price table."""
    from sandbox.cost.rendering import priced

    progress("pricing the demo's project")
    with tempfile.TemporaryDirectory() as folder:
        estimate = priced(model_repo(Path(folder)) / "project.yaml")
    unit = f"USD a month, list prices, {PROJECTS} projects"
    usd = estimate.per_project(PROJECTS)
    return [lower_is_better("idle_usd_per_project", unit, usd, None, None)]
