"""A machine that the policies would refuse is refused before anything is made, in one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from infra import instances, settings
from infra.configuration import SettingsError, Values

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.conftest import EstateOf


def load(estate_of: EstateOf, folder: Path, environment: str, **changes: Any) -> settings.Settings:
    """The settings of a changed project."""
    (folder / "project.yaml").write_text(json.dumps(estate_of(**changes).document))
    config = {"projectFile": "project.yaml", "environment": environment}
    return settings.load(Values(f"loans.{environment}", config), folder)


@pytest.mark.parametrize(
    ("environment", "section"),
    [("dev", "training"), ("staging", "serving"), ("prod", "serving"), ("prod", "monitoring")],
)
def test_machine_off_the_list_is_one_line(
    estate_of: EstateOf, tmp_path: Path, environment: str, section: str
) -> None:
    changes = {section: {"instance_type": "ml.p5.48xlarge"}}
    with pytest.raises(SettingsError) as caught:
        load(estate_of, tmp_path, environment, **changes)
    text = str(caught.value)
    assert text.startswith(
        f"project.yaml: {section}.instance_type: 'ml.p5.48xlarge' is not on the platform's list; "
        "choose from ml."
    )
    assert "\n" not in text


@pytest.mark.parametrize(
    ("environment", "section"),
    [("dev", "training"), ("staging", "serving"), ("prod", "serving"), ("prod", "monitoring")],
)
def test_machine_on_the_list_is_taken(
    estate_of: EstateOf, tmp_path: Path, environment: str, section: str
) -> None:
    changes = {section: {"instance_type": "ml.g5.xlarge"}}
    assert load(estate_of, tmp_path, environment, **changes).environment == environment


@pytest.mark.parametrize(
    ("persona", "environment", "action"),
    [
        ("pipeline", "dev", "sagemaker:CreateTrainingJob"),
        ("deployer", "prod", "sagemaker:CreateEndpointConfig"),
        ("data-scientist", "dev", "sagemaker:CreateApp"),
    ],
)
def test_list_is_the_one_the_policies_enforce(persona: str, environment: str, action: str) -> None:
    granted = instances.granted(persona, environment, action)
    assert "ml.m5.*" in granted
    assert "*" not in granted
