"""Tiny local images and roles to run SageMaker's compute against a sandbox."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.sandbox.compute.hosting import Deploy, deploying
from tests.sandbox.compute.support import (
    ACCOUNT,
    EVERYTHING,
    REGION,
    TRUST,
    Account,
    ImageMaker,
    unique,
    wait,
)


@pytest.fixture
def aws(request: pytest.FixtureRequest, aws: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The sandbox; for modules that say `CLOCK_STANDS`, one whose clock only tests move."""
    if not getattr(request.module, "CLOCK_STANDS", False):
        return aws
    url: str = request.getfixturevalue("standing_url")
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    return url


@pytest.fixture
def account(aws: str) -> Account:
    """A fresh role, bucket and repository in the default account."""
    unique = uuid.uuid4().hex[:8]
    iam = boto3.client("iam")
    role = iam.create_role(RoleName=f"jobs-{unique}", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(
        RoleName=f"jobs-{unique}", PolicyName="all", PolicyDocument=json.dumps(EVERYTHING)
    )
    boto3.client("s3").create_bucket(Bucket=f"files-{unique}")
    boto3.client("ecr").create_repository(repositoryName=f"model-{unique}")
    return Account(role["Role"]["Arn"], f"files-{unique}", f"model-{unique}")


@pytest.fixture
def make_image(account: Account, tmp_path: Path) -> ImageMaker:
    """Registers a directory with these scripts as an image; its URI by digest."""

    def make(scripts: Mapping[str, str]) -> str:
        workdir = tmp_path / f"image-{uuid.uuid4().hex[:8]}"
        (workdir / "bin").mkdir(parents=True)
        for name, text in scripts.items():
            script = workdir / "bin" / name
            script.write_text(f"#!{sys.executable} -S\n{text}")
            script.chmod(0o755)
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "annotations": {
                    "modelyard.sandbox.workdir": str(workdir),
                    "modelyard.sandbox.path": str(workdir / "bin"),
                },
            }
        )
        stored = boto3.client("ecr").put_image(
            repositoryName=account.repository, imageManifest=manifest, imageTag=workdir.name
        )
        host = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
        return f"{host}/{account.repository}@{stored['image']['imageId']['imageDigest']}"

    return make


@pytest.fixture
def deploy(account: Account) -> Iterator[Deploy]:
    """Creates endpoints and removes them after the test."""
    with deploying(account) as create:
        yield create


@pytest.fixture
def run_processing(account: Account) -> Callable[..., dict[str, Any]]:
    """Runs a processing job to its end; its description."""

    def run(
        image: str,
        command: list[str],
        inputs: Mapping[str, str] | None = None,
        outputs: Mapping[str, str] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        name = unique("job")
        mode = more.pop("mode", "EndOfJob")
        account.sagemaker.create_processing_job(
            ProcessingJobName=name,
            RoleArn=account.role,
            AppSpecification={"ImageUri": image, "ContainerEntrypoint": command},
            ProcessingResources={
                "ClusterConfig": {
                    "InstanceCount": 1,
                    "InstanceType": "ml.m5.large",
                    "VolumeSizeInGB": 1,
                }
            },
            ProcessingInputs=[
                {
                    "InputName": key,
                    "S3Input": {
                        "S3Uri": uri,
                        "LocalPath": f"/opt/ml/processing/input/{key}",
                        "S3DataType": "S3Prefix",
                        "S3InputMode": "File",
                    },
                }
                for key, uri in (inputs or {}).items()
            ],
            ProcessingOutputConfig={
                "Outputs": [
                    {
                        "OutputName": key,
                        "S3Output": {
                            "S3Uri": uri,
                            "LocalPath": f"/opt/ml/processing/output/{key}",
                            "S3UploadMode": mode,
                        },
                    }
                    for key, uri in (outputs or {}).items()
                ]
            },
            **more,
        )
        return wait(
            lambda: account.sagemaker.describe_processing_job(ProcessingJobName=name),
            "ProcessingJobStatus",
            "InProgress",
            "Stopping",
        )

    return run


@pytest.fixture
def log_lines(account: Account) -> Iterator[Callable[[str, str], list[str]]]:
    """The lines of the only stream of a log group with this prefix."""

    def read(group: str, prefix: str) -> list[str]:
        logs = account.client("logs")
        found = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=prefix)
        (stream,) = found["logStreams"]
        events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])
        return [event["message"] for event in events["events"]]

    yield read
