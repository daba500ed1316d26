"""An environment looked over without changing anything: what works, what does not, what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from modelyard import workspace as workspaces
from modelyard.aws import Place, code_of, explain
from modelyard.doctor_capture import captured_last, door, has_subscription
from modelyard.errors import WorkspaceError
from modelyard.workspace import Workspace

State = Literal["ok", "warn", "fail"]
# Schedules run daily at least; twice that without a window is silence.
_OVERDUE = timedelta(hours=48)
_STALE = timedelta(hours=24)


@dataclass(frozen=True)
class Check:
    """One look: what was found in a sentence, and what to do about it."""

    name: str
    state: State
    sentence: str
    remedy: str = ""


def look_over(place: Place, now: datetime | None = None) -> list[Check]:
    """Every check; one that AWS refuses to you says so and the others go on."""
    moment = now or datetime.now(UTC)
    checks = [_guarded("credentials", lambda: _credentials(place))]
    if checks[0].state == "fail":
        return checks
    try:
        workspace = place.workspace()
    except WorkspaceError as error:
        return [*checks, Check("contract", "fail", str(error))]
    except ClientError as error:
        return [*checks, _denied("contract", error)]
    stated = len(workspaces.KEYS_BY_ENVIRONMENT[place.environment])
    checks.append(Check("contract", "ok", f"{stated} facts of {place.project.name}"))
    if place.environment == "dev":
        return [*checks, Check("capture", "ok", "dev serves nothing and captures nothing")]
    looks: dict[str, Callable[[], Check]] = {
        "endpoint": lambda: _endpoint(place, workspace),
        "capture": lambda: _capture(place, workspace),
        "captured": lambda: _captured(place, workspace, moment),
        "schedule": lambda: _schedules(place),
        "windows": lambda: _windows(place, workspace, moment),
        "labels": lambda: _labels(place, workspace),
    }
    return [*checks, *(_guarded(name, look) for name, look in looks.items())]


def _guarded(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except ClientError as error:
        return _denied(name, error)
    except BotoCoreError as error:
        return Check(name, "fail", explain(error))


def _denied(name: str, error: ClientError) -> Check:
    if code_of(error).startswith(("AccessDenied", "Unauthorized")) or code_of(error) == "403":
        return Check(name, "warn", f"your role may not ask ({error.operation_name})")
    return Check(name, "fail", explain(error))


def _credentials(place: Place) -> Check:
    identity = place.client("sts").get_caller_identity()
    expected = place.project.environments[place.environment].account
    who = identity["Arn"].rsplit("/", 2)
    if identity["Account"] != expected:
        return Check(
            "credentials",
            "fail",
            f"you are signed in to account {identity['Account']}, "
            f"{place.environment} lives in {expected}",
            "sign in to that account, or set AWS_PROFILE",
        )
    return Check("credentials", "ok", f"{'/'.join(who[1:])} in account {expected}")


def _endpoint(place: Place, workspace: Workspace) -> Check:
    if workspace.serving.get("mode") == "batch":
        return Check("endpoint", "ok", "batch mode: there is none, and none is needed")
    described = _described(place, workspace.endpoint)
    if described is None:
        return Check(
            "endpoint",
            "warn",
            f"{workspace.endpoint} does not exist yet",
            f"release a version: modelyard release --env {place.environment}",
        )
    status, config = described["EndpointStatus"], described["EndpointConfigName"]
    if status == "Failed":
        reason = described.get("FailureReason", "no reason given")
        return Check("endpoint", "fail", f"{workspace.endpoint} failed: {reason}")
    return Check("endpoint", "ok", f"{workspace.endpoint} is {status} with {config}")


def _described(place: Place, endpoint: str) -> dict[str, Any] | None:
    try:
        return dict(place.client("sagemaker").describe_endpoint(EndpointName=endpoint))
    except ClientError as error:
        if "Could not find" in error.response["Error"]["Message"]:
            return None
        raise


def _capture(place: Place, workspace: Workspace) -> Check:
    stated = str(workspace.monitoring.get("capture", "endpoint"))
    if stated == "log":
        if has_subscription(place.client("logs"), workspace.endpoint):
            return Check("capture", "ok", "door 'log': the endpoint's log is delivered to S3")
        return Check(
            "capture",
            "fail",
            "door 'log', but nothing delivers the endpoint's log to S3",
            f"apply the workspace: pulumi up --stack {workspace.project}.{workspace.environment}",
        )
    found = door(place.client("sagemaker"), workspace.endpoint, workspace.project)
    return _CAPTURE[found]


_SWITCH = (
    "where AWS refuses data capture (it is closed to new customers), write `monitoring: "
    "{capture: log}` in project.yaml, apply the workspace, and release again"
)
_CAPTURE = {
    "started": Check("capture", "ok", "door 'endpoint': SageMaker captures, this account has it"),
    "stopped": Check(
        "capture",
        "fail",
        "door 'endpoint', but SageMaker has stopped capturing",
        "release again, which makes a new endpoint configuration; " + _SWITCH,
    ),
    "absent": Check(
        "capture",
        "fail",
        "door 'endpoint', but the endpoint's configuration captures nothing",
        _SWITCH,
    ),
    "accepted": Check(
        "capture", "ok", "door 'endpoint': AWS accepted a configuration that captures"
    ),
    "untried": Check(
        "capture",
        "warn",
        "door 'endpoint': nothing tells yet whether this account has it",
        _SWITCH,
    ),
}


def _captured(place: Place, workspace: Workspace, now: datetime) -> Check:
    bucket = workspace.bucket_predictions
    last = captured_last(place.client("s3"), bucket, f"capture/{workspace.endpoint}/")
    if last is None:
        return Check("captured", "warn", f"nothing has been captured in {bucket}/capture yet")
    if now - last > _STALE:
        return Check(
            "captured",
            "fail",
            f"the last captured object is {_age(now - last)} old",
            "either no request came (modelyard status), or capture has stopped",
        )
    return Check("captured", "ok", f"the last captured object is {_age(now - last)} old")


def _schedules(place: Place) -> Check:
    group = f"{place.project.name}-{place.environment}"
    pages = place.client("scheduler").get_paginator("list_schedules").paginate(GroupName=group)
    found = [one for page in pages for one in page["Schedules"]]
    watching = [one for one in found if one["Name"] == f"{group}-monitor"]
    listed = ", ".join(f"{one['Name']} {one['State'].lower()}" for one in found) or "none"
    if not watching or watching[0]["State"] != "ENABLED":
        return Check(
            "schedule",
            "fail",
            f"no schedule starts monitoring ({listed})",
            f"apply the workspace: pulumi up --stack {place.project.name}.{place.environment}",
        )
    return Check("schedule", "ok", listed)


def _windows(place: Place, workspace: Workspace, now: datetime) -> Check:
    names = sorted(
        folder.removeprefix("monitoring/").rstrip("/")
        for folder in _folders(place, workspace.bucket_predictions, "monitoring/")
        if folder.removeprefix("monitoring/")[:1].isdigit()
    )
    remedy = f"look now: modelyard monitor --env {place.environment} --follow"
    if not names:
        return Check("windows", "warn", "no window has been judged yet", remedy)
    start = datetime.strptime(names[-1][:14], "%Y%m%dT%H%MZ").replace(tzinfo=UTC)
    told = f"the last window is {names[-1]}"
    if now - start > _OVERDUE:
        return Check("windows", "fail", f"{told}: {_age(now - start)} ago", remedy)
    return Check("windows", "ok", told)


def _labels(place: Place, workspace: Workspace) -> Check:
    bucket = workspace.bucket_predictions
    last = _newest(place, bucket, "labels/")
    if last is None:
        return Check(
            "labels",
            "warn",
            f"none in {bucket}/labels: quality is only estimated",
            "send labels: docs/monitoring.md, Ground truth",
        )
    return Check("labels", "ok", f"the newest label file is of {last:%Y-%m-%d %H:%M} UTC")


def _newest(place: Place, bucket: str, prefix: str) -> datetime | None:
    pages = (
        place.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    )
    return max(
        (item["LastModified"] for page in pages for item in page.get("Contents", [])),
        default=None,
    )


def _folders(place: Place, bucket: str, prefix: str) -> Iterator[str]:
    pages = (
        place.client("s3")
        .get_paginator("list_objects_v2")
        .paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
    )
    for page in pages:
        yield from (folder["Prefix"] for folder in page.get("CommonPrefixes", []))


def _age(elapsed: timedelta) -> str:
    hours = elapsed.total_seconds() / 3600
    if hours < 2:
        return f"{hours * 60:.0f} minutes"
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.0f} days"
