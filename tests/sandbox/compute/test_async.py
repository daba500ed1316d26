"""Asynchronous endpoints queue requests, store results and failures, tell topics, scale to zero."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from sandbox.compute.async_invocation import RequestError, read
from sandbox.compute.endpoint import Endpoint
from tests.sandbox.compute.hosting import (
    SERVE,
    Deploy,
    advance,
    configuration,
    create_model,
    describe,
    invoke,
    settled,
    total,
    variant,
)
from tests.sandbox.compute.support import Account, ImageMaker, Queue, open_queue, unique, wait

CLOCK_STANDS = True
MINUTE = 60


@dataclass(frozen=True)
class Topic:
    """A topic and a queue that hears it."""

    arn: str
    queue: Queue

    def message(self) -> dict[str, Any]:
        """The next notification."""
        found = wait(lambda: {"messages": tuple(self.queue.receive())}, "messages", ())
        document: dict[str, Any] = json.loads(found["messages"][0]["Message"])
        return document


def open_topic(account: Account) -> Topic:
    sns, queue = account.client("sns"), open_queue("sns.amazonaws.com")
    arn = sns.create_topic(Name=unique("outcome"))["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue.arn)
    return Topic(arn, queue)


@pytest.fixture
def succeeded(account: Account) -> Topic:
    return open_topic(account)


@pytest.fixture
def failed(account: Account) -> Topic:
    return open_topic(account)


@pytest.fixture
def endpoint(
    account: Account, make_image: ImageMaker, deploy: Deploy, succeeded: Topic, failed: Topic
) -> str:
    model = create_model(account, make_image({"serve": SERVE}), "one")
    topics = {"SuccessTopic": succeeded.arn, "ErrorTopic": failed.arn}
    output = {
        "S3OutputPath": f"s3://{account.bucket}/results",
        "S3FailurePath": f"s3://{account.bucket}/failures",
        "NotificationConfig": topics,
    }
    config = {"OutputConfig": output, "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 1}}
    return deploy(configuration(account, [variant(model)], AsyncInferenceConfig=config))


def ask(account: Account, name: str, body: str, **more: Any) -> dict[str, Any]:
    place = account.put(unique("requests/request"), body)
    answer: dict[str, Any] = account.client("sagemaker-runtime").invoke_endpoint_async(
        EndpointName=name, InputLocation=place, ContentType="text/csv", **more
    )
    return answer


def scale(account: Account, name: str, count: int) -> dict[str, Any]:
    wanted = {"VariantName": "main", "DesiredInstanceCount": count}
    account.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=name, DesiredWeightsAndCapacities=[wanted]
    )
    return settled(account, name)


def test_result_is_stored_and_told(account: Account, endpoint: str, succeeded: Topic) -> None:
    answer = ask(account, endpoint, "1,2", InferenceId="abc", Filename="mine.txt")
    assert answer["InferenceId"] == "abc"
    assert answer["OutputLocation"] == f"s3://{account.bucket}/results/mine.txt"
    told = succeeded.message()
    assert account.read(answer["OutputLocation"]) == b"one:1,2"
    assert (told["invocationStatus"], told["inferenceId"]) == ("Completed", "abc")
    assert told["responseParameters"]["outputLocation"] == answer["OutputLocation"]
    assert told["requestParameters"]["endpointName"] == endpoint


def test_failure_is_stored_and_told_with_its_reason(
    account: Account, endpoint: str, failed: Topic
) -> None:
    answer = ask(account, endpoint, "bad")
    told = failed.message()
    assert account.read(answer["FailureLocation"]) == b"no such column"
    assert told["invocationStatus"] == "Failed"
    assert "no such column" in told["failureReason"]
    assert total(account, "InvocationFailures", EndpointName=endpoint, VariantName="main") == 1


@pytest.mark.slow
def test_input_that_is_not_there_is_a_failure(
    account: Account, endpoint: str, failed: Topic
) -> None:
    place = f"s3://{account.bucket}/nothing"
    runtime = account.client("sagemaker-runtime")
    runtime.invoke_endpoint_async(EndpointName=endpoint, InputLocation=place)
    assert "Failed to download" in failed.message()["failureReason"]


def test_request_waits_while_there_is_no_instance_and_its_process_is_gone(
    account: Account, endpoint: str, succeeded: Topic
) -> None:
    [shown] = scale(account, endpoint, 0)["ProductionVariants"]
    assert (shown["CurrentInstanceCount"], shown["DesiredInstanceCount"]) == (0, 0)
    answer = ask(account, endpoint, "1,2")
    advance(MINUTE)
    backlog = {"EndpointName": endpoint}
    assert total(account, "HasBacklogWithoutCapacity", "Maximum", **backlog) == 1
    assert total(account, "ApproximateBacklogSize", "Maximum", **backlog) == 1
    scale(account, endpoint, 1)
    succeeded.message()
    assert account.read(answer["OutputLocation"]) == b"one:1,2"


@pytest.mark.slow
def test_request_that_waited_too_long_expires(
    account: Account, endpoint: str, failed: Topic
) -> None:
    scale(account, endpoint, 0)
    ask(account, endpoint, "1,2", RequestTTLSeconds=MINUTE)
    advance(MINUTE + 1)
    scale(account, endpoint, 1)
    assert "expired" in failed.message()["failureReason"]
    assert total(account, "ExpiredRequests", EndpointName=endpoint, VariantName="main") == 1


@pytest.mark.slow
def test_queued_requests_are_no_invocations_to_cloudwatch(
    account: Account, endpoint: str, succeeded: Topic
) -> None:
    ask(account, endpoint, "1,2")
    succeeded.message()
    seen = {"EndpointName": endpoint, "VariantName": "main"}
    assert total(account, "Invocations", **seen) == 0
    assert total(account, "ModelLatency", "SampleCount", **seen) == 1


@pytest.mark.slow
def test_nobody_can_wait_for_an_answer(account: Account, endpoint: str) -> None:
    with pytest.raises(ClientError, match="use InvokeEndpointAsync"):
        invoke(account, endpoint)
    described = describe(account, endpoint)
    assert described["AsyncInferenceConfig"]["OutputConfig"]["S3OutputPath"]


def bare() -> Endpoint:
    """As much of an endpoint as reading a request needs."""
    clock = SimpleNamespace(now=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    scope = SimpleNamespace(sandbox=SimpleNamespace(clock=clock))
    return cast(Endpoint, SimpleNamespace(scope=scope))


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        ({}, b"", "exactly one of InputLocation and Body"),
        ({"InputLocation": "s3://b/k"}, b"x", "exactly one of InputLocation and Body"),
        ({"InputLocation": "https://example.com/x"}, b"", "give an s3:// URI"),
        ({"InputLocation": "s3://b/k", "RequestTTLSeconds": "59"}, b"", "between 60 and 21600"),
        ({"InputLocation": "s3://b/k", "InvocationTimeoutSeconds": "0"}, b"", "between 1 and 3600"),
        ({}, b"x" * 128_001, "larger than 128000 bytes"),
    ],
)
def test_requests_that_aws_refuses_are_refused(
    headers: dict[str, str], body: bytes, reason: str
) -> None:
    named = {f"X-Amzn-SageMaker-{name}": value for name, value in headers.items()}
    with pytest.raises(RequestError, match=reason):
        read(bare(), {"S3OutputPath": "s3://b/out"}, named, body)
