"""The batch pipeline of an environment: one isolated job scores every partition not scored before.

Written at each release and pinned to what was released: image by digest, model and evaluation. A
plain builder of the pipeline language, because functions carry no SDK. It has no parameters, so
that a schedule starts it as it is. Outputs are uploaded while the job runs: a partition that cannot
be read fails the job, and must not take with it what was scored beside it.
"""

import json
from collections.abc import Mapping
from typing import Any

from modelyard.functions.approval import Approved
from modelyard.functions.instances import has_local_disk
from modelyard.functions.job_contract import INPUT, JOB_ROOT, OUTPUT

SCORE = "Score"
ENTRYPOINT = ("python", "-m", "modelyard.jobs.score")
# What a run leaves below batch/ of the predictions bucket.
RESULTS = ("output", "failed", "done")
# What monitoring reads of a run, beside what endpoints capture.
CAPTURED = "captured"
PACKAGE = "MODELYARD_MODEL_PACKAGE"
# When the run began: a job has no clock, and what it captures needs a time.
SCORED_AT = "MODELYARD_SCORED_AT"
_STARTED = "Execution.StartDateTime"
_VOLUME_GB = 30
_MAX_RUNTIME_S = 12 * 3600


def definition(facts: Mapping[str, str], package: Approved) -> dict[str, Any]:
    """The pipeline for a released version, by the facts of the workspace contract."""
    return {
        "Version": "2020-12-01",
        "Metadata": {"modelyard:model-package": package.arn},
        "Parameters": [],
        "Steps": [_score(facts, package)],
    }


def markers(facts: Mapping[str, str]) -> tuple[str, ...]:
    """Objects that must exist before the first run: a job whose input is empty fails."""
    return tuple(f"{_batch(facts, name)}.keep" for name in ("input", "done"))


def _score(facts: Mapping[str, str], package: Approved) -> dict[str, Any]:
    evaluation = package.metadata["evaluation"].rpartition("/")[0] + "/"
    inputs = {
        "partitions": _batch(facts, "input"),
        "done": _batch(facts, "done"),
        "model": package.model_uri,
        "baseline": evaluation,
    }
    return {
        "Name": SCORE,
        "Type": "Processing",
        "Arguments": {
            "ProcessingJobName": f"{facts['project']}-{facts['environment']}-batch",
            "RoleArn": facts["monitor_role"],
            "AppSpecification": {
                "ImageUri": package.image,
                "ContainerEntrypoint": list(ENTRYPOINT),
                "ContainerArguments": [
                    *(f"--{name}={INPUT}/{name}" for name in inputs),
                    f"--output={OUTPUT}",
                ],
            },
            "Environment": {
                "SM_OUTPUT_DIR": f"{JOB_ROOT}/output",
                PACKAGE: package.arn,
                SCORED_AT: {"Std:Join": {"On": "", "Values": [{"Get": _STARTED}]}},
            },
            "ProcessingInputs": [_input(name, uri) for name, uri in inputs.items()],
            "ProcessingOutputConfig": {
                "KmsKeyId": facts["key_arn"],
                "Outputs": [
                    *(_output(name, _batch(facts, name)) for name in RESULTS),
                    _output(CAPTURED, f"s3://{facts['bucket_predictions']}/capture/batch/"),
                ],
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


def _batch(facts: Mapping[str, str], name: str) -> str:
    return f"s3://{facts['bucket_predictions']}/batch/{name}/"


def _input(name: str, uri: str) -> dict[str, Any]:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{INPUT}/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
            "S3CompressionType": "None",
        },
    }


def _output(name: str, uri: str) -> dict[str, Any]:
    target = {"S3Uri": uri, "LocalPath": f"{OUTPUT}/{name}", "S3UploadMode": "Continuous"}
    return {"OutputName": name, "S3Output": target}


def _cluster(facts: Mapping[str, str]) -> dict[str, Any]:
    instance = json.loads(facts["serving"])["instance_type"]
    # One instance: two would score every partition twice.
    cluster = {"InstanceCount": 1, "InstanceType": instance, "VolumeSizeInGB": _VOLUME_GB}
    if not has_local_disk(instance):
        cluster["VolumeKmsKeyId"] = facts["key_arn"]
    return cluster
