"""Bad days of a release: whatever arrives, every request of a steady load is answered but the bad
version's own share, and the record says what happened and what to do.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from sandbox.journey.load import Load
from sandbox.journey.stages import PRODUCTION, REGISTRY, SERVING, Journey
from tests.journey import badly
from tests.journey.travelled import Travelled, baking, mortgages

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
# Seconds of the sandbox's clock in one of ours: a minute of baking takes a second.
HURRY = 60.0
ROLLOUT = "\nserving: {rollout: {strategy: canary, share: 20, bake_minutes: 5, latency_ms: 300}}\n"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Travelled]:
    """The first version in staging."""
    with mortgages(tmp_path_factory.mktemp("production")) as travelled:
        yield travelled


@pytest.fixture(scope="module")
def production(released: Travelled) -> Iterator[Journey]:
    """The journey with its first version in production, where the next ones bake five minutes."""
    journey = baking(released.journey, ROLLOUT)
    badly.reaches(journey, SERVING, released.package, "done")
    journey.approve(released.package, "Good in staging.", "production")
    badly.reaches(journey, PRODUCTION, released.package, "done")
    with journey.hurried(HURRY):
        yield journey


@pytest.fixture
def good(released: Travelled) -> str:
    """The first version, after which the others are made."""
    return released.package


def through_staging(journey: Journey, package: str) -> None:
    """The first gate, and staging's verification."""
    journey.approve(package, "Reviewed.")
    badly.reaches(journey, SERVING, package, "done")


def serves(journey: Journey, load: Load, version: int) -> None:
    """From now on one version answers everything."""
    began = time.monotonic()
    badly.await_that(
        lambda: sum(reply.at > began for reply in load.replies) > 20, "twenty more answers"
    )
    later = [reply for reply in load.replies if reply.at > began]
    assert {reply.version for reply in later} == {version}


def test_version_that_never_becomes_healthy_leaves_staging_as_it_was(
    production: Journey, good: str, tmp_path: Path
) -> None:
    image = badly.moody_image(production, good, tmp_path)
    image.becomes("dead")
    bad = badly.register(production, good, image.uri)
    with badly.under_load(production, SERVING) as load:
        production.approve(bad, "Looks fine.")
        badly.reaches(production, SERVING, bad, "rolled-back", "failed")
        serves(production, load, badly.number(good))
    assert load.failed() == []
    told = badly.record(production, SERVING, bad, "rolled-back")
    assert f"version {badly.number(good)} answers everything again" in told["message"]


def test_golden_predictions_off_in_the_fourth_decimal_do_not_pass_staging(
    production: Journey, good: str, tmp_path: Path
) -> None:
    image = badly.moody_image(production, good, tmp_path)
    image.becomes("shifted")
    bad = badly.register(production, good, image.uri)
    with badly.under_load(production, SERVING) as load:
        production.approve(bad, "Looks fine.")
        badly.reaches(production, SERVING, bad, "rolled-back")
        serves(production, load, badly.number(good))
    assert load.failed() == []
    told = badly.record(production, SERVING, bad, "rolled-back")
    assert "golden predictions" in told["reason"]
    production.approve(bad, "Reviewed.", "production")
    refused = badly.record(production, PRODUCTION, bad, "refused")
    assert "staging's verification failed" in refused["reason"]


@pytest.mark.parametrize(
    ("mood", "alarm"), [("errors", "endpoint-errors"), ("slow", "endpoint-latency")]
)
def test_version_that_breaks_in_production_takes_itself_back(
    production: Journey, good: str, tmp_path: Path, mood: str, alarm: str
) -> None:
    image = badly.moody_image(production, good, tmp_path)
    bad = badly.register(production, good, image.uri)
    through_staging(production, bad)
    image.becomes(mood)
    with badly.under_load(production, PRODUCTION) as load:
        production.approve(bad, "Good in staging.", "production")
        badly.reaches(production, PRODUCTION, bad, "rolled-back")
        undone = time.monotonic()
        serves(production, load, badly.number(good))
    assert load.failed(after=undone) == []
    assert len(load.failed()) < len(load.replies) / 10, "more than the canary's bad share"
    told = badly.record(production, PRODUCTION, bad, "rolled-back")
    assert alarm in told["reason"]
    assert f"modelyard release --env prod --version {badly.number(bad)}" in told["message"]


def test_tampered_model_file_is_refused(production: Journey, good: str) -> None:
    bad = badly.register(production, good)
    badly.tamper(production, bad)
    with badly.under_load(production, SERVING) as load:
        production.approve(bad, "Looks fine.")
        told = badly.record(production, SERVING, bad, "refused")
    assert "the model file is not the one that was registered" in told["reason"]
    assert "nothing changed" in told["message"]
    assert load.failed() == []


def test_image_named_by_a_tag_that_may_move_is_refused(production: Journey, good: str) -> None:
    container = production.package(good)["InferenceSpecification"]["Containers"][0]
    repository, _, digest = container["Image"].partition("@")
    bad = badly.register(production, good, f"{repository}:latest", image_digest=digest)
    production.approve(bad, "Looks fine.")
    told = badly.record(production, SERVING, bad, "refused")
    assert "is not the image that was registered" in told["reason"]


def test_tag_cannot_move(production: Journey, good: str, tmp_path: Path) -> None:
    ecr = production.client(production.root(REGISTRY), "ecr")
    image = badly.moody_image(production, good, tmp_path)
    tag = image.mood.parent.name.removeprefix("image-")
    with pytest.raises(ClientError, match="ImageTagAlreadyExists"):
        ecr.put_image(
            repositoryName=production.project.name,
            imageManifest=json.dumps({"schemaVersion": 2, "moved": True}),
            imageTag=tag,
        )


def test_approval_withdrawn_during_the_bake_is_obeyed(
    production: Journey, good: str, tmp_path: Path
) -> None:
    image = badly.moody_image(production, good, tmp_path)
    new = badly.register(production, good, image.uri)
    through_staging(production, new)
    with badly.under_load(production, PRODUCTION) as load:
        production.approve(new, "Good in staging.", "production")
        badly.reaches(production, PRODUCTION, new, "baking")
        sagemaker = production.client(production.session(REGISTRY, "model-approver"), "sagemaker")
        sagemaker.update_model_package(ModelPackageArn=new, ModelApprovalStatus="Rejected")
        badly.reaches(production, PRODUCTION, new, "rolled-back")
        serves(production, load, badly.number(good))
    assert load.failed() == []
    told = badly.record(production, PRODUCTION, new, "rolled-back")
    assert f"withdrawn by {production.person('model-approver')}" in told["reason"]


def test_two_releases_at_once_happen_one_after_the_other(production: Journey, good: str) -> None:
    first, second = (badly.register(production, good) for _ in range(2))
    for package in (first, second):
        through_staging(production, package)
    with badly.under_load(production, PRODUCTION) as load:
        for package in (first, second):
            production.approve(package, "Good in staging.", "production")
        badly.reaches(production, PRODUCTION, second, "done")
        serves(production, load, badly.number(second))
    assert load.failed() == []
    told = badly.record(production, PRODUCTION, second, "done")
    assert told["previous_config"] == f"loans-prod-v{badly.number(first)}"


@pytest.mark.timeout(1800)
def test_twenty_releases_in_a_row_lose_no_request(production: Journey, good: str) -> None:
    versions = [badly.register(production, good) for _ in range(20)]
    with badly.under_load(production, SERVING) as load:
        for package in versions:
            production.approve(package, "Reviewed.")
            badly.reaches(production, SERVING, package, "done")
    assert load.failed() == []
    assert set(load.versions()) >= {badly.number(package) for package in versions}
