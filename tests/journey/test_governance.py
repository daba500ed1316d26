"""The model card and the technical file of the journey's model, as an auditor gets them."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from modelyard.card.status import card_name
from modelyard.project import EnvironmentName
from sandbox.journey.commands import JourneyError, run
from tests.governance_table import commands
from tests.journey.travelled import Travelled

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def version_of(travelled: Travelled) -> str:
    return travelled.package.rsplit("/", 1)[1]


def card_of(travelled: Travelled) -> dict[str, Any]:
    """The package's card, as SageMaker keeps it."""
    journey = travelled.journey
    client = journey.client(journey.root("dev"), "sagemaker")
    name = card_name(journey.project.name, int(version_of(travelled)))
    return dict(client.describe_model_card(ModelCardName=name))


def asked(travelled: Travelled, *command: str) -> str:
    """What a `modelyard` command tells the auditor who can see most of what it asks for.

    Cards are in dev; the auditor of an environment that serves also reads the registry's evidence.
    """
    journey = travelled.journey
    environment: EnvironmentName = "dev" if command[0] in ("card", "data") else "staging"
    return journey.modelyard(journey.session(environment, "auditor"), *command)


def test_package_has_an_approved_card_that_says_what_the_package_says(
    travelled: Travelled,
) -> None:
    assert card_of(travelled)["ModelCardStatus"] == "Approved"
    assert "says what its package says" in asked(
        travelled, "card", version_of(travelled), "--check"
    )


def test_card_names_job_data_and_decision(travelled: Travelled) -> None:
    content = json.loads(card_of(travelled)["Content"])
    job = content["training_details"]["training_job_details"]
    details = content["additional_information"]["custom_details"]
    assert ":training-job/loans-dev-" in job["training_arn"]
    assert "versionId=" in job["training_datasets"][0]
    assert "loans-dev-model-approver/bob" in details["approval 01"]


@pytest.mark.parametrize("persona", ["data-scientist", "model-approver", "auditor"])
def test_nobody_edits_a_packages_card(travelled: Travelled, persona: str) -> None:
    journey = travelled.journey
    client = journey.client(journey.session("dev", persona), "sagemaker")
    name = card_name(journey.project.name, int(version_of(travelled)))
    with pytest.raises(ClientError, match="AccessDenied"):
        client.update_model_card(ModelCardName=name, ModelCardStatus="Archived")


def test_card_edited_by_the_accounts_root_is_told_by_field(travelled: Travelled) -> None:
    journey, card = travelled.journey, card_of(travelled)
    root = journey.client(journey.root("dev"), "sagemaker")
    content = json.loads(card["Content"])
    content["intended_uses"]["risk_rating"] = "Low"
    root.update_model_card(ModelCardName=card["ModelCardName"], Content=json.dumps(content))
    try:
        with pytest.raises(JourneyError, match=r"intended_uses\.risk_rating says"):
            asked(travelled, "card", version_of(travelled), "--check")
    finally:
        root.update_model_card(ModelCardName=card["ModelCardName"], Content=card["Content"])


def test_technical_file_proves_what_an_auditor_may_read(
    travelled: Travelled, tmp_path: Path
) -> None:
    asked(travelled, "technical-file", version_of(travelled), "--out", str(tmp_path))
    file = json.loads((tmp_path / "technical-file.json").read_text(encoding="utf-8"))
    told = [one for part in file["sections"] for one in part["statements"]]
    unread = [one for part in file["sections"] for one in part["gaps"] if "auditor" in one["where"]]
    assert unread == []
    assert all(len(proof["sha256"]) == 64 for one in told for proof in one["evidence"])
    assert any(one["text"].startswith("Verification in staging passed") for one in told)


@pytest.mark.parametrize("command", commands())
def test_command_of_the_walk_through_annex_iv_shows_something(
    travelled: Travelled, command: str
) -> None:
    program, *words = shlex.split(command)
    if program == "modelyard":
        assert asked(travelled, *words).strip()
    else:
        # The platform's own checks run beside the model repo, with the platform's Python.
        journey = travelled.journey
        nobody = journey.environment(journey.root("dev"))
        assert "0 broken" in run([sys.executable, *words], journey.repo, nobody)
