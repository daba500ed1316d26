"""What an operator is told of a release, and where a rollback leads."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from modelyard import release, release_history, release_plan, rollback
from modelyard.commands.release_progress import Progress
from modelyard.errors import ReleaseError
from modelyard.release import Endpoint, Release, Stage
from modelyard.release_plan import Plan, Rule
from modelyard.workspace import Workspace

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
NAME = "loans-prod"
ALONE = Endpoint(NAME, "InService", f"{NAME}-v7", f"{NAME}-v7", "")


def record(version: int, phase: str = "done", config: str | None = None) -> dict[str, Any]:
    """A release record, as far as a rollback reads it."""
    release = f"{version}-20260304"
    config = f"{NAME}-v{version}" if config is None else config
    return {"release": release, "version": version, "phase": phase, "endpoint_config": config}


def summary(status: str, message: str, current: int, started: datetime) -> dict[str, Any]:
    """A PendingDeploymentSummary as DescribeEndpoint shows it."""
    stage = {"Status": status, "StatusMessage": message, "StartTime": started}
    variant = {
        "VariantName": "main",
        "CurrentInstanceCount": current,
        "DesiredInstanceCount": 4,
        "VariantStatus": [stage],
    }
    return {"EndpointConfigName": f"{NAME}-v8", "ProductionVariants": [variant]}


def test_baking_canary_tells_its_share_and_what_is_left() -> None:
    message = "Baking for 600 seconds (TerminationWaitInSeconds) with traffic enabled on canary"
    started = NOW - timedelta(seconds=90)
    assert release._stage(summary("Baking", message, 1, started), NOW) == Stage("Baking", 0.25, 510)


def test_stage_that_does_not_bake_has_nothing_left() -> None:
    stage = release._stage(summary("Creating", "Launching 4 instance(s).", 0, NOW), NOW)
    assert stage == Stage("Creating", 0.0, None)
    assert release._stage({}, NOW) is None


@pytest.mark.parametrize(
    ("records", "version", "config"),
    [
        ([record(5), record(6), record(7)], None, "loans-prod-v6"),
        ([record(5), record(6), record(7)], 5, "loans-prod-v5"),
        ([record(5), record(6), record(6, "rolled-back"), record(7)], None, "loans-prod-v5"),
        ([record(6), record(7), record(8)], None, "loans-prod-v6"),
        ([record(5), record(6, config="loans-prod-v5-ab-6"), record(7)], None, "loans-prod-v5"),
        ([record(5, config="loans-prod-v5-abcdef12")], 5, "loans-prod-v5-abcdef12"),
    ],
    ids=["previous", "named", "not to one taken back", "not to a later one", "not to a test",
         "changed configuration"],
)  # fmt: skip
def test_rollback_leads_to_an_earlier_release(
    records: list[dict[str, Any]], version: int | None, config: str
) -> None:
    assert rollback.target_in(records, ALONE, version) == config


@pytest.mark.parametrize(
    ("previous", "config"),
    [("loans-prod-v6-0f0f0f0f", "loans-prod-v6-0f0f0f0f"), ("loans-prod-v6-ab-7", "loans-prod-v6")],
    ids=["what served before", "not to a test in which it had its share"],
)
def test_rollback_of_a_finished_release_leads_away_from_its_version(
    previous: str, config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [record(6), record(7, config="loans-prod-v6-ab-7"), record(7)]
    monkeypatch.setattr(release_history, "records", lambda *_: records)
    done = Release("7-x", 7, "", "done", f"{NAME}-v7", previous, "", "all-at-once", "")
    workspace = Workspace.model_construct(endpoint=NAME)
    assert rollback._target(PLACE, workspace, ALONE, done, None) == config


@pytest.mark.parametrize(
    ("version", "reason"), [(None, "no earlier version"), (3, "version 3 never served loans-prod")]
)
def test_rollback_to_nothing_is_refused(version: int | None, reason: str) -> None:
    with pytest.raises(ReleaseError, match=reason):
        rollback.target_in([record(7)], ALONE, version)


def test_dry_run_says_what_stands_against_a_release() -> None:
    rules = (Rule("approved", True, "the package is Approved"), Rule("alarms quiet", False, "x"))
    plan = Plan("version 8 into loans-prod", (("strategy", "canary"),), rules, ("update it",))
    assert not plan.possible
    assert plan.text().splitlines() == [
        "version 8 into loans-prod",
        "  strategy      canary",
        "  passed        approved: the package is Approved",
        "  FAILED        alarms quiet: x",
        "  would         update it",
        "  nothing would change until the failed rules hold",
    ]


def test_strategy_is_told_in_a_sentence() -> None:
    rollout = {"strategy": "canary", "percent": 10, "bake_minutes": 5}
    assert (
        release_plan.strategy(rollout, "") == "canary: 10 % of the capacity for 5 minutes, then all"
    )
    assert release_plan.strategy(rollout, "all-at-once") == "all-at-once, watched for 5 minutes"


class Followed(Progress):
    """Progress that remembers what it told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        workspace = Workspace.model_construct(endpoint=NAME, rollback_alarms=())
        super().__init__(PLACE, workspace, 8, self.told.append)


class Somewhere:
    """A place that is only named."""

    environment = "prod"


PLACE: Any = Somewhere()


@pytest.fixture
def moments(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Endpoint | None, Release | None]]:
    """What following the endpoint will show."""
    shown: list[tuple[Endpoint | None, Release | None]] = []
    monkeypatch.setattr(release, "follow", lambda *_: iter(shown))
    return shown


def known(phase: str, version: int = 8, reason: str = "") -> Release:
    arn = f"arn:aws:sagemaker:us-east-1:1:model-package/loans/{version}"
    return Release("8-x", version, arn, phase, f"{NAME}-v8", f"{NAME}-v7", "", "canary", reason)


def test_release_is_followed_to_its_end(
    moments: list[tuple[Endpoint | None, Release | None]],
) -> None:
    baking = Endpoint(
        NAME, "Updating", f"{NAME}-v7", f"{NAME}-v8", "", stage=Stage("Baking", 0.25, 75.0)
    )
    moments += [(ALONE, known("deploying")), (baking, known("baking")), (ALONE, known("done"))]
    followed = Followed()
    assert followed.follow() == 0
    assert (
        "baking (canary), baking, 25% of the new instances, 1:15 of the bake left"
        in (followed.told[1])
    )
    assert "alarms quiet" in followed.told[1]
    assert followed.told[-1].startswith("loans-prod serves arn:aws:sagemaker")


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        (known("rolled-back", reason="alarm loans-prod-abort"),
         "version 8 was taken back: alarm loans-prod-abort"),
        (known("refused", reason="tampered"), "version 8 was refused: tampered"),
        (known("failed", reason="no ping"), "version 8 did not come into service: no ping"),
        (known("deploying", version=9), "gave way to another one"),
    ],
)  # fmt: skip
def test_release_that_ends_badly_says_how(
    moments: list[tuple[Endpoint | None, Release | None]], end: Release, sentence: str
) -> None:
    moments += [(ALONE, known("deploying")), (ALONE, end)]
    with pytest.raises(ReleaseError, match=sentence):
        Followed().follow()
