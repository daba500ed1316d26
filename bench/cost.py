"""`idle_usd_per_project`: what a project's three environments and Studio cost idle."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.measure import Row, lower_is_better, progress
from bench.programs import model_repo

PROJECTS = 20


def rows() -> list[Row]:
    """The rows of this file; no peer can be priced here, as none ships a price table."""
    from sandbox.cost.rendering import STUDIO_ENDPOINTS, priced

    progress("pricing the demo's project")
    with tempfile.TemporaryDirectory() as folder:
        estimate = priced(model_repo(Path(folder)) / "project.yaml", STUDIO_ENDPOINTS)
    unit = f"USD a month with Studio, {PROJECTS} projects share"
    usd = estimate.per_project(PROJECTS)
    return [lower_is_better("idle_usd_per_project", unit, usd, None, None)]
