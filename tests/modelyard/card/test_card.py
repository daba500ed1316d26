"""A card says what the package and project.yaml say, in the format that SageMaker takes."""

from typing import Any

import jsonschema
import pytest

from modelyard import card
from modelyard.card.facts import statement
from modelyard.card.required import REQUIRED, missing
from modelyard.card.validation import LONGEST, checked, schema, text, violations
from modelyard.errors import CardError
from modelyard.evidence import Dossier
from modelyard.project import Project, parse
from tests.modelyard.card.conftest import ARN, METADATA, dossier_of


@pytest.fixture
def content(dossier: Dossier) -> dict[str, Any]:
    """The card of the complete project's version 3."""
    return card.build(dossier)


def test_card_is_valid_by_the_reference_validator(content: dict[str, Any]) -> None:
    jsonschema.Draft7Validator(schema()).validate(content)


def test_shipped_schema_is_valid_draft_07() -> None:
    jsonschema.Draft7Validator.check_schema(schema())


def test_minimal_project_has_a_valid_card_too(project: Project) -> None:
    content = card.build(dossier_of(project, evaluation=None, manifest=None, execution=None))
    jsonschema.Draft7Validator(schema()).validate(content)
    assert "evaluation_details" not in content


def test_card_names_the_data_set_that_was_borrowed(stated: dict[str, Any]) -> None:
    stated["data"] = [{"name": "seen", "source": "dataset://lending/applications"}]
    content = card.build(dossier_of(parse(stated)))
    told = content["additional_information"]["custom_details"]["dataset seen"]
    assert told.startswith("Source: dataset://lending/applications; owner: not stated;")
    assert "legal basis: as lending states for applications" in told


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (("intended_uses", "risk_rating"), "High"),
        (("business_details", "business_stakeholders"), None),
        (("model_overview", "model_creator"), "alice"),
        (("additional_information", "custom_details", "model_package_arn"), ARN),
        (("additional_information", "custom_details", "model_sha256"), METADATA["model_sha256"]),
        (("additional_information", "custom_details", "review_date"), "2027-05-01"),
        (
            ("training_details", "training_job_details", "training_datasets"),
            ["s3://raw/applications.csv?versionId=v7"],
        ),
    ],
)
def test_card_says_what_was_stated_or_registered(
    content: dict[str, Any], place: tuple[str, ...], expected: Any
) -> None:
    found: Any = content
    for name in place:
        found = found[name]
    assert found == (
        expected or "Owner: Head of lending; subject-matter expert: Senior underwriter"
    )


def test_metrics_carry_their_intervals(content: dict[str, Any]) -> None:
    metrics = content["evaluation_details"][0]["metric_groups"][0]["metric_data"]
    assert {"name": "f1", "type": "string", "value": "no value"} in metrics
    assert {
        "name": "roc_auc",
        "type": "number",
        "value": 0.841235,
        "notes": "95 % interval 0.79 to 0.88",
    } in metrics


def test_bias_is_a_metric_group_by_attribute(content: dict[str, Any]) -> None:
    groups = {one["name"]: one for one in content["evaluation_details"][1]["metric_groups"]}
    flip = {
        "name": "FT of 1",
        "type": "string",
        "value": "no value",
        "notes": "too few neighbours",
    }
    assert flip in groups["Bias by black"]["metric_data"]


def test_approval_is_named_with_its_hash(content: dict[str, Any], dossier: Dossier) -> None:
    told = content["additional_information"]["custom_details"]["approval 01"]
    assert "Approved for staging" in told
    assert dossier.approvals[0].sha256 in told


def test_same_dossier_makes_the_same_line(dossier: Dossier) -> None:
    line = text(card.build(dossier))
    assert line == text(card.build(dossier))
    assert "\n" not in line


def test_words_too_long_for_a_card_are_refused_with_their_key(stated: dict[str, Any]) -> None:
    told = statement(parse(stated))
    told["risk"]["limitations"] = "x" * 2049
    facts = card.Facts(told, ARN, 3, "Approved", "", {}, {}, {}, {})
    with pytest.raises(CardError, match=r"project.yaml: risk.limitations: 2049 characters"):
        checked(card.compose(facts))


def test_card_longer_than_sagemaker_takes_is_refused(dossier: Dossier) -> None:
    content = card.compose(card.of_dossier(dossier))
    groups = content["evaluation_details"][1]["metric_groups"]
    groups[0]["metric_data"] *= LONGEST // 100
    with pytest.raises(CardError, match=r"project.yaml: model.protected: the card has"):
        checked(content)


@pytest.mark.parametrize(
    "wrong",
    [
        {"unknown": 1},
        {"intended_uses": {"risk_rating": "Severe"}},
        {"model_overview": {"model_description": "x" * 1025}},
        {"model_overview": {"model_artifact": "s3://one"}},
        {"evaluation_details": [{"metric_groups": []}]},
        {"evaluation_details": [{"name": "n", "datasets": ["d"] * 11}]},
        {
            "evaluation_details": [
                {"name": "n", "metric_groups": [{"name": "g", "metric_data": [{"name": "m"}]}]}
            ]
        },
        {"additional_information": {"custom_details": {"a": 1}}},
        {"training_details": {"training_job_details": {"hyper_parameters": [{"name": "a"}]}}},
        {
            "training_details": {
                "training_job_details": {"hyper_parameters": [{"name": "a", "value": ""}]}
            }
        },
    ],
)
def test_what_the_reference_validator_refuses_is_refused(wrong: dict[str, Any]) -> None:
    assert list(jsonschema.Draft7Validator(schema()).iter_errors(wrong))
    assert list(violations(wrong))


def test_complete_high_risk_project_lacks_nothing(complete: Project) -> None:
    assert missing(statement(complete)) == ()


def test_high_risk_project_is_told_each_key_it_lacks(project: Project) -> None:
    lines = missing(statement(project))
    assert (
        "project.yaml: risk.intended_uses: is missing; a high-risk model needs it: "
        "state the uses and users the model is meant for"
    ) in lines
    assert len(lines) == sum(one.tiers == ("high",) for one in REQUIRED)


@pytest.mark.parametrize("name", ["data_protection", "fundamental_rights"])
def test_missing_document_is_told_by_its_key(stated: dict[str, Any], name: str) -> None:
    del stated["risk"]["documents"][name]
    (line,) = missing(statement(parse(stated)))
    assert f"risk.documents.{name}: is missing" in line


def test_lower_tier_needs_no_risk_file(stated: dict[str, Any]) -> None:
    stated["risk"] = {"tier": "limited", "decision": "assisted"}
    assert missing(statement(parse(stated))) == ()
