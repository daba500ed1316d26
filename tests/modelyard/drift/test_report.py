"""Bad days upstream, each told as what it is; and good days, of which nothing is told."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from modelyard import drift, profile
from modelyard.data import Column
from tests.modelyard.profile.examples import batch

ROWS = 4000
COLUMNS = (
    Column(name="income", kind="number", use="feature"),
    Column(name="age", kind="integer", use="feature"),
    Column(name="member", kind="boolean", use="feature"),
    Column(name="since", kind="date", use="feature"),
    Column(name="state", kind="category", use="feature", categories=("MA", "NH", "VT")),
    Column(name="note", kind="text", use="feature"),
    Column(name="approve", kind="category", use="target", categories=("0", "1")),
)


def rows(seed: int, size: int = ROWS) -> dict[str, Any]:
    """Applications as they come when nothing is wrong."""
    random = np.random.default_rng(seed)
    return {
        "income": random.lognormal(4, 0.5, size),
        "age": random.integers(18, 80, size).astype(float),
        "member": (random.random(size) < 0.3).astype(float),
        "since": random.uniform(18000, 20000, size),
        "state": random.choice(["MA", "NH", "VT"], size, p=[0.6, 0.3, 0.1]).astype(object),
        "note": random.choice(["", "short", "a longer note"], size).astype(object),
        "approve": random.choice(["0", "1"], size).astype(object),
    }


BASELINE = profile.baseline(rows(1), COLUMNS)
THRESHOLDS = drift.Thresholds()


def compared(changes: dict[str, Any], size: int = ROWS, **settings: Any) -> drift.DriftReport:
    """The report on rows of which some columns are replaced (None: left out)."""
    current = {**rows(2, size), **changes}
    kept = {name: values for name, values in current.items() if values is not None}
    found = profile.batches([batch(**kept)], BASELINE, COLUMNS)
    return drift.compare(BASELINE, found, THRESHOLDS, **settings)


def sentences(report: drift.DriftReport) -> list[tuple[str, str]]:
    return [(finding.severity, finding.sentence) for finding in report.findings]


def the_finding(report: drift.DriftReport) -> drift.Finding:
    (found,) = report.findings
    return found


def test_undrifted_rows_are_ok_and_nothing_is_said() -> None:
    report = compared({})
    assert (report.status, report.findings, report.shock) == ("ok", (), False)
    assert report.score is not None
    assert report.score < 0.1
    assert {column.status for column in report.columns} == {"ok"}


def test_a_shift_is_told_with_its_median() -> None:
    found = the_finding(compared({"income": rows(2)["income"] * 1.3}))
    assert (found.id, found.kind, found.severity) == ("drift:income", "drift", "critical")
    assert found.sentence.startswith("income shifted up: median 5")
    assert "PSI 0.2" in found.sentence
    assert found.threshold == THRESHOLDS.psi


def test_wider_values_are_told_with_their_spread() -> None:
    values = rows(2)["age"]
    report = compared({"age": 49 + (values - 49) * 0.5})
    assert the_finding(report).sentence.startswith("age spreads less: standard deviation 17")


@pytest.mark.parametrize(
    ("factor", "words"), [(1000, "multiplied by 1,000"), (0.01, "divided by 100"), (12, "by 12")]
)
def test_another_unit_is_recognised(factor: float, words: str) -> None:
    report = compared({"income": rows(2)["income"] * factor})
    assert words in next(f.sentence for f in report.findings if f.id == "drift:income")
    (income,) = [column for column in report.columns if column.name == "income"]
    assert income.factor == pytest.approx(factor)


def test_a_shift_is_not_taken_for_a_unit() -> None:
    report = compared({"income": rows(2)["income"] + 500})
    assert next(c for c in report.columns if c.name == "income").factor is None


def test_recoded_categories_are_recognised_by_their_shares() -> None:
    codes = {"MA": "25", "NH": "33", "VT": "50"}
    recoded = np.array([codes[state] for state in rows(2)["state"]], dtype=object)
    found = [f for f in compared({"state": recoded}).findings if f.kind == "category"]
    assert found[0].sentence.startswith(
        "state looks recoded: 'MA' -> '25', 'NH' -> '33', 'VT' -> '50'"
    )


def test_a_new_category_is_named_and_its_share_told() -> None:
    states = rows(2)["state"]
    states[:400] = "ME"
    found = [f for f in compared({"state": states}).findings if f.kind == "category"]
    assert found[0].sentence == (
        "state has categories the training data had not, such as 'ME': 10 % of the values"
    )
    assert (found[0].severity, found[0].share) == ("critical", pytest.approx(0.1))


def test_names_that_few_rows_hold_are_not_told() -> None:
    states = rows(2)["state"]
    states[:400] = [f"person {number}" for number in range(400)]
    found = [f for f in compared({"state": states}).findings if f.kind == "category"]
    assert "person" not in found[0].sentence


def test_swapped_categories_are_a_shift() -> None:
    swap = {"MA": "VT", "VT": "MA", "NH": "NH"}
    states = np.array([swap[state] for state in rows(2)["state"]], dtype=object)
    found = the_finding(compared({"state": states}))
    assert found.sentence.startswith("state changed: 'MA' 61 % -> 10 % of the values")


def test_missing_values_are_told() -> None:
    income = pa.array(rows(2)["income"], mask=np.arange(ROWS) < 400)
    found = the_finding(compared({"income": income}))
    assert found.sentence == "income is missing more often: 0 % -> 10 % of the rows"
    assert (found.kind, found.severity) == ("missing", "critical")


def test_a_column_without_any_value_is_told() -> None:
    found = the_finding(compared({"income": pa.nulls(ROWS)}))
    assert found.sentence.startswith("income has no value in any row any more")


def test_a_column_that_does_not_come_is_told_with_its_likely_new_name() -> None:
    current = rows(2)
    report = compared({"income": None, "Income_": current["income"]})
    assert sentences(report)[0] == (
        "critical",
        "income is not in the data any more; an unknown column 'Income_' is: renamed?",
    )
    assert ("info", "Unknown columns arrive: 'Income_'; the model does not use them") in sentences(
        report
    )
    assert report.drifted == ("income",)
    assert report.columns[0].status == "absent"


def test_a_target_that_callers_do_not_send_is_no_finding() -> None:
    report = compared({"approve": None})
    assert (report.status, report.findings) == ("ok", ())


def test_numbers_that_come_as_words_are_malformed_not_a_crash() -> None:
    report = compared({"income": pa.array([f"about {number:.0f}" for number in rows(2)["income"]])})
    assert sentences(report) == [
        (
            "critical",
            "income cannot be read as a number in 100 % of the rows. They arrive as text.",
        )
    ]
    assert next(c for c in report.columns if c.name == "income").status == "critical"


def test_numbers_that_come_as_digits_are_read() -> None:
    report = compared({"income": pa.array([repr(number) for number in rows(2)["income"].tolist()])})
    assert (report.status, report.findings) == ("ok", ())


def test_a_column_that_is_stuck_is_told() -> None:
    found = the_finding(compared({"age": np.full(ROWS, 40.0)}))
    assert found.sentence.startswith("age is always 40 now; it used to vary")


def test_numbers_outside_the_range_are_told() -> None:
    ages = rows(2)["age"]
    ages[:300] = 130
    found = [f for f in compared({"age": ages}).findings if f.kind == "range"]
    assert found[0].sentence == "age leaves the range of the training data: 7.5 % above 79"


def test_booleans_are_told_as_shares() -> None:
    report = compared({"member": (np.arange(ROWS) % 2 == 0)})
    assert the_finding(report).sentence.startswith("member changed: yes in 30 % -> 50 %")


def test_dates_are_told_as_dates() -> None:
    report = compared({"since": rows(2)["since"] + 400})
    sentence = next(f.sentence for f in report.findings if f.id == "drift:since")
    assert "median 2021-12-21 -> 2023-02-01" in sentence


def test_most_features_at_once_are_a_shock() -> None:
    current = rows(2)
    changes = {
        "income": current["income"] * 3,
        "age": current["age"] + 30,
        "since": current["since"] + 900,
        "member": 1 - current["member"],
    }
    report = compared(changes)
    assert report.shock
    assert set(report.drifted) == set(changes)
    assert report.score is not None
    assert report.score > 0.8


def test_one_feature_is_no_shock() -> None:
    assert not compared({"income": rows(2)["income"] * 3}).shock


def test_findings_come_by_severity_then_importance_times_drift() -> None:
    current = rows(2)
    changes = {"income": current["income"] * 1.6, "age": current["age"] + 12}
    important = compared(changes, importance={"age": 0.9, "income": 0.01})
    assert important.findings[0].column == "age"
    assert important.columns[0].name == "age"
    reversed_ = compared(changes, importance={"age": 0.01, "income": 0.9})
    assert reversed_.columns[0].name == "income"


def test_impact_weighs_drift_by_importance() -> None:
    changes = {"income": rows(2)["income"] * 3}
    of_income = compared(changes, importance={"income": 1.0, "age": 0.0}).impact
    of_age = compared(changes, importance={"income": 0.0, "age": 1.0}).impact
    assert of_income is not None
    assert of_age is not None
    assert of_income > 0.5 > 0.05 > of_age
    assert compared(changes).impact is None


@pytest.mark.parametrize("size", [0, 1, 50, 199])
def test_few_rows_are_insufficient_never_undrifted(size: int) -> None:
    report = compared({"income": rows(2, size)["income"] * 10}, size=size)
    assert (report.status, report.score, report.findings) == ("insufficient", None, ())
    assert {column.status for column in report.columns} == {"insufficient"}


def test_too_few_training_rows_are_insufficient_too() -> None:
    small = profile.baseline(rows(1, 100), COLUMNS)
    current = profile.batches([batch(**rows(2))], small, COLUMNS)
    assert drift.compare(small, current).status == "insufficient"


def test_predictions_are_compared_as_features_are() -> None:
    random = np.random.default_rng(3)
    scores = random.beta(2, 5, (2000, 1))
    answers = profile.predictions("binary", (0, 1), np.hstack((1 - scores, scores)))
    baseline = profile.joined(BASELINE, answers)
    surer = random.beta(5, 2, 2000)
    names = {profile.PREDICTION: (surer > 0.5).astype(int), profile.PROBABILITY: surer}
    current = profile.batches([batch(**rows(2, 2000), **names)], baseline, COLUMNS)
    report = drift.compare(baseline, current)
    assert {finding.kind for finding in report.findings} == {"prediction"}
    assert report.drifted == ()
    told = {finding.column: finding.sentence for finding in report.findings}
    assert told[profile.PREDICTION].startswith("The prediction changed: '0' 89 % -> 11 %")
    assert told[profile.PROBABILITY].startswith("The predicted probability shifted up: median 0.2")


def test_rows_that_another_version_answered_are_no_finding() -> None:
    random = np.random.default_rng(3)
    scores = random.beta(2, 5, (2000, 1))
    answers = profile.predictions("binary", (0, 1), np.hstack((1 - scores, scores)))
    baseline = profile.joined(BASELINE, answers)
    later = random.beta(2, 5, 2000)
    half = pa.array(later, mask=np.arange(2000) % 2 == 0)
    current = profile.batches([batch(**rows(2, 2000), **{profile.PROBABILITY: half})], baseline)
    assert drift.compare(baseline, current).findings == ()


@pytest.mark.parametrize("values", [[5.0] * ROWS, [5.0] * (ROWS - 1) + [6.0]])
def test_a_constant_column_that_stays_constant_is_ok(values: list[float]) -> None:
    column = Column(name="n", kind="number", use="feature")
    baseline = profile.baseline({"n": np.full(ROWS, 5.0)}, [column])
    report = drift.compare(baseline, profile.batches([batch(n=values)], baseline))
    assert (report.status, report.findings) == ("ok", ())


def test_a_constant_column_that_changes_is_noticed() -> None:
    column = Column(name="n", kind="number", use="feature")
    baseline = profile.baseline({"n": np.full(ROWS, 5.0)}, [column])
    report = drift.compare(baseline, profile.batches([batch(n=[6.0] * ROWS)], baseline))
    assert the_finding(report).sentence.startswith("n shifted up: mean 5 -> 6")


def test_a_column_without_training_values_is_noticed_when_it_fills() -> None:
    column = Column(name="n", kind="number", use="feature")
    baseline = profile.baseline({"n": np.full(ROWS, np.nan)}, [column])
    report = drift.compare(baseline, profile.batches([batch(n=[6.0] * ROWS)], baseline))
    assert the_finding(report).sentence == "n is missing less often: 100 % -> 0 % of the rows"


def test_a_report_is_plain_strict_json() -> None:
    document = compared({"income": rows(2)["income"] * 1000}).document()
    text = json.dumps(document, allow_nan=False)
    assert json.loads(text)["columns"][0]["bars"][0].keys() == {
        "label",
        "low",
        "high",
        "then",
        "now",
    }


def test_profiles_on_another_scale_are_refused() -> None:
    other = profile.baseline(rows(9), COLUMNS)
    with pytest.raises(ValueError, match="not counted on the baseline's scale"):
        drift.compare(BASELINE, other)
