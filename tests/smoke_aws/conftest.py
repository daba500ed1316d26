"""The same checks on a real account (with a profile) and, in the ordinary suite, on the sandbox."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from modelyard.project import load
from modelyard.workspace import read
from sandbox.journey import server
from sandbox.journey.stages import Journey
from tests.smoke_aws.road import Road, Run, executed

PROFILE = os.environ.get("MODELYARD_SMOKE_PROFILE")
PROJECT = os.environ.get("MODELYARD_SMOKE_PROJECT", "")
FIXTURE = Path(__file__).parents[1] / "sandbox" / "provider" / "project.yaml"


@pytest.fixture(scope="session", params=["sandbox", "aws"])
def road(request: pytest.FixtureRequest) -> Road:
    """The deployed project of the profile's account, or one on a sandbox of its own."""
    if request.param == "aws":
        if not PROFILE:
            pytest.skip("MODELYARD_SMOKE_PROFILE names no AWS profile; see `make smoke-aws`")
        return on_aws(PROFILE, Path(PROJECT))
    if PROFILE:
        pytest.skip("MODELYARD_SMOKE_PROFILE is set: only the real account is checked")
    sandboxed: Road = request.getfixturevalue("sandboxed")
    return sandboxed


@pytest.fixture(scope="session")
def sandboxed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    """The road on a sandbox: one for all files, which a parameter of its own would not be."""
    place = tmp_path_factory.mktemp("smoke")
    with server.serving(place) as url:
        yield on_sandbox(place, url)


def on_aws(profile: str, project_file: Path) -> Road:
    """The dev workspace of a project, seen with an administrator's profile."""
    project = load(project_file)
    session = boto3.Session(profile_name=profile, region_name=project.environments["dev"].region)
    workspace = read(session.client("ssm"), project, "dev")
    images = session.client("ecr").describe_images(
        repositoryName=workspace.repository_uri.split("/", 1)[1]
    )["imageDetails"]
    newest = max(images, key=lambda each: each["imagePushedAt"])
    image = f"{workspace.repository_uri}@{newest['imageDigest']}"
    return Road(session, None, project, workspace, image, on_aws=True)


def on_sandbox(place: Path, url: str) -> Road:
    """The fixture project's dev and staging workspaces, and an image that only has Python."""
    repo = place / "repo"
    repo.mkdir()
    (repo / "project.yaml").write_text(FIXTURE.read_text())
    (repo / ".venv").symlink_to(sys.prefix)
    journey = Journey(repo, url)
    for environment in ("dev", "staging"):
        journey.apply(environment)
    image = journey.sandbox(
        journey.root("dev"), "image", str(repo), "--project", str(repo / "project.yaml"),
        "--env", "dev",
    ).split()[-1]  # fmt: skip
    session = journey.root("dev")
    workspace = read(journey.client(session, "ssm"), journey.project, "dev")
    return Road(session, url, journey.project, workspace, image, on_aws=False)


@pytest.fixture(scope="session")
def run(road: Road) -> Iterator[Run]:
    """One execution that all checks of jobs share."""
    with executed(road) as done:
        yield done


@pytest.fixture
def model(road: Road) -> Iterator[str]:
    """A model that is never served."""
    facts, name = road.workspace, f"{road.project.name}-dev-smoke-{int(time.time())}"
    sagemaker = road.client("sagemaker")
    sagemaker.create_model(
        ModelName=name,
        PrimaryContainer={"Image": road.image},
        ExecutionRoleArn=facts.pipeline_role,
        VpcConfig={
            "SecurityGroupIds": [facts.security_group],
            "Subnets": [facts.subnet_a, facts.subnet_b],
        },
        EnableNetworkIsolation=True,
    )
    try:
        yield name
    finally:
        sagemaker.delete_model(ModelName=name)
