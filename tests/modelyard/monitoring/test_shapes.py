"""Shapes: what is drawn of a column is where its numbers lie."""

from typing import Any

import numpy as np
import pytest

from modelyard import profile
from modelyard.data import Column
from modelyard.monitoring.shapes import shapes

COLUMN = Column(name="x", kind="number", use="feature")


def drawn(then: np.ndarray, now: np.ndarray) -> list[Any]:
    """The bars of one column."""
    baseline = profile.baseline({"x": then}, [COLUMN])
    counter = profile.Counter(baseline, columns=(COLUMN,))
    counter.add(profile.as_batch({"x": now}, [COLUMN]))
    found: list[Any] = shapes(
        baseline, counter.profile(), [{"name": "x", "bars": ["as measured"]}]
    )["x"]
    return found


def test_bars_are_what_numpy_counts_between_the_same_bounds() -> None:
    dice = np.random.default_rng(2)
    then, now = dice.normal(50, 10, 20_000), dice.normal(60, 10, 20_000)
    bars = {str(bar["label"]): bar for bar in drawn(then, now)}
    inside = ((now >= 50) & (now < 60)).mean() if "50 to 60" in bars else None
    bar = bars["50 to 60"] if inside else bars["50 to 55"]
    share = inside or ((now >= 50) & (now < 55)).mean()
    assert bar["now"] == pytest.approx(share, abs=0.01)
    assert sum(float(str(bar["then"])) for bar in bars.values()) == pytest.approx(1)


def test_a_column_of_few_values_stays_as_it_was_measured() -> None:
    values = np.tile([0.0, 1.0], 500)
    assert drawn(values, values) == ["as measured"]


def test_what_lies_beyond_training_is_one_bar() -> None:
    then = np.random.default_rng(2).normal(50, 10, 5000)
    bars = drawn(then, then * 1000)
    assert str(bars[-1]["label"]).startswith("from")
    assert bars[-1]["now"] == pytest.approx(1, abs=0.01)
