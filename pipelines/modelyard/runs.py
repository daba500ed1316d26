"""Pipeline executions: start one, follow its steps, and find out why one failed."""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from modelyard.aws import Place, polls
from modelyard.errors import RunError

_LOGS = {
    "ProcessingJob": "/aws/sagemaker/ProcessingJobs",
    "TrainingJob": "/aws/sagemaker/TrainingJobs",
}
_LOG_LINES = 15
_OVER = ("Succeeded", "Failed", "Stopped")


@dataclass(frozen=True)
class Step:
    """One step of an execution as SageMaker shows it; `job` is (kind, name) where it runs one."""

    name: str
    status: str
    seconds: float
    reason: str
    job: tuple[str, str] | None
    outputs: Mapping[str, str]


@dataclass(frozen=True)
class Execution:
    """An execution at one moment."""

    arn: str
    status: str
    reason: str
    steps: tuple[Step, ...]

    @property
    def over(self) -> bool:
        return self.status in _OVER

    @property
    def model_package_arn(self) -> str | None:
        """What the registrar answered."""
        answers = (step.outputs.get("model_package_arn") for step in self.steps)
        return next((answer for answer in answers if answer), None)

    @property
    def failed_steps(self) -> list[Step]:
        return [step for step in self.steps if step.status == "Failed"]


def start(place: Place, pipeline: str, parameters: Mapping[str, str] | None = None) -> str:
    """Starts the pipeline, with parameters other than the published ones where some are given.

    Returns:
        The execution's ARN.
    """
    given = [{"Name": name, "Value": value} for name, value in (parameters or {}).items()]
    sagemaker = place.client("sagemaker")
    try:
        started = sagemaker.start_pipeline_execution(
            PipelineName=pipeline,
            ClientRequestToken=str(uuid.uuid4()),
            **({"PipelineParameters": given} if given else {}),
        )
    except sagemaker.exceptions.ResourceNotFound:
        raise RunError(
            f"there is no pipeline {pipeline} yet: publish it with `modelyard publish`"
        ) from None
    return str(started["PipelineExecutionArn"])


def follow(place: Place, arn: str) -> Iterator[Execution]:
    """The execution again and again until it is over."""
    sagemaker = place.client("sagemaker")
    for _ in polls(sagemaker):
        execution = look(sagemaker, arn)
        yield execution
        if execution.over:
            return


def look(sagemaker: Any, arn: str) -> Execution:
    """The execution now."""
    # Steps last: an execution that is over has all its steps by then.
    described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=arn, SortOrder="Ascending"
    )
    steps = [step for page in pages for step in page["PipelineExecutionSteps"]]
    return Execution(
        arn=arn,
        status=described["PipelineExecutionStatus"],
        reason=described.get("FailureReason", ""),
        steps=tuple(_step(step) for step in steps),
    )


def log_tail(place: Place, step: Step) -> list[str]:
    """The last lines a step's job wrote, but for those its reason already tells."""
    if step.job is None:
        return []
    logs, (kind, name) = place.client("logs"), step.job
    try:
        streams = logs.describe_log_streams(
            logGroupName=_LOGS[kind], logStreamNamePrefix=f"{name}/"
        )["logStreams"]
        lines = [
            event["message"].rstrip()
            for stream in streams
            for event in logs.get_log_events(
                logGroupName=_LOGS[kind],
                logStreamName=stream["logStreamName"],
                startFromHead=False,
                limit=_LOG_LINES,
            )["events"]
        ]
    except logs.exceptions.ResourceNotFoundException:
        return []
    except ClientError as error:
        return [f"(its log cannot be read: {error.response['Error']['Message']})"]
    return [line for line in lines[-_LOG_LINES:] if line not in step.reason]


def plain(reason: str) -> str:
    """A step's reason without the JSON in which Lambda wraps what a function said."""
    position = reason.find('{"errorMessage"')
    if position < 0:
        return reason
    try:
        return str(json.JSONDecoder().raw_decode(reason[position:])[0]["errorMessage"])
    except ValueError:
        return reason


def _step(described: Mapping[str, Any]) -> Step:
    metadata = described.get("Metadata", {})
    ended = described.get("EndTime") or datetime.now(UTC)
    started = described.get("StartTime") or ended
    answers = metadata.get("Lambda", {}).get("OutputParameters", [])
    return Step(
        name=described["StepName"],
        status=described["StepStatus"],
        seconds=(ended - started).total_seconds(),
        reason=plain(described.get("FailureReason", "")),
        job=next(
            (
                (kind, metadata[kind]["Arn"].rsplit("/", 1)[1])
                for kind in _LOGS
                if "Arn" in metadata.get(kind, {})
            ),
            None,
        ),
        outputs={answer["Name"]: answer["Value"] for answer in answers},
    )
