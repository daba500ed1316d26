"""Keeps the model card of every package: written when it is registered, its status as approved.

No IAM key protects a card's status, so nobody but this function may write the cards of packages.
What it writes it also records in evidence, where a card edited by hand is held against it.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

from modelyard.card import checked, compose
from modelyard.card.facts import Facts
from modelyard.card.status import ARCHIVED, DRAFT, card_name, card_status
from modelyard.card.validation import text
from modelyard.functions import chain
from modelyard.functions.card_facts import decisions, gather
from modelyard.functions.service import Clients, Refused, contract

FOLDER = "reports/cards/"
_PATIENCE_S = 10.0
_TRIES = 5


def handler(event: Mapping[str, Any], _context: Any) -> dict[str, str]:
    """Lambda's entry: a package's state change in, the card's name and status out."""
    return keep(str(event["detail"]["ModelPackageArn"]), boto3.Session(), stated())


def stated() -> Mapping[str, Any]:
    """What the reviewed project.yaml says, which the workspace program put beside this file."""
    document: Mapping[str, Any] = json.loads(
        Path(__file__).with_name("statement.json").read_text(encoding="utf-8")
    )
    return document


def keep(
    arn: str, session: Any, statement: Mapping[str, Any], patience: float = _PATIENCE_S
) -> dict[str, str]:
    """Makes the card of a package what the package is now, and says what it is called."""
    clients = Clients(session)
    facts = contract(clients.client("ssm"))
    for _ in range(_TRIES):
        package = _described(clients, arn, facts)
        told = gather(clients, package, facts, statement, patience)
        name = card_name(facts["project"], told.version)
        status = card_status(told.status, statement)
        _write(clients, name, status, checked(compose(told)), told, facts)
        # A decision may have been made meanwhile, and its own event served before this one.
        if decisions(_described(clients, arn, facts)) == decisions(package):
            return {"card": name, "status": status}
    raise Refused(f"{arn} was changed {_TRIES} times while its card was written")


def _described(clients: Clients, arn: str, facts: Mapping[str, str]) -> Mapping[str, Any]:
    package: Mapping[str, Any] = clients.client("sagemaker").describe_model_package(
        ModelPackageName=arn
    )
    if package.get("ModelPackageGroupName") != facts["model_package_group"]:
        raise Refused(f"{arn} does not belong to {facts['model_package_group']}")
    return package


def _write(
    clients: Clients,
    name: str,
    status: str,
    content: Mapping[str, Any],
    told: Facts,
    facts: Mapping[str, str],
) -> None:
    """Brings the card up to date and records it; a card that is right already stays as it is."""
    sagemaker, line = clients.client("sagemaker"), text(content)
    try:
        card = sagemaker.describe_model_card(ModelCardName=name)
    except sagemaker.exceptions.ResourceNotFound:
        sagemaker.create_model_card(
            ModelCardName=name,
            Content=line,
            ModelCardStatus=status,
            SecurityConfig={"KmsKeyId": facts["key_arn"]},
            Tags=[
                {"Key": "project", "Value": facts["project"]},
                {"Key": "env", "Value": facts["environment"]},
            ],
        )
        _record(clients, name, status, content, told, facts)
        return
    edited = json.loads(card["Content"]) != content
    if edited:
        if card["ModelCardStatus"] == ARCHIVED:
            sagemaker.update_model_card(ModelCardName=name, ModelCardStatus=DRAFT)
        # "You cannot update both model card content and model card status in a single call."
        sagemaker.update_model_card(ModelCardName=name, Content=line)
    if sagemaker.describe_model_card(ModelCardName=name)["ModelCardStatus"] != status:
        sagemaker.update_model_card(ModelCardName=name, ModelCardStatus=status)
        edited = True
    if edited:
        _record(clients, name, status, content, told, facts)


def _record(
    clients: Clients,
    name: str,
    status: str,
    content: Mapping[str, Any],
    told: Facts,
    facts: Mapping[str, str],
) -> None:
    now = datetime.now(UTC)
    chain.append(
        clients.client("s3"),
        facts["bucket_evidence"],
        FOLDER,
        f"{told.version}-{now.strftime('%Y%m%dT%H%M%S%f')[:-3]}Z.json",
        {
            "schema_version": 1,
            "time": now.isoformat(timespec="milliseconds"),
            "model_package_arn": told.arn,
            "version": told.version,
            "card": name,
            "status": status,
            "content": content,
            "statement": told.statement,
            "training": told.training,
        },
        facts["key_arn"],
    )
