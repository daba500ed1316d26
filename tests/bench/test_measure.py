"""Bench rows: the ratio says how many times better ours is."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

from bench.measure import Row, higher_is_better, lower_is_better, table, write


def test_fewer_seconds_are_better() -> None:
    assert lower_is_better("apply_s", "s", 2.0, 6.0, "peer").ratio == 3.0


def test_more_requests_are_better() -> None:
    assert higher_is_better("serving_rps_16", "requests/s", 600.0, 150.0, "peer").ratio == 4.0


def test_a_row_without_a_peer_has_no_ratio() -> None:
    row = lower_is_better("demo_s", "s", 60.0, None, None)
    assert row.ratio is None
    assert "demo_s" in table([row])


def test_bench_json_is_a_list_of_rows(tmp_path: Path) -> None:
    file = tmp_path / "build" / "bench.json"
    write([lower_is_better("demo_s", "s", 60.0, None, None)], file)
    (row,) = json.loads(file.read_text())
    assert set(row) == {field.name for field in fields(Row)}
    assert set(row) == {"name", "unit", "ours", "peer", "peer_name", "ratio"}
