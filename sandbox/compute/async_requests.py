"""An asynchronous request and what becomes of it: read from S3, asked, stored, announced."""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.compute.asking import INFERENCE_ID, Asked, content_type, sent
from sandbox.compute.connections import Reply
from sandbox.compute.failures import CALL_ERRORS
from sandbox.compute.operations import Scope
from sandbox.compute.transfer import encryption, split_uri
from sandbox.compute.variants import Variant

log = logging.getLogger(__name__)

LARGEST_INCLUDED = 128 * 1024  # "AsyncInferenceNotificationConfig"


@dataclass(frozen=True)
class AsyncRequest:
    """What InvokeEndpointAsync was asked."""

    id: str
    input: str
    body: bytes | None  # instead of an object in S3
    headers: Mapping[str, str]
    output: str
    failure: str | None
    seconds_to_live: int
    timeout: int
    received: datetime


class FailureError(Exception):
    """Why a request failed, and with what answer."""

    def __init__(self, reason: str, reply: Reply | None = None) -> None:
        super().__init__(reason)
        self.reply = reply


class Processing:
    """Processes the requests of one endpoint's variant."""

    def __init__(
        self, scope: Scope, endpoint: str, variant: Variant, config: Mapping[str, Any]
    ) -> None:
        self._scope, self._endpoint, self._variant = scope, endpoint, variant
        self._output: Mapping[str, Any] = config["OutputConfig"]
        self._topics: Mapping[str, Any] = self._output.get("NotificationConfig") or {}
        self._role = variant.made.role
        self._meter = variant.meter

    def process(self, request: AsyncRequest) -> None:
        """All of it; whatever happens ends in an object or a message that says so."""
        began = self._scope.sandbox.clock.now()
        waited = (began - request.received).total_seconds()
        self._meter.put("TimeInBacklog", waited * 1000, "Milliseconds")
        try:
            if waited > request.seconds_to_live:
                self._meter.put("ExpiredRequests", 1, "Count")
                raise FailureError(
                    f"The request expired: it waited longer than {request.seconds_to_live} seconds"
                )
            reply = self._ask(request)
            self._store(request.output, reply)
        except FailureError as failure:
            self._failed(request, failure)
        else:
            self._tell("SuccessTopic", request, "Completed", reply, None)
        taken = (self._scope.sandbox.clock.now() - request.received).total_seconds()
        self._meter.put("TotalProcessingTime", taken * 1000, "Milliseconds")
        self._meter.put("InvocationsProcessed", 1, "Count")

    def _ask(self, request: AsyncRequest) -> Reply:
        body = self._download(request) if request.body is None else request.body
        headers = {**request.headers, INFERENCE_ID: request.id}
        reply = sent(self._variant, Asked(body, headers, time.perf_counter()), request.timeout)
        if reply.status >= 400:
            said = reply.body.decode("utf-8", "replace")
            raise FailureError(
                f"Received error ({reply.status}) from model with message {said!r}", reply
            )
        return reply

    def _download(self, request: AsyncRequest) -> bytes:
        began = time.perf_counter()
        try:
            bucket, key = split_uri(request.input)
            s3 = self._scope.client("s3", self._role)
            body: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except CALL_ERRORS as error:
            self._meter.put("RequestDownloadFailures", 1, "Count")
            raise FailureError(f"Failed to download {request.input}: {error}") from error
        took = time.perf_counter() - began
        self._meter.put("RequestDownloadLatency", round(took * 1e6), "Microseconds")
        return body

    def _store(self, uri: str, reply: Reply) -> None:
        began = time.perf_counter()
        bucket, key = split_uri(uri)
        extra = encryption(self._output.get("KmsKeyId"))
        try:
            self._scope.client("s3", self._role).put_object(
                Bucket=bucket, Key=key, Body=reply.body, ContentType=content_type(reply), **extra
            )
        except CALL_ERRORS as error:
            self._meter.put("ResponseUploadFailures", 1, "Count")
            raise FailureError(f"Failed to upload the response to {uri}: {error}") from error
        took = time.perf_counter() - began
        self._meter.put("ResponseUploadLatency", round(took * 1e6), "Microseconds")

    def _failed(self, request: AsyncRequest, failure: FailureError) -> None:
        self._meter.put("InvocationFailures", 1, "Count")
        reason = str(failure)
        if request.failure:
            reply = failure.reply or Reply(500, {"content-type": "text/plain"}, reason.encode())
            try:
                self._store(request.failure, reply)
            except FailureError as error:
                reason = f"{reason}; {error}"
        self._tell("ErrorTopic", request, "Failed", failure.reply, reason)

    def _tell(
        self,
        topic: str,
        request: AsyncRequest,
        status: str,
        reply: Reply | None,
        reason: str | None,
    ) -> None:
        arn = self._topics.get(topic)
        if not arn:
            return
        included = self._topics.get("IncludeInferenceResponseIn") or ()
        kind = "SUCCESS" if topic == "SuccessTopic" else "ERROR"
        with_body = f"{kind}_NOTIFICATION_TOPIC" in included
        message = self._message(request, status, reply, reason, with_body)
        try:
            sns = self._scope.client("sns", self._role)
            sns.publish(TopicArn=arn, Message=json.dumps(message))
        except CALL_ERRORS as error:
            self._meter.put("NotificationFailures", 1, "Count")
            log.warning("endpoint %s did not reach %s: %s", self._endpoint, arn, error)

    def _message(
        self,
        request: AsyncRequest,
        status: str,
        reply: Reply | None,
        reason: str | None,
        with_body: bool,
    ) -> dict[str, Any]:
        """The notification, as "Check prediction results" shows it."""
        response: dict[str, Any] = {}
        if reason is None:
            response["outputLocation"] = request.output
        elif request.failure:
            response["failureLocation"] = request.failure
        if reply is not None:
            response["contentType"] = content_type(reply)
        if with_body and reply is not None and len(reply.body) <= LARGEST_INCLUDED:
            response["responseBody"] = _encoded(reply.body)
        now = self._scope.sandbox.clock.now()
        message = {
            "awsRegion": self._scope.region,
            "eventTime": _iso(now),
            "receivedTime": _iso(request.received),
            "invocationStatus": status,
            "failureReason": reason,
            "requestParameters": {
                "contentType": request.headers.get("Content-Type"),
                "endpointName": self._endpoint,
                "inputLocation": request.input,
            },
            "responseParameters": response,
            "inferenceId": request.id,
            "eventVersion": "1.0",
            "eventSource": "aws:sagemaker",
            "eventName": "InferenceResult",
        }
        return {name: value for name, value in message.items() if value is not None}


def _encoded(body: bytes) -> dict[str, str]:
    try:
        return {"content": body.decode("utf-8"), "encoding": "UTF8"}
    except UnicodeDecodeError:
        return {"content": base64.b64encode(body).decode(), "encoding": "BASE64"}


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
