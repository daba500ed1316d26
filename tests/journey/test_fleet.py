"""The platform sees a real project as it is, with its own role; docs/fleet.md does what it says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import boto3
import pytest

from sandbox.identity import login
from sandbox.journey.commands import JourneyError
from sandbox.journey.stages import REGISTRY, SERVING
from tests.journey.travelled import Travelled

PAGE = Path(__file__).resolve().parents[2] / "docs" / "fleet.md"
BLOCK = re.compile(
    r"^<!-- (?P<mark>platform|profiles) -->\n```bash\n(?P<script>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
BLOCKS = {found["mark"]: found["script"] for found in BLOCK.finditer(PAGE.read_text())}
PROFILES = ("credit-dev", "credit-prod")


@pytest.fixture(scope="module")
def platform_admin(travelled: Travelled) -> boto3.Session:
    """Somebody of the platform, signed in through SAML."""
    place = travelled.journey.project.environments[REGISTRY]
    role = "modelyard-platform-admin"
    return login(travelled.journey.url, place.account, role, "pia", place.region)


@pytest.fixture(scope="module")
def told(travelled: Travelled, platform_admin: boto3.Session) -> dict[str, Any]:
    """What the platform is told, as JSON."""
    return dict(json.loads(travelled.journey.modelyard(platform_admin, "fleet", "--json")))


def test_platform_may_read_everything_it_lists(told: dict[str, Any]) -> None:
    assert told["not_known"] == []
    assert [one["name"] for one in told["projects"]] == ["loans"]
    assert told["projects"][0]["unjudged"] == {}


def test_a_real_project_is_listed_as_it_is(travelled: Travelled, told: dict[str, Any]) -> None:
    (found,) = told["projects"]
    stated = travelled.journey.project
    assert (found["owner"], found["cost_center"]) == (stated.owner, stated.cost_center)
    assert (found["risk"], found["usd"]) == (stated.risk.tier, 0.0)
    assert found["package"] == version("modelyard")
    assert found["models"][0]["approval"] == "Approved"
    assert found["last_run"] is not None
    staging = found["environments"][SERVING]
    assert (staging["release"]["version"], staging["release"]["phase"]) == (1, "done")
    assert staging["endpoint"] == "InService"
    assert staging["spending"]["limit"] == stated.environments[SERVING].monthly_budget
    assert staging["modelyard"] == version("modelyard")


def test_what_serves_is_in_order(told: dict[str, Any]) -> None:
    broken = {one["rule"] for one in told["projects"][0]["findings"]}
    served = {"unapproved-model", "broken-endpoint", "unwatched", "over-budget", "abandoned"}
    assert broken & served == set()


def test_a_projects_own_people_are_told_that_they_may_not(travelled: Travelled) -> None:
    journey = travelled.journey
    scientist = journey.session(REGISTRY, "data-scientist")
    with pytest.raises(JourneyError, match="exited with 1") as raised:
        journey.modelyard(scientist, "fleet")
    assert "not known: " in str(raised.value)
    assert "AWS denies GetParametersByPath" in str(raised.value)


@pytest.mark.parametrize("mark", ["platform", "profiles"])
def test_page_shows_commands_that_work(
    travelled: Travelled, platform_admin: boto3.Session, mark: str, tmp_path: Path
) -> None:
    environment = travelled.journey.environment(platform_admin)
    keys = {
        f"aws_{name}": environment.get(f"AWS_{name.upper()}", "")
        for name in ("access_key_id", "secret_access_key", "session_token")
    }
    region = environment["AWS_DEFAULT_REGION"]
    if mark == "profiles":
        environment = {
            key: value
            for key, value in environment.items()
            if key == "AWS_ENDPOINT_URL" or not key.startswith("AWS_")
        }
    stated = "".join(f"{key} = {value}\n" for key, value in keys.items())
    (tmp_path / "keys").write_text("".join(f"[{one}]\n{stated}" for one in PROFILES))
    (tmp_path / "config").write_text(
        "".join(f"[profile {one}]\nregion = {region}\n" for one in PROFILES)
    )
    ran = subprocess.run(
        ["bash", "-euc", BLOCKS[mark]],
        cwd=tmp_path,
        env={
            **environment,
            "AWS_CONFIG_FILE": str(tmp_path / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "keys"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "loans" in ran.stdout
    if mark == "platform":
        assert "loans" in (tmp_path / "build" / "fleet.html").read_text(encoding="utf-8")
