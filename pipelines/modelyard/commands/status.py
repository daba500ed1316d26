"""modelyard status: runs, model versions and the endpoint of one environment."""

import argparse
from typing import Any

from botocore.exceptions import ClientError

from modelyard import registry
from modelyard.aws import Place, code_of
from modelyard.commands import options
from modelyard.definition import pipeline_name

HELP = "show runs, model versions and the endpoint"
_SHOWN = 5


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "dev")
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    place = options.place(arguments)
    place.workspace()
    status: dict[str, Any] = {"versions": _versions(place)}
    if place.environment == "dev":
        status["runs"] = _runs(place)
    else:
        status["endpoint"] = _endpoint(place)
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
    from modelyard import release

    state = release.look(place)
    if state is None:
        return {}
    return {"name": state.name, "status": state.status, "version": state.version}
