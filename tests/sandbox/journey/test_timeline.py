"""The timeline says what happens, how long it took and what failed."""

from __future__ import annotations

from io import StringIO

import pytest

from sandbox.journey.timeline import Timeline


def test_a_stage_is_announced_before_it_runs() -> None:
    out = StringIO()
    timeline = Timeline(out)
    with timeline.stage("apply_dev", "applying dev"):
        assert "applying dev" in out.getvalue()


def test_seconds_are_kept_by_stage_name() -> None:
    timeline = Timeline(StringIO())
    with timeline.stage("run", "running") as stage:
        stage.outcome = "ran"
    assert timeline.seconds.keys() == {"run"}


def test_the_outcome_ends_the_line() -> None:
    out = StringIO()
    with Timeline(out).stage("run", "running") as stage:
        stage.outcome = "registered version 1"
    assert out.getvalue().splitlines()[-1].endswith("s registered version 1")


def test_a_failed_stage_is_marked_and_not_counted() -> None:
    out = StringIO()
    timeline = Timeline(out)
    with pytest.raises(ValueError, match="broken"), timeline.stage("run", "running"):
        raise ValueError("broken")
    assert "failed running" in out.getvalue()
    assert not timeline.seconds
