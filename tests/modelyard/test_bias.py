"""Clarify's metrics by hand, by AWS's own library and by fairlearn."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.environments import PeerUnavailableError, python_of
from modelyard.bias import Bias, post_training, pre_training

ORACLE = Path(__file__).with_name("clarify_oracle.py")
# Eight applicants, the last three of group d: labels, decisions.
FACET = np.array([0, 0, 0, 0, 0, 1, 1, 1], dtype=bool)
LABELS = np.array([1, 1, 1, 0, 0, 1, 1, 0], dtype=bool)
DECIDED = np.array([1, 1, 0, 1, 0, 1, 0, 0], dtype=bool)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CI", (5 - 3) / 8),
        ("DPL", 3 / 5 - 2 / 3),
        ("LP", np.sqrt(2) * (2 / 3 - 3 / 5)),
        ("TVD", 2 / 3 - 3 / 5),
        ("KS", 2 / 3 - 3 / 5),
        ("KL", 0.4 * np.log(0.4 / (1 / 3)) + 0.6 * np.log(0.6 / (2 / 3))),
    ],
)
def test_labels_are_compared_as_published(name: str, expected: float) -> None:
    assert pre_training(FACET, LABELS)[name].value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DPPL", 3 / 5 - 1 / 3),
        ("DI", (1 / 3) / (3 / 5)),
        ("DCA", 3 / 3 - 2 / 1),
        ("DCR", 1 / 2 - 2 / 2),
        ("RD", 2 / 3 - 1 / 2),
        ("SD", 1 / 1 - 1 / 2),
        ("DAR", 2 / 3 - 1 / 1),
        ("DRR", 1 / 2 - 1 / 2),
        ("AD", 3 / 5 - 2 / 3),
    ],
)
def test_decisions_are_compared_as_published(name: str, expected: float) -> None:
    assert post_training(FACET, LABELS, DECIDED)[name].value == pytest.approx(expected, abs=1e-12)


def test_share_of_nothing_has_no_value_but_a_reason() -> None:
    found = post_training(FACET, LABELS, DECIDED)["TE"]
    assert found == Bias(None, "the denominator is 0")


def test_empty_group_has_no_metric() -> None:
    found = pre_training(np.zeros(8, dtype=bool), LABELS)
    assert set(found.values()) == {Bias(None, "one of the two groups is empty")}


def test_label_of_one_group_only_has_no_divergence() -> None:
    labels = np.array([1, 1, 1, 0, 0, 1, 1, 1], dtype=bool)
    assert pre_training(FACET, labels)["KL"].reason == "a label occurs in one group only"


@pytest.fixture(scope="module")
def clarify() -> Path:
    """The interpreter that has AWS's library and fairlearn."""
    try:
        return python_of("clarify")
    except PeerUnavailableError as reason:
        pytest.skip(f"smclarify cannot be installed here: {reason}")


def _case(rows: int, seed: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    labels = random.random(rows) < 0.6
    return {
        "facet": random.random(rows) < 0.4,
        "labels": labels,
        "decided": np.where(random.random(rows) < 0.75, labels, ~labels),
        "features": random.normal(size=(rows, 3)),
        "strata": np.array(list("abc"), dtype=object)[random.integers(0, 3, rows)],
    }


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("rows", "seed"), [(120, 1), (250, 2), (500, 3), (2000, 4)])
def test_every_metric_is_what_aws_computes(clarify: Path, rows: int, seed: int) -> None:
    case = _case(rows, seed)
    theirs = _oracle(clarify, case)
    facet, labels, decided = case["facet"], case["labels"], case["decided"]
    ours = {
        **pre_training(facet, labels, case["strata"]),
        **post_training(facet, labels, decided, case["features"], case["strata"]),
    }
    # JSON has no infinity that both sides read alike; where Clarify answers it, we have no value.
    expected = {
        name: value if math.isfinite(value) else None for name, value in theirs["clarify"].items()
    }
    assert {name: ours[name].value for name in expected} == pytest.approx(expected, abs=1e-9)
    assert abs(ours["DPPL"].value or 0) == pytest.approx(theirs["parity_difference"], abs=1e-9)


def _oracle(python: Path, case: Mapping[str, Any]) -> dict[str, Any]:
    asked = json.dumps({name: values.tolist() for name, values in case.items()})
    done = subprocess.run(
        [str(python), str(ORACLE)], input=asked, capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))
