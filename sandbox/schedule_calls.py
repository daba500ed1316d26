"""The call that each kind of schedule target gets from EventBridge Scheduler."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore import xform_name

UNIVERSAL = "arn:aws:scheduler:::aws-sdk:"


class TargetError(Exception):
    """A target that took the call and refused what it carried."""


def service_of(arn: str) -> str:
    """The service whose client reaches a target."""
    return arn.removeprefix(UNIVERSAL).split(":")[0] if _is_universal(arn) else arn.split(":")[2]


def call(client: Any, target: Mapping[str, Any], text: str) -> None:
    """Call a target with its input; botocore's errors and TargetError tell of a refusal."""
    arn = str(target["Arn"])
    if _is_universal(arn):
        operation = arn.rsplit(":", 1)[-1]
        getattr(client, xform_name(operation[:1].upper() + operation[1:]))(**json.loads(text))
        return
    TARGETS[arn.split(":")[2]](client, target, text)


def _is_universal(arn: str) -> bool:
    return arn.startswith(UNIVERSAL)


def queue_url(client: Any, arn: str) -> str:
    """A queue's address, by its ARN."""
    _, account, name = arn.split(":")[3:6]
    return f"{client.meta.endpoint_url}/{account}/{name}"


def _function(client: Any, target: Mapping[str, Any], text: str) -> None:
    client.invoke(FunctionName=target["Arn"], InvocationType="Event", Payload=text.encode())


def _topic(client: Any, target: Mapping[str, Any], text: str) -> None:
    client.publish(TopicArn=target["Arn"], Message=text)


def _queue(client: Any, target: Mapping[str, Any], text: str) -> None:
    group = (target.get("SqsParameters") or {}).get("MessageGroupId")
    client.send_message(
        QueueUrl=queue_url(client, str(target["Arn"])),
        MessageBody=text,
        **({"MessageGroupId": group} if group else {}),
    )


def _bus(client: Any, target: Mapping[str, Any], text: str) -> None:
    stated = target["EventBridgeParameters"]
    entry = {
        "Source": stated["Source"],
        "DetailType": stated["DetailType"],
        "Detail": text,
        "EventBusName": target["Arn"],
    }
    answer = client.put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise TargetError(str(answer["Entries"][0].get("ErrorMessage")))


def _pipeline(client: Any, target: Mapping[str, Any], text: str) -> None:
    stated = target.get("SageMakerPipelineParameters") or {}
    client.start_pipeline_execution(
        PipelineName=str(target["Arn"]).rsplit("/", 1)[-1],
        PipelineParameters=stated.get("PipelineParameterList") or [],
    )


TARGETS: Mapping[str, Callable[[Any, Mapping[str, Any], str], None]] = {
    "events": _bus,
    "lambda": _function,
    "sagemaker": _pipeline,
    "sns": _topic,
    "sqs": _queue,
}
