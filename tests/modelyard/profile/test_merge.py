"""Profiles of parts merge to the profile of the whole, to the last bit, in any order."""

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelyard import profile
from tests.modelyard.profile.examples import COLUMNS, NUMBER, number_baseline, rows_batch, text

RANDOM = np.random.default_rng(7)
BASELINE = profile.baseline(
    {
        "n": RANDOM.normal(50, 10, 2000),
        "c": np.array(["red", "blue"] * 1000, dtype=object),
        "t": np.array(["word"[: i % 5] for i in range(2000)], dtype=object),
        "d": RANDOM.uniform(18000, 20000, 2000),
    },
    COLUMNS,
)
FLOATS = (
    st.floats(allow_nan=True, allow_infinity=True)
    | st.floats(0, 100)
    | st.sampled_from([-0.0, 50.0, 1e30, -1e30])
    | st.none()
)
ROW = st.fixed_dictionaries(
    {
        "n": FLOATS,
        "c": st.sampled_from(["red", "Blue", "green", "(missing)", "(other)", None])
        | st.text(max_size=3),
        "t": st.text(max_size=5) | st.none(),
        "d": st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
        | st.none(),
    }
)


def profiled(rows: list[dict[str, Any]]) -> profile.Profile:
    return profile.batches([rows_batch(rows)], BASELINE, COLUMNS)


@settings(deadline=None)
@given(st.lists(ROW), st.lists(ROW), st.lists(ROW))
def test_any_grouping_and_order_gives_the_bytes_of_all_rows_together(
    a: Any, b: Any, c: Any
) -> None:
    one, two, three = profiled(a), profiled(b), profiled(c)
    whole = text(profiled(a + b + c))
    assert text(profile.merge(profile.merge(one, two), three)) == whole
    assert text(profile.merge(one, profile.merge(two, three))) == whole
    assert text(profile.merge(three, profile.merge(two, one))) == whole


@settings(deadline=None)
@given(st.permutations(range(40)), st.lists(ROW, min_size=40, max_size=40))
def test_the_order_of_rows_is_irrelevant(order: list[int], rows: Any) -> None:
    assert text(profiled([rows[place] for place in order])) == text(profiled(rows))


@settings(deadline=None)
@given(st.lists(ROW))
def test_merging_with_no_rows_changes_nothing(rows: Any) -> None:
    found = profiled(rows)
    assert profile.merge(profile.empty(BASELINE), found) == found


@settings(deadline=None)
@given(st.lists(ROW))
def test_a_profile_survives_strict_json(rows: Any) -> None:
    found = profiled(rows)
    assert profile.parse(json.loads(text(found))) == found


def test_chunks_do_not_matter_for_sums_of_many_rows() -> None:
    numbers = RANDOM.normal(50, 10, 200_001) * np.where(RANDOM.random(200_001) < 0.01, 1e6, 1)
    parts = [rows_of(part) for part in np.array_split(numbers, 7)]
    merged = parts[6]
    for part in parts[:6]:
        merged = profile.merge(merged, part)
    assert text(merged) == text(rows_of(numbers))


def rows_of(numbers: Any) -> profile.Profile:
    batch = profile.as_batch({"n": numbers}, [NUMBER])
    return profile.batches([batch], number_baseline(np.arange(100.0)))


def test_profiles_on_other_scales_do_not_merge() -> None:
    with pytest.raises(ValueError, match="different edges"):
        profile.merge(number_baseline([1.0, 2.0]), number_baseline([1.0, 3.0]))


def test_profiles_of_other_columns_do_not_merge() -> None:
    with pytest.raises(ValueError, match="different columns"):
        profile.merge(number_baseline([1.0]), BASELINE)


def test_a_number_and_a_category_do_not_merge() -> None:
    category = NUMBER.model_copy(update={"kind": "category", "categories": ("red",)})
    other = profile.baseline({"n": np.array(["red"], dtype=object)}, [category])
    with pytest.raises(ValueError, match="cannot be merged"):
        profile.merge(number_baseline([1.0]), other)


def test_a_profile_of_another_schema_version_says_what_to_do() -> None:
    with pytest.raises(profile.ProfileError, match="schema version 1, expected 2; train"):
        profile.parse({"schema_version": 1, "columns": {}})
