"""The verdict on a repetition: what is identical, what is tolerated, and what is not."""

import dataclasses
from typing import Any

import pytest

from modelyard.evidence import Document
from modelyard.reproduce.rebuild import Rebuilt
from modelyard.reproduce.record import Build
from modelyard.reproduce.verdict import compare

SPLITS = {"train": "a", "validation": "b", "test": "c"}
METRICS: dict[str, Any] = {
    "roc_auc": {"value": 0.90, "low": 0.86, "high": 0.94},
    "f1": {"value": 0.5, "low": None, "high": None},
}
TRAINING: dict[str, Any] = {
    "seed": 1,
    "threads": 1,
    "hash_seed": "0",
    "environment": {
        "python": "3.11.9",
        "machine": "x86_64",
        "arithmetic": ["openblas 0.3 Haswell"],
        "distributions": {"numpy": "2.4.0", "scikit-learn": "1.9.1"},
    },
}
EVALUATION = Document("s3://a/evaluation.json", None, "e", {})
BUILD = Build(None, "c", "d", (), {}, TRAINING, SPLITS, "model", METRICS, EVALUATION)  # type: ignore[arg-type]
SAME = Rebuilt(SPLITS, "model", METRICS, TRAINING)


def with_auc(value: float) -> dict[str, Any]:
    return {**METRICS, "roc_auc": {"value": value, "low": None, "high": None}}


def test_same_rows_bytes_and_metrics_are_identical() -> None:
    found = compare(BUILD, SAME)
    assert found.verdict == "identical"
    assert (
        found.sentence == "the same rows in every split, the same model bytes, all 2 metrics equal"
    )


@pytest.mark.parametrize(
    ("auc", "verdict"),
    [(0.90, "within tolerance"), (0.909, "within tolerance"), (0.9101, "different"),
     (0.891, "within tolerance"), (0.85, "different")],
)  # fmt: skip
def test_other_bytes_are_tolerated_as_far_as_chance_explains_the_metrics(
    auc: float, verdict: str
) -> None:
    rebuilt = dataclasses.replace(SAME, model_sha256="other", metrics=with_auc(auc))
    assert compare(BUILD, rebuilt).verdict == verdict


def test_tolerance_may_be_stated() -> None:
    rebuilt = dataclasses.replace(SAME, model_sha256="other", metrics=with_auc(0.93))
    assert compare(BUILD, rebuilt, share=1.0).verdict == "within tolerance"
    assert "roc_auc 0.9300 instead of 0.9000" in compare(BUILD, rebuilt).sentence


def test_row_in_another_split_is_different_though_every_metric_agrees() -> None:
    found = compare(BUILD, dataclasses.replace(SAME, splits={**SPLITS, "test": "x"}))
    assert (found.verdict, found.sentence) == (
        "different",
        "other rows in test: the splits are not the recorded ones",
    )


def test_metric_that_is_gone_is_different() -> None:
    rebuilt = dataclasses.replace(SAME, metrics={"f1": METRICS["f1"]})
    assert compare(BUILD, rebuilt).verdict == "different"


def test_what_changed_in_the_environment_is_named() -> None:
    environment = {**TRAINING["environment"], "distributions": {"numpy": "2.5.0"}}
    rebuilt = dataclasses.replace(SAME, training={**TRAINING, "environment": environment})
    assert compare(BUILD, rebuilt).environment == (
        "numpy: 2.4.0 then, 2.5.0 now",
        "scikit-learn: 1.9.1 then, absent now",
    )
