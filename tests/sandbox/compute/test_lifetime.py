"""Nothing that runs in the sandbox outlives it, and its state changes are told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.compute.support import Account, ImageMaker, unique, wait


@pytest.fixture
def own_server(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[str]]:
    """A server of this test's own, which the environment points at."""
    command = [sys.executable, "-m", "sandbox", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.stdout.readline().split()[4])
        yield server
        server.kill()


def start_sleeper(account: Account, image: str) -> str:
    name = unique("job")
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
    account.sagemaker.create_processing_job(
        ProcessingJobName=name,
        RoleArn=account.role,
        AppSpecification={"ImageUri": image, "ContainerEntrypoint": ["sleeper"]},
        ProcessingResources={"ClusterConfig": cluster},
    )
    return name


def processes_named(text: str) -> list[str]:
    """The command lines of running processes that hold this text."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if text in line:
            found.append(line)
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_ended_server_leaves_no_job_behind(
    aws: str, own_server: subprocess.Popen[str], request: Any, tmp_path: Path, number: int
) -> None:
    account: Account = request.getfixturevalue("account")
    make_image: ImageMaker = request.getfixturevalue("make_image")
    script = "import subprocess; subprocess.run(['sleep', '600'])"
    start_sleeper(account, make_image({"sleeper": script}))
    wait(lambda: {"running": len(processes_named(str(tmp_path))) > 0}, "running", False)
    os.kill(own_server.pid, number)
    own_server.wait(20)
    wait(lambda: {"running": len(processes_named(str(tmp_path))) > 0}, "running", True)


def test_state_changes_reach_the_event_bus(
    account: Account, make_image: ImageMaker, run_processing: Any
) -> None:
    sqs, events = account.client("sqs"), account.client("events")
    queue = sqs.create_queue(QueueName=unique("events"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    rule = unique("rule")
    pattern = {"source": ["aws.sagemaker"], "detail": {"ProcessingJobStatus": ["Completed"]}}
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    target = {"Id": "queue", "Arn": arn["Attributes"]["QueueArn"]}
    allow = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": target["Arn"],
            }
        ],
    }
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(allow)})
    events.put_targets(Rule=rule, Targets=[target])
    job = run_processing(make_image({"run": ""}), ["run"])
    received = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)
    event = json.loads(received["Messages"][0]["Body"])
    events.remove_targets(Rule=rule, Ids=["queue"])
    events.delete_rule(Name=rule)
    assert event["detail-type"] == "SageMaker Processing Job State Change"
    assert event["detail"]["ProcessingJobName"] == job["ProcessingJobName"]
    assert event["resources"] == [job["ProcessingJobArn"]]
