"""What becomes of bias and of one refusal on the whole way: decided, explained, looked at again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.journey.commands import JourneyError
from tests.journey.travelled import Travelled

REFERENCE = "loans-00003"


def evidence(travelled: Travelled, env: Any, prefix: str) -> list[dict[str, Any]]:
    """The records below a prefix of an environment's evidence."""
    journey = travelled.journey
    s3 = journey.client(journey.root(env), "s3")
    bucket = f"loans-{env}-evidence-{journey.project.environments[env].account}"
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    return [
        json.loads(s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()) for item in listed
    ]


def explained(travelled: Travelled, *arguments: str) -> str:
    """`modelyard explain`, as the operator of staging."""
    journey = travelled.journey
    operator = journey.session("staging", "model-operator")
    return journey.modelyard(operator, "explain", REFERENCE, "--env", "staging", *arguments)


def test_biased_model_serves_with_a_documented_decision_only(travelled: Travelled) -> None:
    evaluation = travelled.journey.evaluation(travelled.package)
    assert evaluation["fairness_gates"]["needs_decision"]
    (decision,) = evidence(travelled, "dev", "reports/decisions/")
    assert (decision["user"], decision["role"]) == ("bob", "loans-dev-model-approver")
    assert decision["reason"]
    assert {gate["attribute"] for gate in decision["gates"]} >= {"black"}
    assert decision["alternatives"]
    phases = {one.get("phase") for one in evidence(travelled, "staging", "releases/")}
    assert "done" in phases


def test_operator_writes_the_letter_of_one_decision(travelled: Travelled) -> None:
    text = explained(travelled)
    assert "What was decided" in text
    assert "would have changed it" in text
    assert REFERENCE in text
    found = json.loads(explained(travelled, "--json"))
    assert found["model_package_arn"] == travelled.package
    weights = [abs(reason["weight"]) for reason in found["reasons"]]
    assert weights == sorted(weights, reverse=True)
    assert not {"black", "hispan", "male"} & {reason["column"] for reason in found["reasons"]}


def test_review_is_recorded_once_and_without_the_person(travelled: Travelled) -> None:
    journey = travelled.journey
    operator = journey.session("staging", "model-operator")
    words = ("review", REFERENCE, "--env", "staging", "--outcome", "upheld", "--comment", "Right.")
    journey.modelyard(operator, *words)
    (record,) = evidence(travelled, "staging", "reports/reviews/")
    assert (record["inference_id"], record["outcome"]) == (REFERENCE, "upheld")
    assert "rows" not in record
    with pytest.raises(JourneyError, match="was reviewed already"):
        journey.modelyard(operator, *words)
