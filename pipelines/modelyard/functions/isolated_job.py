"""The one job of a pipeline that follows a release: isolated, encrypted, pinned to the release.

A plain builder of the pipeline language, because functions carry no SDK.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelyard.functions.approval import Approved
from modelyard.functions.instances import has_local_disk
from modelyard.functions.job_contract import INPUT, JOB_ROOT, OUTPUT

_VOLUME_GB = 30


@dataclass(frozen=True)
class Job:
    """What distinguishes a job: its step, name, program, files, machine and patience."""

    step: str
    name: str
    entrypoint: Sequence[str]
    inputs: Sequence[Mapping[str, Any]]
    outputs: Sequence[Mapping[str, Any]]
    environment: Mapping[str, Any]
    instance_type: str
    max_runtime_s: int


def pinned(package: Approved, steps: Sequence[Any], parameters: Sequence[str]) -> dict[str, Any]:
    """A pipeline that says to which model package it is pinned."""
    return {
        "Version": "2020-12-01",
        "Metadata": {"modelyard:model-package": package.arn},
        "Parameters": [{"Name": name, "Type": "String"} for name in parameters],
        "Steps": list(steps),
    }


def step(job: Job, facts: Mapping[str, str], package: Approved) -> dict[str, Any]:
    """The job as a processing step in the released image; its inputs are its arguments."""
    folders = [f"--{one['InputName']}={one['S3Input']['LocalPath']}" for one in job.inputs]
    return {
        "Name": job.step,
        "Type": "Processing",
        "Arguments": {
            "ProcessingJobName": f"{facts['project']}-{facts['environment']}-{job.name}",
            "RoleArn": facts["monitor_role"],
            "AppSpecification": {
                "ImageUri": package.image,
                "ContainerEntrypoint": list(job.entrypoint),
                "ContainerArguments": [*folders, f"--output={OUTPUT}"],
            },
            "Environment": {"SM_OUTPUT_DIR": f"{JOB_ROOT}/output", **job.environment},
            "ProcessingInputs": list(job.inputs),
            "ProcessingOutputConfig": {
                "KmsKeyId": facts["key_arn"],
                "Outputs": list(job.outputs),
            },
            "ProcessingResources": {"ClusterConfig": _cluster(job, facts)},
            "NetworkConfig": {
                "EnableNetworkIsolation": True,
                "EnableInterContainerTrafficEncryption": True,
                "VpcConfig": {
                    "SecurityGroupIds": [facts["security_group"]],
                    "Subnets": [facts["subnet_a"], facts["subnet_b"]],
                },
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": job.max_runtime_s},
        },
    }


def released(package: Approved) -> list[dict[str, Any]]:
    """The model, and its evaluation with baseline profile and golden predictions beside it."""
    evaluation = package.metadata["evaluation"].rpartition("/")[0] + "/"
    return [given("model", package.model_uri), given("baseline", evaluation)]


def given(name: str, uri: Any, kind: str = "S3Prefix") -> dict[str, Any]:
    """An input: every object under a prefix, or those that a ManifestFile names."""
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{INPUT}/{name}",
            "S3DataType": kind,
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
            "S3CompressionType": "None",
        },
    }


def left(name: str, uri: Any, mode: str) -> dict[str, Any]:
    """An output, stored when the job ends (EndOfJob) or while it runs (Continuous)."""
    target = {"S3Uri": uri, "LocalPath": f"{OUTPUT}/{name}", "S3UploadMode": mode}
    return {"OutputName": name, "S3Output": target}


def _cluster(job: Job, facts: Mapping[str, str]) -> dict[str, Any]:
    # One instance: two would do everything twice.
    cluster = {
        "InstanceCount": 1,
        "InstanceType": job.instance_type,
        "VolumeSizeInGB": _VOLUME_GB,
    }
    if not has_local_disk(job.instance_type):
        cluster["VolumeKmsKeyId"] = facts["key_arn"]
    return cluster
