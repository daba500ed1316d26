"""A row's set depends on the row alone."""

from collections import Counter
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelyard.manifest import dataset_sha256
from modelyard.split import SPLITS, key_identity, row_identity, split_of

CELLS = st.lists(st.text(max_size=5) | st.integers() | st.none(), min_size=3, max_size=3)


@settings(deadline=None)
@given(CELLS, st.permutations([0, 1, 2]))
def test_row_stays_in_its_set_when_columns_are_reordered(
    cells: list[object], order: list[int]
) -> None:
    names = ["a", "b", "c"]
    moved = row_identity([names[n] for n in order], [cells[n] for n in order])
    assert split_of(moved) == split_of(row_identity(names, cells))


@settings(deadline=None)
@given(st.lists(st.text(), unique=True), st.lists(st.text()))
def test_row_stays_in_its_set_when_rows_are_added(rows: list[str], more: list[str]) -> None:
    before = {row: split_of(row) for row in rows}
    after = {row: split_of(row) for row in [*more, *rows]}
    assert before.items() <= after.items()


def test_sets_are_the_same_on_every_machine() -> None:
    assert [split_of(str(n)) for n in range(6)] == [
        "train", "train", "train", "train", "train", "validation",
    ]  # fmt: skip


def test_shares_are_seventy_fifteen_fifteen() -> None:
    shares = Counter(split_of(f"row {n}") for n in range(20_000))
    assert [round(shares[name] / 20_000, 2) for name in SPLITS] == [0.7, 0.15, 0.15]


@pytest.mark.parametrize(
    ("stored", "exported"),
    [(1, "1"), (1.0, "1.0"), (1, "1.0"), (None, ""), (float("nan"), "NA"), ("x", " x "),
     (datetime(2024, 1, 2), "2024-01-02")],
)  # fmt: skip
def test_row_has_one_identity_in_parquet_and_csv(stored: object, exported: str) -> None:
    assert row_identity(["c"], [stored]) == row_identity(["c"], [exported])


def test_key_has_one_identity_as_number_and_text() -> None:
    assert key_identity(17) == key_identity("17") == key_identity(17.0)


@settings(deadline=None)
@given(st.lists(st.text()), st.randoms())
def test_dataset_is_the_same_in_any_order(rows: list[str], dice: object) -> None:
    shuffled = list(rows)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert dataset_sha256(rows) == dataset_sha256(shuffled)


@settings(deadline=None)
@given(st.lists(st.text(), min_size=1))
def test_dataset_is_another_one_without_a_row_or_with_one_twice(rows: list[str]) -> None:
    assert (
        len({dataset_sha256(rows), dataset_sha256(rows[1:]), dataset_sha256([*rows, rows[0]])}) == 3
    )
