"""A build pipeline's execution as SageMaker would describe it, for rules that no service lets us
break: each test breaks one fact of it."""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from modelyard.functions import job_contract as jobs

ACCOUNT = "123456789012"
ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/loans-dev-train/execution/abc123"
REPOSITORY = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/loans"
IMAGE = f"{REPOSITORY}@sha256:{'a' * 64}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/loans-dev-pipeline"
RUN = "s3://artifacts/runs/abc123"
STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

FACTS = {
    "project": "loans",
    "environment": "dev",
    "fairness": "{}",
    "card_gaps": "[]",
    "pseudonymised": "[]",
    "borrowed": '{"applications": {"uri": "s3://owners-raw/applications/"}}',
    "train_pipeline": "loans-dev-train",
    "pipeline_role": ROLE,
    "repository_uri": REPOSITORY,
    "bucket_artifacts": "artifacts",
    "bucket_raw": "raw",
    "model_package_group": "loans",
    "starts_log_group": "/aws/events/loans-dev-starts",
}


def processing(name: str, inputs: dict[str, str], outputs: dict[str, str]) -> dict[str, Any]:
    """A processing job that keeps every rule."""
    return {
        "RoleArn": ROLE,
        "CreationTime": STARTED,
        "AppSpecification": {
            "ImageUri": IMAGE,
            "ContainerEntrypoint": list(jobs.ENTRYPOINTS[name]),
            "ContainerArguments": list(jobs.ARGUMENTS[name]),
        },
        "NetworkConfig": {"EnableNetworkIsolation": True},
        "ProcessingInputs": [
            {"InputName": key, "S3Input": {"S3Uri": uri}} for key, uri in inputs.items()
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {"OutputName": key, "S3Output": {"S3Uri": uri}} for key, uri in outputs.items()
            ]
        },
    }


class Recorded:
    """A SageMaker client that knows one execution; `jobs` and `steps` may be changed."""

    def __init__(self) -> None:
        prepared = {name: f"{RUN}/prepare/{name}" for name in jobs.PREPARED}
        model = f"{RUN}/train/loans-dev-train-x/output/model.tar.gz"
        judged = {name: prepared[name] for name in jobs.JUDGED if name != "model"}
        self.pipeline = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/loans-dev-train"
        self.jobs: dict[str, Any] = {
            "Prepare": processing("Prepare", {"data": "s3://raw/applications/"}, prepared),
            "Train": {
                "RoleArn": ROLE,
                "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
                "EnableNetworkIsolation": True,
                "InputDataConfig": [
                    {
                        "ChannelName": name,
                        "DataSource": {"S3DataSource": {"S3Uri": prepared[name]}},
                    }
                    for name in jobs.CHANNELS
                ],
                "ModelArtifacts": {"S3ModelArtifacts": model},
                "Environment": {jobs.CODE_COMMIT: "c0ffee"},
            },
            "Evaluate": processing(
                "Evaluate",
                {**judged, "model": model, "champion": "s3://artifacts/runs/nobody/"},
                {"evaluation": f"{RUN}/evaluation"},
            ),
        }
        self.steps = [
            {
                "StepName": name,
                "StepStatus": "Succeeded",
                "Metadata": {
                    "TrainingJob" if name == "Train" else "ProcessingJob": {
                        "Arn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:job/{name}"
                    }
                },
            }
            for name in self.jobs
        ]
        self.steps.append({"StepName": "Gate", "StepStatus": "Succeeded", "Metadata": {}})

    def describe_pipeline_execution(self, **_: Any) -> dict[str, Any]:
        return {"PipelineArn": self.pipeline, "CreationTime": STARTED}

    def describe_processing_job(self, **name: str) -> dict[str, Any]:
        return copy.deepcopy(self.jobs[name["ProcessingJobName"]])

    def describe_training_job(self, **name: str) -> dict[str, Any]:
        return copy.deepcopy(self.jobs[name["TrainingJobName"]])

    def get_paginator(self, _operation: str) -> "Recorded":
        return self

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        yield {"PipelineExecutionSteps": self.steps}
