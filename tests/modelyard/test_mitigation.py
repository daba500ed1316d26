"""Mitigations: weights by hand, trade-offs that show the price, nothing applied by itself."""

from typing import Any

import numpy as np
import pytest

from modelyard import mitigation
from modelyard.data import Column, DataContract

# Ten people: of four in a three were accepted, of six in b two.
GROUPS = np.array([*"aaaa", *"bbbbbb"], dtype=object)
LABELS = np.array([1, 1, 1, 0, 1, 1, 0, 0, 0, 0])
CONTRACT = DataContract.parse(
    {
        "columns": [
            {"name": "x", "kind": "number", "use": "feature"},
            {"name": "race", "kind": "category", "use": "protected", "categories": ["a", "b"]},
            {"name": "sex", "kind": "integer", "use": "protected"},
            {"name": "y", "kind": "integer", "use": "target", "categories": ["0", "1"]},
        ]
    }
)
GROUP = Column(name="race", kind="category", use="protected", categories=("a", "b"))


@pytest.mark.parametrize(
    ("group", "label", "expected"),
    [
        # share of the group x share of the label / share of both
        ("a", "1", 0.4 * 0.5 / 0.3),
        ("a", "0", 0.4 * 0.5 / 0.1),
        ("b", "1", 0.6 * 0.5 / 0.2),
        ("b", "0", 0.6 * 0.5 / 0.4),
    ],
)
def test_weights_are_those_of_kamiran_and_calders(group: str, label: str, expected: float) -> None:
    assert mitigation.reweighing(GROUPS, LABELS)[group, label] == pytest.approx(expected)


def test_weighed_rows_are_accepted_alike_in_every_group() -> None:
    weights = mitigation.row_weights(GROUPS, LABELS)
    shares = [
        weights[(group == GROUPS) & (LABELS == 1)].sum() / weights[group == GROUPS].sum()
        for group in "ab"
    ]
    assert shares == pytest.approx([0.5, 0.5])
    assert weights.mean() == pytest.approx(1.0)


def test_combination_of_attributes_is_weighed_together() -> None:
    arrays: Any = {"race": GROUPS, "sex": np.array([0.0, 1.0] * 5)}
    weights = mitigation.weights_for("race,sex", arrays, LABELS, CONTRACT)
    women = (GROUPS == "b") & (arrays["sex"] == 1)
    assert weights[women & (LABELS == 1)].sum() / weights[women].sum() == pytest.approx(0.5)


def test_attribute_that_is_not_protected_is_refused() -> None:
    with pytest.raises(
        mitigation.MitigationError, match=r"'x' is not a protected .* \(race, sex\)"
    ):
        mitigation.weights_for("x", {}, LABELS, CONTRACT)


def test_each_threshold_has_its_price_and_its_fairness() -> None:
    groups = np.array([*"a" * 60, *"b" * 60], dtype=object)
    answers = np.tile([1, 0], 60)
    chance = np.concatenate([np.tile([0.95, 0.65], 30), np.tile([0.95, 0.05], 30)])
    rows = mitigation.thresholds(
        answers, np.column_stack([1 - chance, chance]), {"race": groups}, [GROUP]
    )
    by_name = {row["name"]: row for row in rows}
    assert by_name["threshold 0.6"]["fairness"]["race"]["DI"] == 0.5
    assert by_name["threshold 0.7"]["fairness"]["race"]["DI"] == 1.0
    assert by_name["threshold 0.6"]["accuracy"]["value"] == 0.75
    assert by_name["threshold 0.7"]["accuracy"]["value"] == 1.0


def test_small_groups_do_not_lead_the_choice_of_a_threshold() -> None:
    groups = np.array([*"a" * 60, *"b" * 3], dtype=object)
    chance = np.array([0.9] * 60 + [0.1] * 3)
    (row, *_) = mitigation.thresholds(
        np.ones(63), np.column_stack([1 - chance, chance]), {"race": groups}, [GROUP]
    )
    assert row["fairness"]["race"] is None
