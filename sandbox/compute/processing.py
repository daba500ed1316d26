"""Processing jobs: CreateProcessingJob runs the program and moves its files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.compute.container import Container
from sandbox.compute.container_job import ContainerJob
from sandbox.compute.failures import RunError, algorithm_failure
from sandbox.compute.job_operations import begin, operations, require_new
from sandbox.compute.operations import Request, install_operations, invalid, unsupported
from sandbox.compute.transfer import Transfer

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

EXIT_MESSAGE = 1024  # characters


class ProcessingJob(ContainerJob):
    """One processing job."""

    noun = "Processing"
    order = "Ascending"
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

    def summary(self) -> dict[str, Any]:
        shown = [f"ProcessingJob{member}" for member in ("Name", "Arn", "Status")]
        shown += ["CreationTime", "ProcessingEndTime", "LastModifiedTime", "FailureReason"]
        described = self.describe()
        return {name: described[name] for name in shown if name in described}


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
    require_new(request, ProcessingJob)
    _check(request.parameters)
    request.scope.require_role(request.get("RoleArn"))
    return begin(request, ProcessingJob(request.scope, request.parameters))


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


def install(sandbox: Sandbox) -> None:
    """Replace moto's processing jobs, which complete at once without running anything."""
    install_operations(sandbox, operations(ProcessingJob, create))
