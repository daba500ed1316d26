"""Functions run from their real zip, as their role."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

WHO = """
import boto3, os
def handle(event, context):
    print("asked", event["n"])
    who = boto3.client("sts").get_caller_identity()["Arn"]
    return {"who": who, "n": event["n"], "name": context.function_name, "x": os.environ["X"]}
"""


def invoke(account: Any, name: str, event: Any) -> tuple[Any, str | None]:
    answer = account.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    return json.loads(answer["Payload"].read()), answer.get("FunctionError")


def test_a_function_answers_as_its_role(account: Any) -> None:
    account.function("f", WHO, Environment={"Variables": {"X": "y"}}, Timeout=30)
    result, error = invoke(account, "f", {"n": 4})
    assert error is None
    arn = f"arn:aws:sts::{account.id}:assumed-role/f-role/f"
    assert result == {"who": arn, "n": 4, "name": "f", "x": "y"}
    events = account.client("logs").filter_log_events(logGroupName="/aws/lambda/f")["events"]
    lines = [event["message"] for event in events]
    assert lines[0].startswith("START RequestId")
    assert "asked 4" in lines


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("def handle(event, context): raise ValueError('no')", "ValueError", "no"),
        ("import nothing_like_it", "Runtime.ImportModuleError", "nothing_like_it"),
        ("def other(event, context): ...", "Runtime.HandlerNotFound", "handle"),
        ("def handle(event, context): return object()", "Runtime.MarshalError", "marshal"),
        ("import os\ndef handle(e, c): os._exit(3)", "Runtime.ExitError", "exit status 3"),
    ],
)
def test_a_failing_function_says_how(account: Any, code: str, kind: str, message: str) -> None:
    account.function("f", code, Timeout=30)
    result, error = invoke(account, "f", {})
    assert error == "Unhandled"
    assert result["errorType"] == kind
    assert message in result["errorMessage"]


def test_a_function_that_takes_too_long_is_ended(account: Any) -> None:
    code = "import time\ndef handle(event, context): time.sleep(60)"
    account.function("f", code, Timeout=1)
    result, error = invoke(account, "f", {})
    assert error == "Unhandled"
    assert result["errorMessage"].endswith("Task timed out after 1.00 seconds")


def test_the_functions_own_modules_come_first(account: Any) -> None:
    account.function("f", "import app\ndef handle(e, c): return app.__file__", Timeout=30)
    result, _ = invoke(account, "f", {})
    assert "/functions/" in result


def test_what_fails_asynchronously_reaches_the_destination(account: Any, eventually: Any) -> None:
    arn = f"arn:aws:sqs:us-east-1:{account.id}:failed"
    may = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn}
    account.function("f", "def handle(e, c): raise KeyError('gone')", may, Timeout=30)
    sqs, functions = account.client("sqs"), account.client("lambda")
    url = sqs.create_queue(QueueName="failed")["QueueUrl"]
    functions.put_function_event_invoke_config(
        FunctionName="f",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    answer = functions.invoke(FunctionName="f", InvocationType="Event", Payload=b'{"n": 1}')
    assert answer["StatusCode"] == 202
    [message] = eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages"))
    body = json.loads(message["Body"])
    assert body["requestPayload"] == {"n": 1}
    assert body["responsePayload"]["errorType"] == "KeyError"


def test_destination_the_functions_role_may_not_send_to_is_refused(account: Any) -> None:
    account.function("f", "def handle(e, c): pass")
    account.client("sqs").create_queue(QueueName="failed")
    destination = {"Destination": f"arn:aws:sqs:us-east-1:{account.id}:failed"}
    with pytest.raises(ClientError, match="not have permissions to call SendMessage on SQS"):
        account.client("lambda").put_function_event_invoke_config(
            FunctionName="f", DestinationConfig={"OnFailure": destination}
        )


def test_a_role_lambda_may_not_assume_is_refused(account: Any) -> None:
    role = account.role("other", service="sagemaker.amazonaws.com")
    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        account.client("lambda").create_function(
            FunctionName="f", Role=role, Code={"ZipFile": b"x"}, Handler="a.b", Runtime="python3.12"
        )


def test_reserved_concurrency_lets_asynchronous_calls_wait_their_turn(
    account: Any, eventually: Any
) -> None:
    code = (
        "import time\n"
        "def handle(e, c):\n"
        "    print('begin', flush=True)\n"
        "    time.sleep(0.3)\n"
        "    print('end', flush=True)\n"
    )
    account.function("f", code, Timeout=30)
    functions, logs = account.client("lambda"), account.client("logs")
    functions.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    for _ in range(2):
        functions.invoke(FunctionName="f", InvocationType="Event", Payload=b"{}")

    def reports() -> Any:
        groups = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/f")["logGroups"]
        found = logs.filter_log_events(logGroupName="/aws/lambda/f")["events"] if groups else []
        lines = [event["message"] for event in found if event["message"].startswith("REPORT")]
        return lines if len(lines) == 2 else None

    eventually(reports)
    point = account.client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {
                "Id": "most",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/Lambda",
                        "MetricName": "ConcurrentExecutions",
                        "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
                    },
                    "Period": 3600,
                    "Stat": "Maximum",
                },
            }
        ],
        StartTime=datetime.now(UTC) - timedelta(minutes=30),
        EndTime=datetime.now(UTC) + timedelta(minutes=30),
    )["MetricDataResults"][0]
    assert max(point["Values"]) == 1


def test_a_call_is_refused_when_the_reserved_concurrency_is_none(account: Any) -> None:
    account.function("f", "def handle(e, c): return 1", Timeout=30)
    functions = account.client("lambda")
    functions.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as refused:
        functions.invoke(FunctionName="f", Payload=b"{}")
    assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
