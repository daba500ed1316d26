"""Releases as an operator sees them: the endpoint, what is being deployed, the machine's state."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import ClientError

from modelyard.aws import Place, polls
from modelyard.workspace import Workspace

UNDER_WAY = ("deploying", "baking", "verifying", "rolling-back")
_NO_RELEASE = "none"
# The words of DescribeEndpoint's VariantStatus, StatusMessage, while a new fleet bakes.
_BAKING = re.compile(r"Baking for (\d+) seconds")


@dataclass(frozen=True)
class Stage:
    """What SageMaker is doing with a new fleet.

    Attributes:
        share: the part of its instances that answer requests, 0 to 1.
        bake_left: seconds until the next step, None while nothing bakes.
    """

    status: str
    share: float
    bake_left: float | None


@dataclass(frozen=True)
class Endpoint:
    """An endpoint at one moment.

    Attributes:
        config: the configuration that serves.
        pending: the one that will when a change under way succeeds, else the same.
        stage: what that change is at; None where none is under way or nothing is said.
    """

    name: str
    status: str
    config: str
    pending: str
    reason: str
    variants: tuple[str, ...] = ()
    stage: Stage | None = None

    @property
    def version(self) -> int | None:
        """The model version it serves, by its configuration's name."""
        return version_of(self.name, self.config)

    @property
    def coming(self) -> int | None:
        """The model version it will serve."""
        return version_of(self.name, self.pending)

    @property
    def settled(self) -> bool:
        return self.status in ("InService", "Failed", "UpdateRollbackFailed")


@dataclass(frozen=True)
class Release:
    """What the release function is in the middle of, or ended with."""

    release: str
    version: int
    model_package_arn: str
    phase: str
    config: str
    previous_config: str
    since: str
    strategy: str
    reason: str

    @property
    def under_way(self) -> bool:
        return self.phase in UNDER_WAY


def version_of(endpoint: str, config: str) -> int | None:
    """The version in a configuration's name."""
    named = re.match(rf"{re.escape(endpoint)}-v(\d+)", config)
    return int(named[1]) if named else None


def look(place: Place) -> Endpoint | None:
    """The environment's endpoint now; None before the first release."""
    sagemaker, name = place.client("sagemaker"), f"{place.project.name}-{place.environment}"
    try:
        described = sagemaker.describe_endpoint(EndpointName=name)
    except ClientError as error:
        if "Could not find" in error.response["Error"]["Message"]:
            return None
        raise
    config, summary = described["EndpointConfigName"], described.get("PendingDeploymentSummary", {})
    return Endpoint(
        name=name,
        status=described["EndpointStatus"],
        config=config,
        pending=summary.get("EndpointConfigName", config),
        reason=described.get("FailureReason", ""),
        variants=tuple(item["VariantName"] for item in described.get("ProductionVariants", ())),
        stage=_stage(summary, _now(described)),
    )


def state(place: Place, workspace: Workspace) -> Release | None:
    """The release that the machine knows of; None before the first one."""
    parameter = place.client("ssm").get_parameter(Name=workspace.release_state)["Parameter"]
    if parameter["Value"] == _NO_RELEASE:
        return None
    stated = json.loads(parameter["Value"])
    return Release(**{name: stated.get(name, "") for name in Release.__dataclass_fields__})


def follow(place: Place, workspace: Workspace) -> Iterator[tuple[Endpoint | None, Release | None]]:
    """The endpoint and the machine's state again and again."""
    for _ in polls(place.client("sagemaker")):
        yield look(place), state(place, workspace)


def alarms(place: Place, names: tuple[str, ...]) -> dict[str, str]:
    """The state of alarms by name."""
    if not names:
        return {}
    found = place.client("cloudwatch").describe_alarms(AlarmNames=list(names))
    return {alarm["AlarmName"]: alarm["StateValue"] for alarm in found["MetricAlarms"]}


def _now(described: Mapping[str, Any]) -> datetime:
    """The time by AWS's clock, not by that of this machine."""
    stated = described.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    return parsedate_to_datetime(stated) if stated else datetime.now(UTC)


def _stage(summary: Mapping[str, Any], now: datetime) -> Stage | None:
    variants = [
        *summary.get("ProductionVariants", ()),
        *summary.get("ShadowProductionVariants", ()),
    ]
    statuses = [
        (variant, status) for variant in variants for status in variant.get("VariantStatus", ())
    ]
    if not statuses:
        return None
    variant, status = max(statuses, key=lambda pair: pair[1].get("StartTime", now))
    left = None
    baking = _BAKING.match(status.get("StatusMessage", ""))
    if baking and "StartTime" in status:
        seconds = float(baking[1])
        gone = (now - status["StartTime"]).total_seconds()
        left = min(seconds, max(0.0, seconds - gone))
    wanted = variant.get("DesiredInstanceCount") or 1
    return Stage(status["Status"], min(1.0, variant.get("CurrentInstanceCount", 0) / wanted), left)
