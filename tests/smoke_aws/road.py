"""A deployed project, on a real account or on the sandbox: what every check starts from."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import boto3

from modelyard.project import Project
from modelyard.workspace import Workspace

SENTENCE: Final = "an isolated job wrote this"
# What a manifest names; beside it lies an object that it does not name.
NAMED: Final = "deep/one.txt"
# Runs in the job: reads its input, tries to get out, says what it reached.
CODE: Final = """
import json, os, pathlib, socket, sys
source, named, target = map(pathlib.Path, sys.argv[1:])
text = (source / "sentence.txt").read_text()
reached = [name for name in os.environ if name.startswith("AWS_CONTAINER_CREDENTIALS")]
for address in (("169.254.169.254", 80), ("1.1.1.1", 443)):
    try:
        socket.create_connection(address, 3).close()
        reached.append(address[0])
    except OSError:
        pass
target.mkdir(parents=True, exist_ok=True)
found = sorted(file.relative_to(named).as_posix() for file in named.rglob("*.txt"))
begun = os.environ["BEGUN"]
report = {"sentence": text, "reached": reached, "named": found, "begun": begun}
(target / "report.json").write_text(json.dumps(report))
"""


@dataclass(frozen=True)
class Road:
    """A project whose dev workspace is up.

    Attributes:
        on_aws: False on the sandbox, which has no network to be isolated from.
    """

    session: boto3.Session
    endpoint_url: str | None
    project: Project
    workspace: Workspace
    image: str
    on_aws: bool

    def client(self, name: str) -> Any:
        """A client in the account of dev."""
        make: Any = self.session.client  # typed per service; here the service is a variable
        return make(name, endpoint_url=self.endpoint_url)

    @property
    def patience(self) -> float:
        """Seconds to wait for what AWS delivers late, such as the trail's records."""
        return 1200 if self.on_aws else 30


@dataclass(frozen=True)
class Run:
    """A finished execution of the smoke pipeline."""

    arn: str
    failure: str
    job: dict[str, Any]
    report: dict[str, Any]


def eventually(find: Callable[[], Any], patience: float, pause: float) -> Any:
    """What `find` finds within the patience, or None."""
    end = time.monotonic() + patience
    while True:
        if (found := find()) or time.monotonic() > end:
            return found
        time.sleep(pause)


@contextmanager
def executed(road: Road) -> Iterator[Run]:
    """Run one isolated job in a pipeline that ends by quoting it; everything is removed after."""
    prefix = f"runs/smoke-{int(time.time())}"
    name = f"{road.project.name}-dev-smoke"
    sagemaker, bucket = road.client("sagemaker"), road.workspace.bucket_artifacts
    manifest = json.dumps([{"prefix": f"s3://{bucket}/{prefix}/named/"}, NAMED])
    for file, text in (
        ("input/sentence.txt", SENTENCE),
        ("input/job.py", CODE),
        (f"named/{NAMED}", SENTENCE),
        ("named/deep/other.txt", SENTENCE),
        ("inputs.manifest", manifest),
    ):
        road.client("s3").put_object(
            Bucket=bucket,
            Key=f"{prefix}/{file}",
            Body=text.encode(),
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=road.workspace.key_arn,
        )
    try:
        sagemaker.create_pipeline(
            PipelineName=name,
            ClientRequestToken=f"smoke-{time.time_ns()}-{'0' * 20}",
            PipelineDefinition=json.dumps(definition(road, prefix)),
            RoleArn=road.workspace.pipeline_role,
        )
        try:
            yield _run(road, name, f"{prefix}/report/report.json")
        finally:
            sagemaker.delete_pipeline(
                PipelineName=name, ClientRequestToken=f"smoke-{time.time_ns()}-{'0' * 20}"
            )
    finally:
        _remove(road.client("s3"), bucket, prefix)


def _run(road: Road, name: str, report: str) -> Run:
    sagemaker = road.client("sagemaker")
    arn = sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]

    def ended() -> dict[str, Any] | None:
        told = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        running = told["PipelineExecutionStatus"] in ("Executing", "Stopping")
        return None if running else dict(told)

    told = eventually(ended, road.patience * 4, 20 if road.on_aws else 0.2)
    assert told, f"{arn} did not end"
    steps = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)
    details = {each["StepName"]: each for each in steps["PipelineExecutionSteps"]}
    measured = details["Measure"]
    assert measured["StepStatus"] == "Succeeded", measured.get("FailureReason")
    job_arn = measured["Metadata"]["ProcessingJob"]["Arn"]
    job = sagemaker.describe_processing_job(ProcessingJobName=job_arn.split("/")[-1])
    body = road.client("s3").get_object(Bucket=road.workspace.bucket_artifacts, Key=report)["Body"]
    failure = details["Tell"].get("FailureReason") or told.get("FailureReason", "")
    return Run(arn, failure, dict(job), json.loads(body.read()))


def _remove(s3: Any, bucket: str, prefix: str) -> None:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for each in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
            s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])


def definition(road: Road, prefix: str) -> dict[str, Any]:
    """One isolated processing job, and a Fail step that quotes its report."""
    facts, root = road.workspace, "/opt/ml/processing"
    place = f"s3://{facts.bucket_artifacts}/{prefix}"
    upload = {"LocalPath": f"{root}/report", "S3UploadMode": "EndOfJob"}
    source = {"LocalPath": f"{root}/input", "S3DataType": "S3Prefix", "S3InputMode": "File"}
    named = {
        "LocalPath": f"{root}/named",
        "S3DataType": "ManifestFile",
        "S3InputMode": "File",
        "S3Uri": f"{place}/inputs.manifest",
    }
    cluster = {"InstanceCount": 1, "InstanceType": "ml.t3.medium", "VolumeSizeInGB": 5}
    network = {
        "SecurityGroupIds": [facts.security_group],
        "Subnets": [facts.subnet_a, facts.subnet_b],
    }
    job = {
        "ProcessingJobName": f"{road.project.name}-dev-smoke",
        "RoleArn": facts.pipeline_role,
        "AppSpecification": {
            "ImageUri": road.image,
            "ContainerEntrypoint": ["python3", f"{root}/input/job.py"],
            "ContainerArguments": [f"{root}/input", f"{root}/named", f"{root}/report"],
        },
        "ProcessingInputs": [
            {"InputName": "input", "S3Input": {**source, "S3Uri": f"{place}/input"}},
            {"InputName": "named", "S3Input": named},
        ],
        "ProcessingOutputConfig": {
            "KmsKeyId": facts.key_arn,
            "Outputs": [
                {"OutputName": "report", "S3Output": {**upload, "S3Uri": f"{place}/report"}}
            ],
        },
        "ProcessingResources": {"ClusterConfig": {**cluster, "VolumeKmsKeyId": facts.key_arn}},
        "NetworkConfig": {
            "EnableNetworkIsolation": True,
            "EnableInterContainerTrafficEncryption": True,
            "VpcConfig": network,
        },
        "Environment": {
            "BEGUN": {"Std:Join": {"On": "", "Values": [{"Get": "Execution.StartDateTime"}]}}
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }
    quoted = {
        "Std:JsonGet": {
            "PropertyFile": {"Get": "Steps.Measure.PropertyFiles.report"},
            "Path": "sentence",
        }
    }
    file = {"PropertyFileName": "report", "OutputName": "report", "FilePath": "report.json"}
    return {
        "Version": "2020-12-01",
        "Parameters": [],
        "Steps": [
            {"Name": "Measure", "Type": "Processing", "Arguments": job, "PropertyFiles": [file]},
            {
                "Name": "Tell",
                "Type": "Fail",
                "Arguments": {"ErrorMessage": {"Std:Join": {"On": " ", "Values": ["it:", quoted]}}},
            },
        ],
    }
