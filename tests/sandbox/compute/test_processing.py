"""Processing jobs really run, under SageMaker's container contract."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.compute.support import Account, ImageMaker, unique, wait

Run = Callable[..., dict[str, Any]]

COPY = """
import os, sys
source, target = sys.argv[1:]
for base, _, names in os.walk(source):
    for name in names:
        path = os.path.join(base, name)
        out = os.path.join(target, os.path.relpath(path, source).replace(os.sep, "+"))
        open(out, "w").write(open(path).read().upper())
print("copied")
"""
PATHS = ["/opt/ml/processing/input/data", "/opt/ml/processing/output/result"]


def test_program_reads_inputs_and_its_outputs_are_stored(
    account: Account, make_image: ImageMaker, run_processing: Run, log_lines: Any
) -> None:
    data = account.put("data/a.txt", "hello").removesuffix("a.txt")
    account.put("data/deep/b.txt", "world")
    target = f"s3://{account.bucket}/out"
    job = run_processing(
        make_image({"copy": COPY}), ["copy", *PATHS], {"data": data}, {"result": target}
    )
    assert job["ProcessingJobStatus"] == "Completed", job
    assert account.keys("out/") == ["out/a.txt", "out/deep+b.txt"]
    assert account.read(f"{target}/a.txt") == b"HELLO"
    assert log_lines("/aws/sagemaker/ProcessingJobs", job["ProcessingJobName"]) == ["copied"]


def test_failing_program_is_reported_with_its_message_and_last_lines(
    account: Account, make_image: ImageMaker, run_processing: Run
) -> None:
    script = "import os; print('before'); open(os.environ['OUT'], 'w').write('7 bad rows'); 1/0"
    environment = {"OUT": "/opt/ml/output/message"}
    job = run_processing(make_image({"run": script}), ["run"], Environment=environment)
    assert job["ProcessingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("AlgorithmError: 7 bad rows, exit code: 1")
    assert job["FailureReason"].endswith("ZeroDivisionError: division by zero")
    assert job["ExitMessage"] == "7 bad rows"


def test_missing_input_fails_before_the_program_runs(
    account: Account, make_image: ImageMaker, run_processing: Run
) -> None:
    nothing = f"s3://{account.bucket}/nothing/"
    job = run_processing(make_image({"run": ""}), ["run"], {"data": nothing})
    assert job["ProcessingJobStatus"] == "Failed"
    assert f'No S3 objects found under S3 URL "{nothing}"' in job["FailureReason"]


@pytest.mark.parametrize(("mode", "kept"), [("EndOfJob", []), ("Continuous", ["out/x"])])
def test_only_continuous_outputs_survive_a_failure(
    account: Account, make_image: ImageMaker, run_processing: Run, mode: str, kept: list[str]
) -> None:
    image = make_image({"run": "import sys; open(sys.argv[1] + '/x', 'w').write('1'); sys.exit(4)"})
    target = f"s3://{account.bucket}/out"
    job = run_processing(
        image, ["run", "/opt/ml/processing/output/q"], outputs={"q": target}, mode=mode
    )
    assert "exit code: 4" in job["FailureReason"]
    assert account.keys("out/") == kept


def test_job_is_ended_when_its_time_is_up(make_image: ImageMaker, run_processing: Run) -> None:
    image = make_image({"run": "import time; time.sleep(600)"})
    job = run_processing(image, ["run"], StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert job["ProcessingJobStatus"] == "Stopped"
    assert job["FailureReason"].startswith("MaxRuntimeExceeded")


def test_isolated_program_sees_no_credentials_and_only_a_minimal_environment(
    account: Account, make_image: ImageMaker, run_processing: Run
) -> None:
    script = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1] + '/e', 'w'))"
    target = f"s3://{account.bucket}/out"
    job = run_processing(
        make_image({"run": script}),
        ["run", "/opt/ml/processing/output/e"],
        outputs={"e": target},
        NetworkConfig={"EnableNetworkIsolation": True},
        Environment={"A": "s3://bucket/opt/ml/x", "B": "/opt/ml/model"},
    )
    assert job["ProcessingJobStatus"] == "Completed", job
    seen = json.loads(account.read(f"{target}/e"))
    assert [n for n in seen if n.startswith("AWS_")] == ["AWS_REGION", "AWS_DEFAULT_REGION"]
    assert seen["A"] == "s3://bucket/opt/ml/x"
    assert seen["B"].endswith(f"{job['ProcessingJobName']}/opt/ml/model")


def test_unknown_image_says_how_to_register_one(account: Account, run_processing: Run) -> None:
    image = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{account.repository}:none"
    job = run_processing(image, ["run"])
    assert f"Image {image} does not exist in ECR" in job["FailureReason"]
    assert "python -m sandbox image PATH" in job["FailureReason"]


def request_for(account: Account, image: str) -> dict[str, Any]:
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
    return {
        "ProcessingJobName": unique("job"),
        "RoleArn": account.role,
        "AppSpecification": {"ImageUri": image, "ContainerEntrypoint": ["run"]},
        "ProcessingResources": {"ClusterConfig": cluster},
    }


def test_running_job_can_be_stopped(account: Account, make_image: ImageMaker) -> None:
    request = request_for(account, make_image({"run": "import time; time.sleep(600)"}))
    name = {"ProcessingJobName": request["ProcessingJobName"]}
    account.sagemaker.create_processing_job(**request)
    assert account.sagemaker.describe_processing_job(**name)["ProcessingJobStatus"] == "InProgress"
    account.sagemaker.stop_processing_job(**name)
    job = wait(
        lambda: account.sagemaker.describe_processing_job(**name), "ProcessingJobStatus", "Stopping"
    )
    assert job["ProcessingJobStatus"] == "Stopped"


REFUSED = [
    ({"ProcessingJobName": "bad name!"}, "regular expression pattern"),
    ({"RoleArn": "arn:aws:iam::123456789012:role/none"}, "Could not assume role"),
    ({"ProcessingInputs": [{"InputName": "a"}]}, "dataset definition is not supported"),
]


@pytest.mark.parametrize(("change", "reason"), REFUSED)
def test_what_aws_refuses_is_refused(account: Account, change: Any, reason: str) -> None:
    request = request_for(account, "image") | change
    with pytest.raises(ClientError, match=reason) as caught:
        account.sagemaker.create_processing_job(**request)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_name_can_be_used_once(account: Account) -> None:
    request = request_for(account, "image")
    account.sagemaker.create_processing_job(**request)
    with pytest.raises(ClientError, match="ResourceInUse"):
        account.sagemaker.create_processing_job(**request)
    found = account.sagemaker.list_processing_jobs(NameContains=request["ProcessingJobName"])
    assert len(found["ProcessingJobSummaries"]) == 1


def test_job_has_its_roles_rights_and_no_others(
    account: Account, make_image: ImageMaker, run_processing: Run
) -> None:
    name = account.role.rsplit("/", 1)[1]
    only_images = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}],
    }
    account.client("iam").put_role_policy(
        RoleName=name, PolicyName="all", PolicyDocument=json.dumps(only_images)
    )
    data = account.put("data/a.txt", "hello")
    job = run_processing(make_image({"run": ""}), ["run"], {"data": data})
    assert job["ProcessingJobStatus"] == "Failed"
    assert "AccessDenied" in job["FailureReason"]
    assert "s3:ListBucket" in job["FailureReason"]
