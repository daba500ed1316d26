"""What SageMaker takes as a model card, and what it lets become of one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from modelyard.card import checked
from modelyard.card.validation import text

if TYPE_CHECKING:
    from tests.smoke_aws.road import Road

CARD = checked(
    {
        "model_overview": {"model_description": "Smoke check", "model_artifact": ["s3://none/m"]},
        "intended_uses": {"risk_rating": "High", "intended_uses": "None"},
        "training_details": {
            "training_job_details": {"hyper_parameters": [{"name": "C", "value": "1"}]}
        },
        "evaluation_details": [
            {
                "name": "Quality",
                "metric_groups": [
                    {
                        "name": "Metrics",
                        "metric_data": [
                            {"name": "roc_auc", "type": "number", "value": 0.8, "notes": "0.7-0.9"},
                            {"name": "f1", "type": "string", "value": "no value"},
                            {"name": "gate", "type": "boolean", "value": True},
                        ],
                    }
                ],
            }
        ],
        "additional_information": {"custom_details": {"model_sha256": "0" * 64}},
    }
)


@pytest.fixture
def card(road: Road) -> Iterator[tuple[Any, str]]:
    """A card under the project's key, removed afterwards."""
    sagemaker, name = road.client("sagemaker"), f"{road.project.name}-smoke-{int(time.time())}"
    sagemaker.create_model_card(
        ModelCardName=name,
        Content=text(CARD),
        ModelCardStatus="Draft",
        SecurityConfig={"KmsKeyId": road.workspace.key_arn},
    )
    try:
        yield sagemaker, name
    finally:
        sagemaker.delete_model_card(ModelCardName=name)


def test_card_of_our_form_is_taken_under_the_projects_key(card: tuple[Any, str]) -> None:
    sagemaker, name = card
    assert json.loads(sagemaker.describe_model_card(ModelCardName=name)["Content"]) == CARD


def test_archived_card_may_become_a_draft_again(card: tuple[Any, str]) -> None:
    sagemaker, name = card
    sagemaker.update_model_card(ModelCardName=name, ModelCardStatus="Archived")
    sagemaker.update_model_card(ModelCardName=name, ModelCardStatus="Draft")
    assert sagemaker.describe_model_card(ModelCardName=name)["ModelCardStatus"] == "Draft"


def test_status_makes_no_new_version(card: tuple[Any, str]) -> None:
    sagemaker, name = card
    sagemaker.update_model_card(ModelCardName=name, ModelCardStatus="Approved")
    assert sagemaker.describe_model_card(ModelCardName=name)["ModelCardVersion"] == 1
