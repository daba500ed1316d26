"""The letter says in plain words what was decided, why, what would change it, who helps."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from modelyard import letter as letters
from modelyard import profile
from modelyard.commands.explain import document
from modelyard.data import DataContract
from modelyard.decided import Decided, explained
from modelyard.errors import DecisionError, ModelyardError
from modelyard.letter import letter
from modelyard.model import Model, save
from modelyard.project import Project
from modelyard.registry import Package
from modelyard.risk_section import ReviewRoute
from modelyard.tables import as_frame, to_arrays

DICE = np.random.default_rng(3)
ROWS = [
    {"income": round(float(DICE.normal(5000, 1500)), 2), "age": int(DICE.integers(18, 80))}
    for _ in range(200)
]
CONTRACT = DataContract.parse(
    {
        "columns": [
            {"name": "income", "kind": "number", "use": "feature", "label": "Monthly income"},
            {"name": "age", "kind": "integer", "use": "feature"},
            {"name": "black", "kind": "integer", "use": "protected"},
            {"name": "granted", "kind": "category", "use": "target", "categories": ["no", "yes"]},
        ]
    }
)
PACKAGE = Package(
    arn="arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/7",
    version=7,
    status="Approved",
    production="Approved",
    description="",
    created=datetime(2026, 2, 1, tzinfo=UTC),
    metadata={},
)
TIME = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
POOR = {"income": 2500.0, "age": 40, "black": 1}


def model_of(folder: Path, final: Any) -> Model:
    """A model that grants by income and a little by age."""
    arrays = to_arrays(ROWS, CONTRACT.feature_columns)
    answers = (arrays["income"] + 10 * arrays["age"] > 5400).astype(int)
    pipeline = make_pipeline(StandardScaler(), final)
    pipeline.fit(as_frame(arrays, CONTRACT.feature_columns), answers)
    return save(pipeline, folder, CONTRACT, "binary", arrays)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    yield model_of(tmp_path_factory.mktemp("model"), LogisticRegression())


def decided(model: Model, asked: dict[str, Any], **answer: Any) -> Decided:
    """The decision about a row as it was captured."""
    arrays = to_arrays(ROWS, CONTRACT.feature_columns)
    baseline = profile.document(profile.baseline(arrays, CONTRACT.feature_columns))
    captured = {**model.predict([asked])[0], **answer}
    return explained(model, PACKAGE, "loan-17", TIME, asked, captured, baseline)


def test_letter_tells_a_person_all_they_need(model: Model, project: Project) -> None:
    text = letters.text(letter(project, decided(model, POOR)))
    assert "On 4 March 2026 the result for “granted” was: no." in text
    assert "advised the person who decides about you" in text
    assert "Monthly income (2,500) spoke for this decision strongly" in text
    assert "instead of 2,500" in text
    assert "name your reference loan-17. You get an answer within 30 days." in text
    assert "version 7" in text


@pytest.mark.parametrize(
    "word", ["black", "log-odds", "probability", "0.", "quantile", "model-pac"]
)
def test_letter_holds_no_score_no_jargon_and_no_protected_attribute(
    model: Model, project: Project, word: str
) -> None:
    assert word not in letters.text(letter(project, decided(model, POOR))).lower()


def test_protected_attribute_absent_from_capture_changes_nothing(model: Model) -> None:
    without = {name: value for name, value in POOR.items() if name != "black"}
    assert document(decided(model, without)) == document(decided(model, POOR))


def test_who_somebody_is_is_no_way_out(model: Model) -> None:
    found = decided(model, POOR).otherwise
    assert found is not None
    assert found.changeable == ("income",)


def test_refusal_without_a_way_out_is_said(model: Model, project: Project) -> None:
    columns = [column.model_dump(exclude_defaults=True) for column in CONTRACT.columns]
    stated = DataContract.parse({"columns": [{**columns[0], "actionable": False}, *columns[1:]]})
    text = letters.text(letter(project, decided(_with(model, stated), POOR)))
    assert "no realistic change of one or two facts that people can change" in text


def _with(model: Model, contract: DataContract) -> Model:
    from dataclasses import replace

    return replace(model, contract=contract)


def test_stated_route_is_the_one_in_the_letter(model: Model, project: Project) -> None:
    route = ReviewRoute(contact="review@example.com", days=14)
    risk = project.risk.model_copy(update={"review": route, "decision": "sole"})
    stated = project.model_copy(update={"risk": risk})
    text = letters.text(letter(stated, decided(model, POOR)))
    assert "Write to review@example.com" in text
    assert "within 14 days" in text
    assert "decided, without a person" in text


def test_another_answer_than_the_captured_one_is_never_explained(model: Model) -> None:
    with pytest.raises(DecisionError, match="does not give the answer that was captured"):
        decided(model, POOR, prediction="yes")


def test_other_probability_is_another_answer(model: Model) -> None:
    with pytest.raises(DecisionError, match="does not give the answer"):
        decided(model, POOR, probability=0.123)


def test_forest_has_reasons_too(tmp_path: Path) -> None:
    found = decided(model_of(tmp_path, RandomForestClassifier(5, random_state=0)), POOR)
    assert found.reasons[0].column == "income"
    assert found.why_not is None


def test_model_without_reasons_says_so(tmp_path: Path, project: Project) -> None:
    found = decided(model_of(tmp_path / "model", KNeighborsClassifier()), POOR)
    assert found.why_not is not None
    text = letters.text(letter(project, found))
    assert "This model cannot tell which facts weighed most" in text


def test_names_from_the_contract_are_text_and_not_markup(model: Model, project: Project) -> None:
    stated = DataContract.parse(
        {
            "columns": [
                {**column.model_dump(exclude_defaults=True), "label": "<b>*x*</b>"}
                for column in CONTRACT.columns
            ]
        }
    )
    written = letter(project, decided(_with(model, stated), POOR))
    assert "<b>" not in letters.html(written)
    assert "*x*" not in letters.markdown(written).replace("\\*", "")


@pytest.mark.parametrize(
    ("name", "start"),
    [("a.html", "<!doctype html>"), ("a.md", "# Mortgage"), ("a.txt", "Mortgage approval: your")],
)
def test_letter_is_written_as_its_name_ends(
    model: Model, project: Project, tmp_path: Path, name: str, start: str
) -> None:
    letters.write(letter(project, decided(model, POOR)), tmp_path / name)
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_other_ending_is_refused(model: Model, project: Project, tmp_path: Path) -> None:
    with pytest.raises(ModelyardError, match=r"end the name in \.html, \.md, \.txt"):
        letters.write(letter(project, decided(model, POOR)), tmp_path / "a.pdf")


def test_everything_known_is_json(model: Model) -> None:
    found = json.loads(json.dumps(document(decided(model, POOR)), allow_nan=False))
    assert found["reasons"][0]["column"] == "income"
    assert found["counterfactuals"]["options"][0]["answer"]["prediction"] == "yes"
