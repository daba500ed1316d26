"""Model cards as AWS keeps them: the schema, one change at a time, status without a version."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

CARD = json.dumps({"intended_uses": {"risk_rating": "High"}})


@pytest.fixture
def sagemaker(account: Any) -> Any:
    client = account.client("sagemaker")
    client.create_model_card(ModelCardName="one", Content=CARD, ModelCardStatus="Draft")
    return client


def test_status_changes_no_version_and_keeps_the_content(sagemaker: Any) -> None:
    sagemaker.update_model_card(ModelCardName="one", ModelCardStatus="Approved")
    card = sagemaker.describe_model_card(ModelCardName="one")
    assert (card["ModelCardVersion"], card["Content"]) == (1, CARD)
    assert card["ModelCardStatus"] == "Approved"


def test_content_is_a_new_version_and_the_old_one_stays(sagemaker: Any) -> None:
    sagemaker.update_model_card(ModelCardName="one", Content="{}")
    assert sagemaker.describe_model_card(ModelCardName="one")["ModelCardVersion"] == 2
    first = sagemaker.describe_model_card(ModelCardName="one", ModelCardVersion=1)
    assert first["Content"] == CARD


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"Content": "{}", "ModelCardStatus": "Draft"}, "cannot update both"),
        ({}, "has to be given"),
        ({"Content": '{"unknown": 1}'}, "breaks the model card schema"),
        ({"Content": "{\n}"}, "one line"),
        ({"Content": "no JSON"}, "not JSON"),
    ],
)
def test_what_aws_refuses_is_refused(sagemaker: Any, given: dict[str, str], sentence: str) -> None:
    with pytest.raises(ClientError, match=sentence):
        sagemaker.update_model_card(ModelCardName="one", **given)


def test_archived_card_takes_no_content(sagemaker: Any) -> None:
    sagemaker.update_model_card(ModelCardName="one", ModelCardStatus="Archived")
    with pytest.raises(ClientError, match="archived"):
        sagemaker.update_model_card(ModelCardName="one", Content="{}")


def test_absent_card_is_told(sagemaker: Any) -> None:
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.describe_model_card(ModelCardName="two")


def test_changer_is_named(sagemaker: Any) -> None:
    sagemaker.update_model_card(ModelCardName="one", Content="{}")
    described = sagemaker.describe_model_card(ModelCardName="one")
    assert "Arn" in described["LastModifiedBy"]["IamIdentity"]


def test_encrypted_card_is_read_by_whoever_may_use_its_key(account: Any) -> None:
    everything = {"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    account.client("sagemaker").create_model_card(
        ModelCardName="two",
        Content=CARD,
        ModelCardStatus="Draft",
        SecurityConfig={"KmsKeyId": key},
    )
    account.role("keyless", everything)
    account.role("keyed", everything, {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key})
    keyed = account.client("sagemaker", account.sign_in("keyed", "alice"))
    assert keyed.describe_model_card(ModelCardName="two")["Content"] == CARD
    keyless = account.client("sagemaker", account.sign_in("keyless", "alice"))
    with pytest.raises(ClientError, match="kms:Decrypt"):
        keyless.describe_model_card(ModelCardName="two")
