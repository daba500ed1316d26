"""Training jobs run the image's `train` and keep what it leaves in the model directory."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.compute.support import Account, ImageMaker, unique, wait

TRAIN = """
import json, os, sys
ML = os.path.join(os.environ["HOME"], "opt/ml")
parameters = json.load(open(ML + "/input/config/hyperparameters.json"))
rows = open(ML + "/input/data/train/rows.csv").read().split()
print("loss=0.5")
print("loss=0.25")
open(ML + "/model/model.txt", "w").write(parameters["depth"] + ":" + str(len(rows)))
"""
FAILING = """
import os
ML = os.path.join(os.environ["HOME"], "opt/ml")
open(ML + "/output/failure", "w").write("column age is missing")
print("reading rows")
raise SystemExit(3)
"""
CLUSTER = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}


def request_for(account: Account, image: str) -> dict[str, Any]:
    uri = account.put("data/rows.csv", "1 2 3").removesuffix("rows.csv")
    source = {"S3Uri": uri, "S3DataType": "S3Prefix"}
    return {
        "TrainingJobName": unique("train"),
        "RoleArn": account.role,
        "AlgorithmSpecification": {
            "TrainingImage": image,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "loss", "Regex": "loss=([0-9.]+)"}],
        },
        "HyperParameters": {"depth": "3"},
        "InputDataConfig": [{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
        "OutputDataConfig": {"S3OutputPath": f"s3://{account.bucket}/models/"},
        "ResourceConfig": CLUSTER,
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        "EnableNetworkIsolation": True,
    }


@pytest.fixture
def train(account: Account) -> Callable[..., dict[str, Any]]:
    """Runs a training job to its end; its description."""

    def train(image: str, **changes: Any) -> dict[str, Any]:
        request = request_for(account, image) | changes
        account.sagemaker.create_training_job(**request)
        name = request["TrainingJobName"]
        return wait(
            lambda: account.sagemaker.describe_training_job(TrainingJobName=name),
            "TrainingJobStatus",
            "InProgress",
            "Stopping",
        )

    return train


def test_model_is_packed_and_the_log_kept(
    account: Account, make_image: ImageMaker, train: Any, log_lines: Any
) -> None:
    job = train(make_image({"train": TRAIN}))
    assert job["TrainingJobStatus"] == "Completed", job
    assert job["SecondaryStatus"] == "Completed"
    (metric,) = job["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("loss", 0.25)
    name = job["TrainingJobName"]
    uri = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert uri == f"s3://{account.bucket}/models/{name}/output/model.tar.gz"
    with tarfile.open(fileobj=io.BytesIO(account.read(uri))) as archive:
        file = archive.extractfile("model.txt")
        assert file is not None
        assert file.read() == b"3:3"
    assert log_lines("/aws/sagemaker/TrainingJobs", name) == ["loss=0.5", "loss=0.25"]


def test_same_model_is_the_same_archive(
    account: Account, make_image: ImageMaker, train: Any
) -> None:
    image = make_image({"train": TRAIN})
    archives = {account.read(train(image)["ModelArtifacts"]["S3ModelArtifacts"]) for _ in range(2)}
    assert len(archives) == 1


def test_failing_code_is_reported_with_its_reason_and_log(
    make_image: ImageMaker, train: Any
) -> None:
    job = train(make_image({"train": FAILING}))
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Failed"
    assert job["FailureReason"] == (
        "AlgorithmError: column age is missing, exit code: 3\nLast lines of the log:\nreading rows"
    )
    assert "ModelArtifacts" not in job


def test_job_is_ended_when_its_time_is_up(make_image: ImageMaker, train: Any) -> None:
    image = make_image({"train": "import time; time.sleep(600)"})
    job = train(image, StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


def test_image_without_a_train_program_is_reported(make_image: ImageMaker, train: Any) -> None:
    job = train(make_image({"serve": ""}))
    assert "cannot run train of the image: No such file or directory" in job["FailureReason"]


@pytest.mark.parametrize("member", ["StoppingCondition", "ResourceConfig"])
def test_incomplete_request_is_refused(account: Account, member: str) -> None:
    request = request_for(account, "image")
    del request[member]
    with pytest.raises(ClientError, match=f"{member} is required"):
        account.sagemaker.create_training_job(**request)


def test_jobs_that_do_not_run_are_refused_aloud(account: Account) -> None:
    with pytest.raises(ClientError, match="CreateCompilationJob is not supported by this sandbox"):
        account.sagemaker.create_compilation_job(
            CompilationJobName=unique("compile"),
            RoleArn=account.role,
            OutputConfig={"S3OutputLocation": "s3://b/y", "TargetDevice": "ml_m5"},
            StoppingCondition={"MaxRuntimeInSeconds": 60},
        )
