"""Whatever type a column arrives as, it is read as the contract says or counted as malformed."""

import datetime
import decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from modelyard import profile
from modelyard.data import Column
from tests.modelyard.profile.examples import batch, number_baseline, numbers_of

TENS = number_baseline(np.arange(0.0, 101.0))
DAYS = number_baseline(np.arange(18000.0, 20000.0), kind="date")
COLOURS = profile.baseline(
    {"n": np.array(["red", "blue", "(missing)", "(other)"], dtype=object)},
    [Column(name="n", kind="category", use="feature", categories=("red", "blue"))],
)
NOON = datetime.datetime(2020, 1, 2, 12, tzinfo=datetime.UTC)


def day(array: Any, **column: Any) -> Any:
    return numbers_of(DAYS, array, **column)


def colours(array: Any) -> Any:
    found = profile.batches([batch(n=array)], COLOURS).columns["n"]
    assert isinstance(found, profile.CategoryProfile)
    return found


@pytest.mark.parametrize(
    "array",
    [
        pa.array([10, 20, None], pa.int8()),
        pa.array([10, 20, None], pa.uint64()),
        pa.array([10.0, 20.0, None], pa.float16()),
        pa.array([10.0, 20.0, None], pa.float32()),
        pa.array([decimal.Decimal("10.00"), decimal.Decimal("20.00"), None]),
        pa.array([10.0, 20.0, None]).dictionary_encode(),
        pa.array(["10", " 20 ", "n/a"]),
        pa.array(["10", "20", ""], pa.large_string()),
        pa.array(["10", "20", None]).dictionary_encode(),
        pa.array([b"10", b"20", None]),
        pa.array(["10", "20", None], pa.string_view()),
    ],
    ids=lambda array: str(array.type),
)
def test_numbers_are_read_from_any_type_that_writes_them(array: Any) -> None:
    found = numbers_of(TENS, array)
    assert (found.mean, found.missing, found.malformed, found.rows) == (15.0, 1, 0, 3)


@pytest.mark.parametrize(
    "array",
    [
        pa.array(["ten", "20,5", "1e"]),
        pa.array([[1], [2], [3]]),
        pa.array([{"a": 1}, {"a": 2}, {"a": 3}]),
        pa.array([datetime.date(2020, 1, 1)] * 3),
        pa.array([b"\xff\xfe"] * 3),
        pa.array([datetime.timedelta(1)] * 3),
    ],
    ids=lambda array: str(array.type),
)
def test_what_is_no_number_is_malformed(array: Any) -> None:
    found = numbers_of(TENS, array)
    assert (found.malformed, found.known, found.missing) == (3, 0, 0)


def test_some_words_among_digits_leave_the_rest_readable() -> None:
    found = numbers_of(TENS, pa.array(["10", "oops", "20", None, "-"]))
    assert (found.mean, found.malformed, found.missing) == (15.0, 1, 2)


def test_numbers_are_read_in_the_contracts_notation() -> None:
    found = numbers_of(TENS, pa.array(["10,5", "19,5"]), kind="number", format="1.234,5")
    assert (found.mean, found.malformed) == (15.0, 0)


def test_the_contracts_words_for_missing_are_missing() -> None:
    found = numbers_of(TENS, pa.array(["10", "Unknown"]), kind="number", missing=("unknown",))
    assert (found.missing, found.malformed) == (1, 0)


@pytest.mark.parametrize(
    "array", [pa.array([True, False, None]), pa.array(["yes", "no", "n/a"])], ids=["bool", "text"]
)
def test_booleans_are_ones_and_zeros(array: Any) -> None:
    baseline = number_baseline([0.0, 1.0, 1.0], kind="boolean")
    found = numbers_of(baseline, array)
    assert (found.mean, found.missing, found.malformed) == (0.5, 1, 0)


@pytest.mark.parametrize(
    "array",
    [
        pa.array([datetime.date(2020, 1, 2)]),
        pa.array([datetime.datetime(2020, 1, 2)], pa.timestamp("ns")),
        pa.array([datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC)], pa.timestamp("s", "UTC")),
        pa.array([1577923200000], pa.int64()).cast(pa.date64()),
        pa.array(["2020-01-02"]),
        pa.array([18263.0]),
    ],
    ids=lambda array: str(array.type),
)
def test_dates_of_any_type_are_days_since_1970(array: Any) -> None:
    assert day(array).mean == 18263.0


def test_a_time_zone_moves_no_instant() -> None:
    boston = pa.array([NOON]).cast(pa.timestamp("us", "America/New_York"))
    assert day(boston).mean == day(pa.array([NOON])).mean == 18263.5


def test_dates_are_read_in_the_contracts_format() -> None:
    assert day(pa.array(["02.01.2020"]), kind="date", format="%d.%m.%Y").mean == 18263.0


@pytest.mark.parametrize("kind", [pa.null(), pa.float64(), pa.string()])
def test_a_batch_of_nulls_is_missing(kind: Any) -> None:
    found = numbers_of(TENS, pa.nulls(5, kind))
    assert (found.missing, found.malformed, found.min) == (5, 0, None)


def test_types_are_remembered_by_rows() -> None:
    baseline = TENS
    parts = [batch(n=pa.array([1.0, 2.0])), batch(n=pa.array(["3"])), batch(n=pa.nulls(4))]
    found = profile.batches(parts, baseline).columns["n"]
    assert found.types == {"nothing": 4, "number": 2, "text": 1}


def test_texts_are_counted_by_length_and_empties_apart() -> None:
    column = Column(name="n", kind="text", use="feature")
    texts = np.array(["a", "abc", "", "äöü"], dtype=object)
    baseline = profile.baseline({"n": texts}, [column])
    found = profile.batches([batch(n=[" a ", "äöü", "", "N/A", None])], baseline).columns["n"]
    assert isinstance(found, profile.NumberProfile)
    assert (found.known, found.empty, found.null, found.mean) == (2, 2, 1, 2.0)


@pytest.mark.parametrize(
    "array",
    [
        pa.array(["red", "red", "blue", "green", None]),
        pa.array(["red", "red", "blue", "green", None]).dictionary_encode(),
        pa.array([" red", "RED", "blue", "green", "n/a"]),
        pa.array([b"red", b"red", b"blue", b"green", None]),
    ],
    ids=["text", "dictionary", "spelling", "bytes"],
)
def test_categories_are_counted_and_new_ones_named(array: Any) -> None:
    found = colours(array)
    assert found.counts == {"red": 2, "blue": 1}
    assert (found.other, found.missing, dict(found.new.counts)) == (1, 1, {"green": 1})


def test_numbers_that_are_categories_are_spelled_one_way() -> None:
    column = Column(name="n", kind="integer", use="feature", categories=("0", "1"))
    baseline = profile.baseline({"n": np.array(["0", "1"], dtype=object)}, [column])
    for array in (pa.array([0, 1]), pa.array([0.0, 1.0]), pa.array(["0", "1.0"])):
        found = profile.batches([batch(n=array)], baseline).columns["n"]
        assert isinstance(found, profile.CategoryProfile)
        assert found.counts == {"0": 1, "1": 1}


def test_lists_are_no_categories() -> None:
    assert colours(pa.array([["red"], None])).malformed == 1


def test_new_categories_are_named_up_to_a_limit_and_counted_beyond() -> None:
    names = [f"name {number}" for number in range(5000)]
    found = colours(pa.array(names * 2))
    assert found.other == 10_000
    assert len(found.new.counts) == 64
    assert set(found.new.counts.values()) == {2}
    assert found.new.distinct == pytest.approx(5000, rel=0.3)


def test_which_names_are_kept_does_not_depend_on_batches() -> None:
    names = pa.array([f"name {number}" for number in range(5000)])
    parts = [batch(n=names[start : start + 100]) for start in range(0, 5000, 100)]
    assert profile.batches(parts, COLOURS).columns["n"] == colours(names)


def test_an_absent_column_is_counted_and_an_unknown_one_named() -> None:
    found = profile.batches([batch(m=[1, 2])], TENS)
    assert (found.columns["n"].absent, found.columns["n"].missing) == (2, 2)
    assert dict(found.extra.counts) == {"m": 2}


def test_columns_of_the_contract_are_not_unknown() -> None:
    dropped = Column(name="m", kind="number", use="drop")
    found = profile.batches([batch(n=[1.0], m=[1])], TENS, [dropped])
    assert not found.extra.counts


def test_the_baseline_of_an_other_bucket_is_no_new_name() -> None:
    stored = COLOURS.columns["n"]
    assert isinstance(stored, profile.CategoryProfile)
    assert (stored.counts, stored.other, stored.missing) == ({"red": 1, "blue": 1}, 1, 1)
    assert not stored.new.counts
