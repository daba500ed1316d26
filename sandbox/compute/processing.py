"""Processing jobs: CreateProcessingJob runs the program and moves its files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.compute.container import Container
from sandbox.compute.failures import RunError, algorithm_failure
from sandbox.compute.jobs import Job
from sandbox.compute.listing import Entry, page
from sandbox.compute.operations import (
    Request,
    in_use,
    install_operations,
    invalid,
    unsupported,
)
from sandbox.compute.transfer import Transfer

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

EXIT_MESSAGE = 1024  # characters


class ProcessingJob(Job):
    """One processing job."""

    noun = "Processing"
    exit_message = ""

    @property
    def image_uri(self) -> str:
        return str(self.parameters["AppSpecification"]["ImageUri"])

    @property
    def isolated(self) -> bool:
        return bool((self.parameters.get("NetworkConfig") or {}).get("EnableNetworkIsolation"))

    @property
    def inputs(self) -> list[dict[str, Any]]:
        return [item["S3Input"] for item in self.parameters.get("ProcessingInputs") or ()]

    @property
    def outputs(self) -> list[dict[str, Any]]:
        config = self.parameters.get("ProcessingOutputConfig") or {}
        return [item["S3Output"] for item in config.get("Outputs") or ()]

    def pull(self, container: Container, transfer: Transfer) -> None:
        described = self.describe()
        config = {name: described.get(name) for name in CONFIG_MEMBERS}
        container.write_json("/opt/ml/config/processingjobconfig.json", config)
        hosts = {"current_host": "algo-1", "hosts": ["algo-1"]}
        container.write_json("/opt/ml/config/resourceconfig.json", hosts)
        for output in self.outputs:
            container.directory(output["LocalPath"])
        for source in self.inputs:
            transfer.pull(
                source["S3Uri"],
                container.directory(source["LocalPath"]),
                source.get("S3DataType", "S3Prefix"),
                source.get("S3CompressionType") == "Gzip",
            )

    def command(self) -> list[str]:
        specification = self.parameters["AppSpecification"]
        entrypoint = specification.get("ContainerEntrypoint") or []
        words = [*entrypoint, *(specification.get("ContainerArguments") or ())]
        if not words:
            raise RunError(
                "ClientError: the image has no entrypoint of its own in this sandbox: give "
                "AppSpecification.ContainerEntrypoint"
            )
        return words

    def variables(self) -> Mapping[str, str]:
        own = {"PROCESSING_JOB_NAME": self.name, "PROCESSING_JOB_ARN": self.arn}
        return own | (self.parameters.get("Environment") or {})

    def push(self, container: Container, transfer: Transfer, completed: bool) -> None:
        self.exit_message = _message(container)[:EXIT_MESSAGE]
        config = self.parameters.get("ProcessingOutputConfig") or {}
        for output in self.outputs:
            if completed or output.get("S3UploadMode") == "Continuous":
                local = container.path(output["LocalPath"])
                transfer.push(local, output["S3Uri"], config.get("KmsKeyId"))

    def algorithm_failure(self, container: Container, status: int) -> RunError:
        return algorithm_failure(_message(container), status, container.log_tail())

    def describe(self) -> dict[str, Any]:
        requested = {name: value for name, value in self.parameters.items() if name != "Tags"}
        return requested | {
            "ProcessingJobArn": self.arn,
            "ProcessingJobStatus": self.status,
            "CreationTime": self.creation_time,
            "LastModifiedTime": self.last_modified_time,
            **({"ProcessingStartTime": self.start_time} if self.start_time else {}),
            **({"ProcessingEndTime": self.end_time} if self.end_time else {}),
            **({"FailureReason": self.failure_reason} if self.failure_reason else {}),
            **({"ExitMessage": self.exit_message} if self.exit_message else {}),
        }


def _message(container: Container) -> str:
    """What the program left for whoever asks how it ended."""
    message = container.path("/opt/ml/output/message")
    return message.read_text("utf-8", "replace") if message.is_file() else ""


CONFIG_MEMBERS = (
    "ProcessingJobArn",
    "ProcessingJobName",
    "ProcessingInputs",
    "ProcessingOutputConfig",
    "ProcessingResources",
    "AppSpecification",
    "Environment",
    "RoleArn",
    "StoppingCondition",
)


def create(request: Request) -> dict[str, Any]:
    """CreateProcessingJob: refuse what AWS refuses, then run in the background."""
    jobs, name = request.scope.backend.processing_jobs, request.get("ProcessingJobName")
    if name in jobs:
        raise in_use(f"Job name must be unique within an AWS account and region: {name} exists")
    _check(request.parameters)
    request.scope.require_role(request.get("RoleArn"))
    job = jobs[name] = ProcessingJob(request.scope, request.parameters)
    job.start()
    return {"ProcessingJobArn": job.arn}


def _check(parameters: Mapping[str, Any]) -> None:
    if parameters["ProcessingResources"]["ClusterConfig"]["InstanceCount"] != 1:
        raise unsupported("A processing job of more than one instance")
    for item in parameters.get("ProcessingInputs") or ():
        source = item.get("S3Input")
        if source is None:
            raise unsupported(f"Input {item['InputName']}: a dataset definition")
        if source.get("S3InputMode") == "Pipe":
            raise unsupported(f"Input {item['InputName']}: S3InputMode Pipe")
        _check_path(item["InputName"], source.get("LocalPath"))
    config = parameters.get("ProcessingOutputConfig") or {}
    for item in config.get("Outputs") or ():
        if "S3Output" not in item:
            raise unsupported(f"Output {item['OutputName']}: a feature store")
        _check_path(item["OutputName"], item["S3Output"].get("LocalPath"))


def _check_path(name: str, path: str | None) -> None:
    if not path or not path.startswith("/opt/ml/processing"):
        raise invalid(f"LocalPath of {name} must begin with /opt/ml/processing, not {path}")


def find(request: Request) -> ProcessingJob:
    """The job the request names."""
    name = request.get("ProcessingJobName")
    job = request.scope.backend.processing_jobs.get(name)
    if job is None:
        arn = request.scope.arn("processing-job", name)
        raise invalid(f"Could not find requested job with name: {name} ({arn})")
    return job


def stop(request: Request) -> None:
    """StopProcessingJob."""
    find(request).stop()


def list_jobs(request: Request) -> dict[str, Any]:
    """ListProcessingJobs."""
    jobs = list(request.scope.backend.processing_jobs.values())
    entries = [
        Entry(job.name, job.status, job.creation_time, job.last_modified_time, _summary(job))
        for job in jobs
    ]
    return page(entries, request.parameters, "ProcessingJobSummaries")


def _summary(job: ProcessingJob) -> dict[str, Any]:
    members = ("Name", "Arn", "Status")
    shown = [f"ProcessingJob{member}" for member in members]
    shown += ["CreationTime", "ProcessingEndTime", "LastModifiedTime", "FailureReason"]
    described = job.describe()
    return {name: described[name] for name in shown if name in described}


def install(sandbox: Sandbox) -> None:
    """Replace moto's processing jobs, which complete at once without running anything."""
    install_operations(
        sandbox,
        {
            "CreateProcessingJob": create,
            "DescribeProcessingJob": lambda request: find(request).describe(),
            "StopProcessingJob": stop,
            "ListProcessingJobs": list_jobs,
        },
    )
