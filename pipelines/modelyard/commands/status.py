"""modelyard status: runs, model versions and the endpoint of one environment."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from modelyard import registry, release, status_line
from modelyard.aws import Place, code_of
from modelyard.commands import options
from modelyard.definition import pipeline_name
from modelyard.workspace import Workspace

HELP = "show runs, model versions, the endpoint, its release and alarms"
_SHOWN = 5


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "dev")
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    place = options.place(arguments)
    workspace = place.workspace()
    status: dict[str, Any] = {"versions": _versions(place)}
    if place.environment != "dev":
        status["model"] = _if_allowed(
            lambda: {"": status_line.line(place, workspace).text(datetime.now(UTC))}
        )
    if place.environment == "dev":
        status["runs"] = _runs(place)
    else:
        status["endpoint"] = _endpoint(place)
        status["release"] = _if_allowed(lambda: _release(place, workspace))
        status["alarms"] = _if_allowed(lambda: _alarms(place, workspace))
    if arguments.json:
        options.print_json(status)
        return 0
    for name, rows in status.items():
        options.say(f"{name}:")
        for row in rows if isinstance(rows, list) else [rows]:
            options.say("  " + "  ".join(str(value) for value in row.values()))
        if not rows:
            options.say("  none")
    return 0


def _if_allowed(ask: Callable[[], Any]) -> Any:
    """What only some personas may see."""
    try:
        return ask()
    except ClientError as error:
        if code_of(error).startswith("AccessDenied"):
            return {"": "(you may not see this)"}
        raise


def _versions(place: Place) -> list[dict[str, Any]]:
    return [
        {
            "version": summary["ModelPackageVersion"],
            "status": summary["ModelApprovalStatus"],
            "created": summary["CreationTime"].isoformat(timespec="seconds"),
            "arn": summary["ModelPackageArn"],
        }
        for summary in registry.summaries(place)[:_SHOWN]
    ]


def _runs(place: Place) -> list[dict[str, Any]]:
    sagemaker = place.client("sagemaker")
    try:
        found = sagemaker.list_pipeline_executions(
            PipelineName=pipeline_name(place.project),
            SortBy="CreationTime",
            SortOrder="Descending",
            MaxResults=_SHOWN,
        )["PipelineExecutionSummaries"]
    except ClientError as error:
        if code_of(error) == "ResourceNotFound":
            return []
        if code_of(error).startswith("AccessDenied"):
            return [{"run": "(you may not list runs)"}]
        raise
    return [
        {
            "run": item["PipelineExecutionArn"].rsplit("/", 1)[1],
            "status": item["PipelineExecutionStatus"],
            "started": item["StartTime"].isoformat(timespec="seconds"),
        }
        for item in found
    ]


def _endpoint(place: Place) -> dict[str, Any]:
    now = release.look(place)
    if now is None:
        return {}
    shown: dict[str, Any] = {"name": now.name, "status": now.status, "version": now.version}
    if now.stage is not None:
        shown |= {"coming": now.coming, "stage": now.stage.status, "share": now.stage.share}
    return shown


def _release(place: Place, workspace: Workspace) -> dict[str, Any]:
    known = release.state(place, workspace)
    if known is None:
        return {}
    shown = {"phase": known.phase, "version": known.version, "strategy": known.strategy}
    return {**shown, "since": known.since[:19], "reason": known.reason}


def _alarms(place: Place, workspace: Workspace) -> list[dict[str, Any]]:
    states = release.alarms(place, workspace.rollback_alarms)
    return [{"alarm": name, "state": value} for name, value in sorted(states.items())]
