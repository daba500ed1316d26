"""Repeating a build in its own pipeline: pinned, compared, and never with other data unnoticed."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from modelyard import registry, runs
from modelyard.registry import Package
from modelyard.reproduce import record
from modelyard.reproduce.record import Build, ReproductionError, Source
from modelyard.reproduce.rerun import rerun
from modelyard.runs import Execution, Step
from tests.modelyard.reproduce.test_verdict import BUILD

SOURCE = Source("s3://raw/rows/rows.csv", "v1", "a" * 64, 10)
PACKAGE = Package("arn/2", 2, "PendingManualApproval", "", "", datetime(2026, 1, 1, tzinfo=UTC), {})
MADE = dataclasses.replace(
    BUILD, package=PACKAGE, image_digest="sha256:1", commit="c0ffee", sources=(SOURCE,)
)


class Place:
    """Where there is one repository of images."""

    project = type("Project", (), {"name": "loans"})

    def workspace(self) -> Any:
        return type("Workspace", (), {"repository_uri": "repository"})


def step(name: str, status: str, reason: str = "", **outputs: str) -> Step:
    return Step(name, status, 1.0, reason, None, outputs)


@pytest.fixture
def pinned(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the pipeline is started with; it succeeds and registers version 2."""
    given: dict[str, str] = {}

    def start(_place: Any, _pipeline: str, parameters: dict[str, str]) -> str:
        given.update(parameters)
        return "arn:execution"

    over = Execution(
        "arn", "Succeeded", "", (step("Register", "Succeeded", model_package_arn="arn/2"),)
    )
    monkeypatch.setattr(runs, "start", start)
    monkeypatch.setattr(runs, "follow", lambda *_: iter([over]))
    monkeypatch.setattr(registry, "describe", lambda *_: PACKAGE)
    monkeypatch.setattr(record, "read", lambda *_: MADE)
    return given


def repeated(build: Build = MADE) -> Any:
    place: Any = Place()
    return rerun(place, build, lambda _: None)


def test_run_is_pinned_to_the_recorded_image_and_commit(pinned: dict[str, str]) -> None:
    assert repeated().model_sha256 == MADE.model_sha256
    assert pinned == {"ImageUri": "repository@sha256:1", "CodeCommit": "c0ffee"}


def test_run_on_other_data_is_not_compared(pinned: dict[str, str]) -> None:
    other = dataclasses.replace(MADE, sources=(dataclasses.replace(SOURCE, sha256="b" * 64),))
    with pytest.raises(ReproductionError, match="read other data than version 2"):
        repeated(other)


def test_run_that_failed_says_where(
    pinned: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = Execution("arn", "Failed", "", (step("Prepare", "Failed", "3 rows"),))
    monkeypatch.setattr(runs, "follow", lambda *_: iter([failed]))
    with pytest.raises(ReproductionError, match="registered nothing: Prepare: 3 rows"):
        repeated()
