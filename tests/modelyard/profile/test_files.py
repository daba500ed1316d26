"""Files of any format and any cut give one profile, in memory that does not grow with them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modelyard import profile
from modelyard.data import Column
from tests.modelyard.profile.examples import text

COLUMNS = (
    Column(name="n", kind="number", use="feature"),
    Column(name="c", kind="category", use="feature", categories=("red", "blue")),
    Column(name="d", kind="date", use="feature"),
)
RANDOM = np.random.default_rng(3)
ROWS = 3000


@pytest.fixture(scope="module")
def table() -> Any:
    return pa.table(
        {
            "n": pa.array(RANDOM.normal(0, 1, ROWS), mask=RANDOM.random(ROWS) < 0.1),
            "c": pa.array(RANDOM.choice(["red", "blue", "green"], ROWS)).dictionary_encode(),
            "d": pa.array(RANDOM.integers(18000, 19000, ROWS), pa.int32()).cast(pa.date32()),
            "unknown": pa.array(np.arange(ROWS)),
        }
    )


@pytest.fixture(scope="module")
def baseline(table: Any, tmp_path_factory: pytest.TempPathFactory) -> profile.Profile:
    file = tmp_path_factory.mktemp("baseline") / "rows.parquet"
    pq.write_table(table, file, row_group_size=700)
    return profile.baseline_of_parquet(file, COLUMNS)


def rows(table: Any) -> list[dict[str, Any]]:
    return [{**row, "d": row["d"].isoformat()} for row in table.to_pylist()]


@pytest.mark.parametrize("group", [100, 3000])
@pytest.mark.parametrize("threads", [1, 3])
def test_threads_and_row_groups_do_not_matter(
    group: int, threads: int, table: Any, baseline: profile.Profile, tmp_path: Path
) -> None:
    pq.write_table(table, tmp_path / "rows.parquet", row_group_size=group)
    found = profile.parquet(tmp_path / "rows.parquet", baseline, COLUMNS, threads)
    assert text(found) == text(profile.batches(table.to_batches(), baseline, COLUMNS))
    assert dict(found.extra.counts) == {"unknown": ROWS}


def test_a_folder_is_the_files_in_it(table: Any, baseline: profile.Profile, tmp_path: Path) -> None:
    for place, part in enumerate((table[:1000], table[1000:])):
        (tmp_path / f"day={place}").mkdir()
        pq.write_table(part, tmp_path / f"day={place}" / "rows.parquet")
    assert text(profile.parquet(tmp_path, baseline, COLUMNS)) == text(
        profile.batches(table.to_batches(), baseline, COLUMNS)
    )


def test_the_baseline_of_a_file_is_that_of_its_rows(table: Any, baseline: profile.Profile) -> None:
    column = baseline.columns["n"]
    assert isinstance(column, profile.NumberProfile)
    exact = np.array(table["n"].drop_null())
    assert (column.min, column.max) == (exact.min(), exact.max())
    assert (column.below, column.above, column.rows) == (0, 0, ROWS)
    assert column.mean == pytest.approx(exact.mean())


def test_a_missing_column_of_a_file_is_absent(
    table: Any, baseline: profile.Profile, tmp_path: Path
) -> None:
    pq.write_table(table.drop_columns(["n"]), tmp_path / "rows.parquet")
    found = profile.parquet(tmp_path / "rows.parquet", baseline, COLUMNS)
    assert found.columns["n"].absent == ROWS
    assert found.columns["c"].absent == 0


def test_json_lines_give_the_profile_of_their_rows(
    table: Any, baseline: profile.Profile, tmp_path: Path
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows(table)))
    expected = profile.batches(table.to_batches(), baseline, COLUMNS)
    same_but_types(profile.json_lines(file, baseline, COLUMNS), expected)


def test_broken_json_lines_are_counted_not_dropped(
    table: Any, baseline: profile.Profile, tmp_path: Path
) -> None:
    lines = [json.dumps(row) for row in rows(table)]
    lines[5:5] = ["{not json", "[1, 2]", json.dumps({"n": "twelve", "c": 5})]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join([*lines, ""]))
    found = profile.json_lines(file, baseline, COLUMNS)
    assert (found.rows, found.unreadable) == (ROWS + 1, 2)
    assert found.columns["n"].malformed == 1


def test_csv_gives_the_profile_of_its_rows(
    table: Any, baseline: profile.Profile, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    lines = ["n,c,d,unknown"]
    lines += [
        ",".join("" if cell is None else str(cell) for cell in row.values()) for row in rows(table)
    ]
    file.write_text("\n".join([*lines, "1,2", ""]))
    found = profile.csv(file, baseline, COLUMNS)
    assert found.unreadable == 1
    same_but_types(found, profile.batches(table.to_batches(), baseline, COLUMNS))


def same_but_types(found: profile.Profile, expected: profile.Profile) -> None:
    """CSV and JSON write dates and numbers as texts; nothing else may differ."""
    for name, column in profile.document(expected)["columns"].items():
        other = profile.document(found)["columns"][name]
        assert {**other, "types": None} == {**column, "types": None}


@pytest.mark.parametrize(
    ("read", "name"), [(profile.parquet, "rows.parquet"), (profile.csv, "rows.csv")]
)
def test_a_file_that_is_none_is_named(
    read: Any, name: str, baseline: profile.Profile, tmp_path: Path
) -> None:
    with pytest.raises(profile.ProfileError, match=f"{name}: is no readable"):
        read(tmp_path / name, baseline)


MEMORY = """
import resource, sys
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
from modelyard import profile
from modelyard.data import Column
file, groups = sys.argv[1], int(sys.argv[2])
part = pa.table({"n": np.random.default_rng(0).normal(0, 1, 500_000)})
with pq.ParquetWriter(file, part.schema) as writer:
    for _ in range(groups):
        writer.write_table(part)
columns = [Column(name="n", kind="number", use="feature")]
baseline = profile.baseline({"n": np.arange(100.0)}, columns)
profile.parquet(file, baseline, columns)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(groups: int) -> int:
        command = [sys.executable, "-c", MEMORY, str(tmp_path / "rows.parquet"), str(groups)]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    # Twenty-four more groups hold 96 MB of numbers.
    assert peak(26) - peak(2) < 32 * 1024
