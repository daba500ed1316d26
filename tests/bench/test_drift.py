"""The drift rows measure what they say: the stated shape, and distances that peers share."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from bench import drift, drift_data, drift_floor, drift_ours


def test_rows_are_sixteen_numbers_and_four_dictionaries() -> None:
    table = drift_data.piece(np.random.default_rng(0), 100, 0.0)
    kinds = [str(field.type).partition("<")[0] for field in table.schema]
    assert kinds == ["double"] * 16 + ["dictionary"] * 4
    assert set(table.schema.names) == {column.name for column in drift_data.COLUMNS}


def test_distances_are_compared_where_the_peer_has_one() -> None:
    mine = {"distances": {"a": 0.1, "b": 0.5}}
    assert drift.apart(mine, {"distances": {"a": 0.13}}) == pytest.approx(0.03)


def test_the_floor_counts_every_row(tmp_path: Path) -> None:
    file = str(tmp_path / "rows.parquet")
    pq.write_table(drift_data.piece(np.random.default_rng(0), 1000, 0.0), file)
    found = drift_floor.count(file, ["n0", "s0"], -5.0, 100.0)
    assert [sum(counts) for counts, _ in found.values()] == [1000, 1000]  # type: ignore[misc]


def test_our_side_scores_what_it_fitted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, baseline = str(tmp_path / "rows.parquet"), str(tmp_path / "baseline.json")
    pq.write_table(drift_data.piece(np.random.default_rng(0), 1000, 0.0), rows)
    for arguments in (["fit", rows, baseline], ["score", baseline, rows]):
        monkeypatch.setattr("sys.argv", ["drift_ours", *arguments])
        assert drift_ours.main() == 0
    scored = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert set(scored["distances"].values()) == {0.0}
    assert len(scored["distances"]) == 20
