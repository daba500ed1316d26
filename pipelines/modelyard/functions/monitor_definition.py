"""The monitoring pipeline of an environment: one isolated job, then its findings are published.

Written at each release and pinned to what was released: image by digest, model and evaluation. A
plain builder of the pipeline language, because functions carry no SDK. The parameters name one
window; the function `watch` gives them.
"""

import json
from collections.abc import Mapping
from typing import Any

from modelyard.functions.approval import Approved
from modelyard.functions.instances import has_local_disk
from modelyard.functions.job_contract import INPUT, JOB_ROOT, OUTPUT

MONITOR, PUBLISH = "Monitor", "Publish"
PARAMETERS = ("WindowStart", "WindowEnd", "InputsManifest", "ReportPrefix")
ENTRYPOINT = ("python", "-m", "modelyard.jobs.monitor")
# The window as its starter named it: the job refuses a manifest of another one.
WINDOW = "MODELYARD_WINDOW"
_VOLUME_GB = 30
_MAX_RUNTIME_S = 2 * 3600


def definition(facts: Mapping[str, str], package: Approved) -> dict[str, Any]:
    """The pipeline for a released version, by the facts of the workspace contract."""
    return {
        "Version": "2020-12-01",
        "Metadata": {"modelyard:model-package": package.arn},
        "Parameters": [{"Name": name, "Type": "String"} for name in PARAMETERS],
        "Steps": [_monitor(facts, package), _publish(facts)],
    }


def _monitor(facts: Mapping[str, str], package: Approved) -> dict[str, Any]:
    inputs = (
        _input("captured", {"Get": "Parameters.InputsManifest"}, "ManifestFile"),
        _input("model", package.model_uri, "S3Prefix"),
        _input("baseline", _evaluation_folder(package), "S3Prefix"),
    )
    return {
        "Name": MONITOR,
        "Type": "Processing",
        "Arguments": {
            "ProcessingJobName": f"{_prefix(facts)}-monitor",
            "RoleArn": facts["monitor_role"],
            "AppSpecification": {
                "ImageUri": package.image,
                "ContainerEntrypoint": list(ENTRYPOINT),
                "ContainerArguments": _arguments(),
            },
            "Environment": {
                "SM_OUTPUT_DIR": f"{JOB_ROOT}/output",
                WINDOW: _joined("Parameters.WindowStart", "Parameters.WindowEnd"),
            },
            "ProcessingInputs": list(inputs),
            "ProcessingOutputConfig": {
                "KmsKeyId": facts["key_arn"],
                "Outputs": [_output()],
            },
            "ProcessingResources": {"ClusterConfig": _cluster(facts)},
            "NetworkConfig": {
                "EnableNetworkIsolation": True,
                "EnableInterContainerTrafficEncryption": True,
                "VpcConfig": {
                    "SecurityGroupIds": [facts["security_group"]],
                    "Subnets": [facts["subnet_a"], facts["subnet_b"]],
                },
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": _MAX_RUNTIME_S},
        },
    }


def _publish(facts: Mapping[str, str]) -> dict[str, Any]:
    place = f"{facts['region']}:{facts['account']}"
    return {
        "Name": PUBLISH,
        "Type": "Lambda",
        "DependsOn": [MONITOR],
        "FunctionArn": f"arn:aws:lambda:{place}:function:{_prefix(facts)}-publish-metrics",
        "Arguments": {"report": {"Get": "Parameters.ReportPrefix"}},
        "OutputParameters": [{"OutputName": "verdict", "OutputType": "String"}],
    }


def _arguments() -> list[str]:
    folders = (f"--{name}={INPUT}/{name}" for name in ("captured", "model", "baseline"))
    return [*folders, f"--output={OUTPUT}"]


def _input(name: str, uri: Any, kind: str) -> dict[str, Any]:
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


def _joined(*names: str) -> dict[str, Any]:
    return {"Std:Join": {"On": "/", "Values": [{"Get": name} for name in names]}}


def _output() -> dict[str, Any]:
    return {
        "OutputName": "report",
        "S3Output": {
            "S3Uri": {"Get": "Parameters.ReportPrefix"},
            "LocalPath": f"{OUTPUT}/report",
            "S3UploadMode": "EndOfJob",
        },
    }


def _cluster(facts: Mapping[str, str]) -> dict[str, Any]:
    instance = json.loads(facts["monitoring"])["instance_type"]
    cluster = {"InstanceCount": 1, "InstanceType": instance, "VolumeSizeInGB": _VOLUME_GB}
    if not has_local_disk(instance):
        cluster["VolumeKmsKeyId"] = facts["key_arn"]
    return cluster


def _evaluation_folder(package: Approved) -> str:
    """Beside evaluation.json lie the baseline profile and the golden predictions."""
    return package.metadata["evaluation"].rpartition("/")[0] + "/"


def _prefix(facts: Mapping[str, str]) -> str:
    return f"{facts['project']}-{facts['environment']}"
