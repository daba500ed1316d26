"""The demo says what stays on the bill, environment by environment."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

from sandbox.journey.price import price
from sandbox.journey.stages import Journey
from sandbox.journey.timeline import Timeline

PROJECT = Path(__file__).parents[1] / "provider" / "project.yaml"


def test_every_environment_has_a_line_and_the_sums_agree(tmp_path: Path) -> None:
    shutil.copy(PROJECT, tmp_path)
    out = io.StringIO()
    sums = price(Timeline(out), Journey(tmp_path, "http://127.0.0.1:1"))
    told = out.getvalue()
    for environment, usd in sums["environments"].items():
        assert f"{environment:<8} {usd:.2f} USD a month" in told
    assert f"the project costs {sums['own_usd']:.2f} USD" in told
    assert abs(sum(sums["environments"].values()) - sums["own_usd"]) < 0.01
