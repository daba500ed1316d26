"""Training jobs: what CreateTrainingJob refuses and starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.compute.job_operations import begin, operations, require_new
from sandbox.compute.operations import Request, install_operations, invalid, unsupported
from sandbox.compute.training_job import TrainingJob

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


def create(request: Request) -> dict[str, Any]:
    """CreateTrainingJob: refuse what AWS refuses, then run in the background."""
    require_new(request, TrainingJob)
    _check(request.parameters)
    request.scope.require_role(request.get("RoleArn"))
    return begin(request, TrainingJob(request.scope, request.parameters))


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


def install(sandbox: Sandbox) -> None:
    """Replace moto's training jobs, which invent an artifact and metrics."""
    install_operations(sandbox, operations(TrainingJob, create))
