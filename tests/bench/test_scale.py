"""What the bench renders are valid projects, each with a name of its own."""

from __future__ import annotations

from bench import scale
from bench.measure import Row


def test_rows_name_their_count_and_are_measured() -> None:
    rows: list[Row] = scale.scale(2)
    assert [row.name for row in rows] == ["render_s_per_env_2", "render_peak_mb_2"]
    assert all(row.ours > 0 for row in rows)
