"""A training job: the image's `train`, its files and the packed model."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from moto.core.utils import utcnow

from sandbox.compute.container import Container
from sandbox.compute.container_job import ContainerJob
from sandbox.compute.failures import CALL_ERRORS, RunError, algorithm_failure, client_failure
from sandbox.compute.operations import Scope
from sandbox.compute.transfer import Transfer, pack, split_uri

STATUS_MESSAGES = {
    "Starting": "Starting the training job",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job exceeded MaxRuntimeInSeconds",
}


class TrainingJob(ContainerJob):
    """One training job."""

    noun = "Training"
    unknown = "Requested resource not found."

    def __init__(self, scope: Scope, parameters: Mapping[str, Any]) -> None:
        self.transitions: list[dict[str, Any]] = []
        self.model_uri: str | None = None
        self.metrics: list[dict[str, Any]] = []
        self.phase("Starting")
        super().__init__(scope, parameters)

    @property
    def image_uri(self) -> str:
        return str(self.parameters["AlgorithmSpecification"]["TrainingImage"])

    @property
    def isolated(self) -> bool:
        return bool(self.parameters.get("EnableNetworkIsolation"))

    @property
    def channels(self) -> list[dict[str, Any]]:
        return list(self.parameters.get("InputDataConfig") or ())

    def phase(self, name: str) -> None:
        super().phase(name)
        now = utcnow()
        if self.transitions:
            self.transitions[-1]["EndTime"] = now
        message = STATUS_MESSAGES[name]
        self.transitions.append({"Status": name, "StartTime": now, "StatusMessage": message})

    def pull(self, container: Container, transfer: Transfer) -> None:
        for directory in ("input/config", "input/data", "model", "output/data", "checkpoints"):
            container.directory(f"/opt/ml/{directory}")
        self._write_configuration(container)
        for channel in self.channels:
            source = channel["DataSource"]["S3DataSource"]
            transfer.pull(
                source["S3Uri"],
                container.directory(f"/opt/ml/input/data/{channel['ChannelName']}"),
                source.get("S3DataType", "S3Prefix"),
                channel.get("CompressionType") == "Gzip",
            )

    def command(self) -> list[str]:
        specification = self.parameters["AlgorithmSpecification"]
        entrypoint = specification.get("ContainerEntrypoint") or ["train"]
        return [*entrypoint, *(specification.get("ContainerArguments") or ())]

    def variables(self) -> Mapping[str, str]:
        own = {"TRAINING_JOB_NAME": self.name, "TRAINING_JOB_ARN": self.arn}
        return own | (self.parameters.get("Environment") or {})

    def push(self, container: Container, transfer: Transfer, completed: bool) -> None:
        """Artifacts of a stopped job are kept as well ("StopTrainingJob")."""
        self._collect_metrics(container)
        config = self.parameters["OutputDataConfig"]
        target = f"{config['S3OutputPath'].rstrip('/')}/{self.name}/output"
        key = config.get("KmsKeyId") or None
        data = container.path("/opt/ml/output/data")
        if any(data.iterdir()):
            self._store(transfer, data, f"{target}/output.tar.gz", key)
        model = container.path("/opt/ml/model")
        if completed or (self.cut_short and any(model.iterdir())):
            self._store(transfer, model, f"{target}/model.tar.gz", key)
            self.model_uri = f"{target}/model.tar.gz"

    def algorithm_failure(self, container: Container, status: int) -> RunError:
        failure = container.path("/opt/ml/output/failure")
        text = failure.read_text("utf-8", "replace") if failure.is_file() else ""
        return algorithm_failure(text, status, container.log_tail())

    def describe(self) -> dict[str, Any]:
        requested = {name: value for name, value in self.parameters.items() if name != "Tags"}
        flags = (
            "EnableNetworkIsolation",
            "EnableInterContainerTrafficEncryption",
            "EnableManagedSpotTraining",
        )
        return dict.fromkeys(flags, False) | requested | self._state()

    def summary(self) -> dict[str, Any]:
        end = {"TrainingEndTime": self.end_time} if self.end_time else {}
        return end | {
            "TrainingJobName": self.name,
            "TrainingJobArn": self.arn,
            "CreationTime": self.creation_time,
            "LastModifiedTime": self.last_modified_time,
            "TrainingJobStatus": self.status,
            "SecondaryStatus": self.transitions[-1]["Status"],
        }

    def _state(self) -> dict[str, Any]:
        state = {
            "TrainingJobArn": self.arn,
            "TrainingJobStatus": self.status,
            "SecondaryStatus": self._secondary_status(),
            "SecondaryStatusTransitions": self.transitions,
            "CreationTime": self.creation_time,
            "LastModifiedTime": self.last_modified_time,
            "TrainingStartTime": self.start_time,
            "TrainingEndTime": self.end_time,
            "TrainingTimeInSeconds": self._seconds(),
            "BillableTimeInSeconds": self._seconds(),
            "FailureReason": self.failure_reason,
            "ModelArtifacts": {"S3ModelArtifacts": self.model_uri} if self.model_uri else None,
            "FinalMetricDataList": self.metrics or None,
        }
        return {name: value for name, value in state.items() if value is not None}

    def _secondary_status(self) -> str:
        return "Stopping" if self.status == "Stopping" else str(self.transitions[-1]["Status"])

    def _seconds(self) -> int | None:
        if self.start_time is None or self.end_time is None:
            return None
        return int((self.end_time - self.start_time).total_seconds())

    def _write_configuration(self, container: Container) -> None:
        config = "/opt/ml/input/config"
        hyperparameters = self.parameters.get("HyperParameters") or {}
        container.write_json(f"{config}/hyperparameters.json", hyperparameters)
        container.write_json(
            f"{config}/inputdataconfig.json",
            {channel["ChannelName"]: _channel_config(channel) for channel in self.channels},
        )
        kind = self.parameters["ResourceConfig"].get("InstanceType")
        group = {"instance_group_name": "homogeneousCluster", "instance_type": kind}
        container.write_json(
            f"{config}/resourceconfig.json",
            {
                "current_host": "algo-1",
                "current_instance_type": kind,
                "current_group_name": "homogeneousCluster",
                "hosts": ["algo-1"],
                "instance_groups": [group | {"hosts": ["algo-1"]}],
                "network_interface_name": "eth0",
            },
        )

    def _store(self, transfer: Transfer, directory: Path, uri: str, key: str | None) -> None:
        bucket, name = split_uri(uri)
        try:
            with tempfile.TemporaryDirectory() as scratch:
                archive = Path(scratch) / "archive.tar.gz"
                archive.write_bytes(pack(directory))
                transfer.put(archive, bucket, name, key)
        except CALL_ERRORS as error:
            raise client_failure(f"Artifact upload failed for {uri}", error) from error

    def _collect_metrics(self, container: Container) -> None:
        definitions = self.parameters["AlgorithmSpecification"].get("MetricDefinitions") or ()
        text = container.log.read_text("utf-8", "replace") if definitions else ""
        for definition in definitions:
            found = _last_number(definition["Regex"], text)
            if found is not None:
                metric = {"MetricName": definition["Name"], "Value": found}
                self.metrics.append(metric | {"Timestamp": utcnow()})


def _channel_config(channel: Mapping[str, Any]) -> dict[str, str]:
    source = channel["DataSource"]["S3DataSource"]
    config = {
        "TrainingInputMode": channel.get("InputMode", "File"),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    return config | ({"ContentType": channel["ContentType"]} if "ContentType" in channel else {})


def _last_number(pattern: str, text: str) -> float | None:
    try:
        return float(list(re.finditer(pattern, text))[-1].group(1))
    except (IndexError, ValueError, re.error):
        return None
