"""The rules by which figures become findings: chance is none, and what hurts comes first."""

from typing import Any

import numpy as np
import pytest

from modelyard.data import Column
from modelyard.metrics import Metric
from modelyard.monitoring import bias, explanation, quality
from modelyard.monitoring.answers import Answers
from modelyard.monitoring.findings import Finding, Kind, ranked, verdict
from modelyard.monitoring.history import Earlier, since
from modelyard.monitoring.quality import Baseline
from modelyard.monitoring.severity import Severity, Thresholds

LIMITS = Thresholds()


def baseline(primary: str = "roc_auc", value: float = 0.9, **bounds: float) -> Baseline:
    return Baseline({primary: Metric(value, None, None)}, primary, bounds, True, None)


def measured(value: float, spread: float = 0.02, name: str = "roc_auc") -> dict[str, Any]:
    metric = {"value": value, "low": value - spread, "high": value + spread}
    return {"rows": 500, "metrics": {name: metric}, "reason": None}


ERRORS = {"mase": 0.8, "mae": 120.0}
NOTHING: dict[str, Any] = {"rows": 0, "metrics": {}, "reason": "none"}


@pytest.mark.parametrize(
    ("now", "severity"),
    [
        (measured(0.88), None),
        (measured(0.82, spread=0.1), None),
        (measured(0.83), "warning"),
        (measured(0.75), "critical"),
    ],
    ids=["small", "may be chance", "fallen", "fallen far"],
)
def test_quality_that_fell_beyond_chance_is_told(now: Any, severity: Severity | None) -> None:
    found = list(quality.findings(now, NOTHING, baseline(), LIMITS))
    assert [one.severity for one in found] == ([severity] if severity else [])


def test_a_broken_gate_is_critical_and_named() -> None:
    (found,) = quality.findings(measured(0.83), NOTHING, baseline(min=0.88), LIMITS)
    assert (found.severity, "its gate (min 0.88) is broken" in found.sentence) == ("critical", True)


def test_an_error_that_rose_is_a_fall() -> None:
    now = measured(12.0, 0.1, "rmse")
    (found,) = quality.findings(now, NOTHING, baseline("rmse", 10.0), LIMITS)
    assert found.severity == "critical"
    assert quality.drop(12.0, baseline("rmse", 10.0)) == pytest.approx(0.2)


def test_a_scaled_error_is_judged_by_the_plain_one() -> None:
    """Answers alone do not know the scales of their series."""
    stated = {name: {"value": value, "low": None, "high": None} for name, value in ERRORS.items()}
    found = quality.baseline({"metrics": stated}, {"mase": {"max": 1.0}})
    assert found is not None
    assert (found.primary, found.bounds) == ("mae", {})
    (told,) = quality.findings(measured(180.0, 1.0, "mae"), NOTHING, found, LIMITS)
    assert told.severity == "critical"


def test_an_estimate_is_never_more_than_a_warning_and_gives_way_to_labels() -> None:
    (guess,) = quality.findings(NOTHING, measured(0.5), baseline(), LIMITS)
    assert (guess.kind, guess.severity) == ("estimate", "warning")
    assert list(quality.findings(measured(0.9), measured(0.5), baseline(), LIMITS)) == []


def test_nothing_is_estimated_of_probabilities_that_were_wrong_at_release() -> None:
    off = Baseline({}, "roc_auc", {}, False, "the probabilities are off by 12% on average")
    answers = Answers(np.full((500, 2), 0.5), {})
    assert quality.estimated("binary", answers, off, LIMITS)["reason"] == off.reason


def decided(rates: dict[str, float], rows: int) -> Answers:
    """Decisions with these rates of yes in groups of so many rows."""
    scores, groups = [], []
    for name, rate in rates.items():
        said = np.arange(rows) < rate * rows
        scores.append(np.column_stack([~said, said]).astype(float))
        groups += [name] * rows
    return Answers(np.concatenate(scores), {"sex": np.array(groups, dtype=object)})


SEX = Column(name="sex", kind="category", use="protected", categories=("f", "m"))
EMPTY = Answers(np.empty((0, 2)), {"sex": np.empty(0, dtype=object)})


def then(rows: int) -> dict[str, Any]:
    """The evaluation, in which both groups were treated alike."""
    group = {"rows": rows, "selection_rate": 0.5}
    compared = {"measure": "selection_rate", "gap": 0.0, "ratio": 1.0}
    return {"sex": {"groups": {"f": group, "m": group}, **compared}}


@pytest.mark.parametrize(
    ("rates", "rows", "severities"),
    [
        ({"f": 0.5, "m": 0.55}, 2000, []),
        ({"f": 0.4, "m": 0.55}, 40, []),
        ({"f": 0.4, "m": 0.55}, 2000, ["warning"]),
        ({"f": 0.2, "m": 0.6}, 2000, ["critical"]),
    ],
    ids=["narrow", "may be chance", "wider", "far wider"],
)
def test_a_gap_that_widened_beyond_chance_is_told(
    rates: dict[str, float], rows: int, severities: list[str]
) -> None:
    report = bias.report("binary", decided(rates, rows), EMPTY, [SEX], then(2000))
    assert [one.severity for one in bias.findings("binary", report, LIMITS)] == severities


def test_similarity_of_rankings_is_what_one_computes_by_hand() -> None:
    before = {"a": 0.5, "b": 0.3, "c": 0.2}
    now = {"c": 0.6, "b": 0.3, "a": 0.1}
    hand = (0.2 + 0.3 / np.log2(3) + 0.5 / 2) / (0.5 + 0.3 / np.log2(3) + 0.2 / 2)
    assert explanation.similarity(before, now) == pytest.approx(hand)
    assert explanation.similarity(before, before) == 1


def finding(kind: Kind, severity: Severity = "critical", value: float = 1.0) -> Finding:
    return Finding(f"{kind}:{value}", kind, severity, "-", value=value, threshold=0.1)


def test_what_hurts_most_is_told_first() -> None:
    found = [
        finding("capture"),
        finding("prediction"),
        finding("drift", value=0.2),
        finding("quality", "warning"),
        finding("drift", value=0.4),
        finding("quality"),
    ]
    assert [one.id for one in ranked(found)] == [
        "quality:1.0",
        "drift:0.4",
        "drift:0.2",
        "prediction:1.0",
        "capture:1.0",
        "quality:1.0",
    ]


@pytest.mark.parametrize(
    ("found", "rows", "failed", "expected"),
    [
        ([], 500, False, "ok"),
        ([finding("drift", "info")], 500, False, "ok"),
        ([], 10, False, "insufficient"),
        ([finding("service", "warning")], 10, False, "warning"),
        ([finding("drift")], 500, True, "failed"),
    ],
)
def test_the_verdict_never_calls_little_fine(
    found: list[Finding], rows: int, failed: bool, expected: str
) -> None:
    assert verdict(found, rows, 100, failed) == expected


def earlier(day: int, *findings: str) -> Earlier:
    stamp = f"2026-01-{day:02d}"
    return Earlier(stamp, stamp, "ok", 1, 1, {}, frozenset(findings))


def test_a_finding_dates_from_the_first_window_in_a_row() -> None:
    history = [earlier(1, "a"), earlier(2), earlier(3, "a"), earlier(4, "a", "b")]
    assert since(history) == {"a": "2026-01-03", "b": "2026-01-04"}
