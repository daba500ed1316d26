"""Training jobs: CreateTrainingJob and what else the API offers for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.compute.listing import Entry, page
from sandbox.compute.operations import (
    Request,
    in_use,
    install_operations,
    invalid,
    unsupported,
)
from sandbox.compute.training_job import TrainingJob

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


def create(request: Request) -> dict[str, Any]:
    """CreateTrainingJob: refuse what AWS refuses, then run in the background."""
    jobs, name = request.scope.backend.training_jobs, request.get("TrainingJobName")
    if name in jobs:
        raise in_use(f"Job name must be unique within an AWS account and region: {name} exists")
    _check(request.parameters)
    request.scope.require_role(request.get("RoleArn"))
    job = jobs[name] = TrainingJob(request.scope, request.parameters)
    job.start()
    return {"TrainingJobArn": job.arn}


def _check(parameters: Mapping[str, Any]) -> None:
    for member in ("StoppingCondition", "ResourceConfig", "AlgorithmSpecification"):
        if not parameters.get(member):
            raise invalid(f"{member} is required for a training job")
    specification = parameters["AlgorithmSpecification"]
    if not specification.get("TrainingImage"):
        raise unsupported("A training job without AlgorithmSpecification.TrainingImage")
    if parameters["ResourceConfig"].get("InstanceCount", 1) != 1:
        raise unsupported("A training job of more than one instance")
    for channel in parameters.get("InputDataConfig") or ():
        _check_channel(channel, specification.get("TrainingInputMode", "File"))


def _check_channel(channel: Mapping[str, Any], mode: str) -> None:
    name = channel["ChannelName"]
    if "S3DataSource" not in channel["DataSource"]:
        raise unsupported(f"Channel {name}: a source that is not S3")
    if channel.get("InputMode", mode) == "Pipe":
        raise unsupported(f"Channel {name}: input mode Pipe")
    if channel["DataSource"]["S3DataSource"].get("S3DataType") == "AugmentedManifestFile":
        raise unsupported(f"Channel {name}: an augmented manifest")


def find(request: Request) -> TrainingJob:
    """The job the request names."""
    job = request.scope.backend.training_jobs.get(request.get("TrainingJobName"))
    if job is None:
        raise invalid("Requested resource not found.")
    return job


def stop(request: Request) -> None:
    """StopTrainingJob."""
    find(request).stop()


def list_jobs(request: Request) -> dict[str, Any]:
    """ListTrainingJobs."""
    jobs = list(request.scope.backend.training_jobs.values())
    entries = [
        Entry(job.name, job.status, job.creation_time, job.last_modified_time, _summary(job))
        for job in jobs
    ]
    return page(entries, request.parameters, "TrainingJobSummaries", "Descending")


def _summary(job: TrainingJob) -> dict[str, Any]:
    end: dict[str, datetime] = {"TrainingEndTime": job.end_time} if job.end_time else {}
    return end | {
        "TrainingJobName": job.name,
        "TrainingJobArn": job.arn,
        "CreationTime": job.creation_time,
        "LastModifiedTime": job.last_modified_time,
        "TrainingJobStatus": job.status,
        "SecondaryStatus": job.transitions[-1]["Status"],
    }


def install(sandbox: Sandbox) -> None:
    """Replace moto's training jobs, which invent an artifact and metrics."""
    install_operations(
        sandbox,
        {
            "CreateTrainingJob": create,
            "DescribeTrainingJob": lambda request: find(request).describe(),
            "StopTrainingJob": stop,
            "ListTrainingJobs": list_jobs,
        },
    )
