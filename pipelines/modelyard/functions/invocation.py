"""One request to an endpoint from a function, told apart by who answered: the model or nobody."""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

JSON, CSV = "application/json", "text/csv"
# A failed request is a finding, which a silent retry would hide.
AS_IT_IS = Config(retries={"total_max_attempts": 1}, read_timeout=30, max_pool_connections=16)
_POLL_S = 0.2


@dataclass(frozen=True)
class Reply:
    """An answer: the model's status (SageMaker's own where the model was not reached) and text."""

    status: int
    text: str
    seconds: float

    @property
    def document(self) -> Mapping[str, Any]:
        """The answer as a JSON object; empty where it is none."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return {}
        return found if isinstance(found, Mapping) else {}


class Invoker(Protocol):
    """Sends a body to the model under test."""

    def __call__(self, body: bytes, content_type: str = JSON) -> Reply: ...


@dataclass(frozen=True)
class RealTime:
    """InvokeEndpoint."""

    runtime: Any
    endpoint: str

    def __call__(self, body: bytes, content_type: str = JSON) -> Reply:
        begun = time.monotonic()
        try:
            answer = self.runtime.invoke_endpoint(
                EndpointName=self.endpoint, ContentType=content_type, Body=body
            )
            status, text = 200, answer["Body"].read().decode()
        except ClientError as error:
            status, text = _refusal(error)
        except BotoCoreError as error:
            status, text = 503, str(error)
        return Reply(status, text, time.monotonic() - begun)


@dataclass(frozen=True)
class Asynchronous:
    """InvokeEndpointAsync: the body goes to S3, and the answer or the failure comes back there."""

    runtime: Any
    s3: Any
    endpoint: str
    bucket: str
    key_arn: str
    patience_s: float

    def __call__(self, body: bytes, content_type: str = JSON) -> Reply:
        begun, key = time.monotonic(), f"async/input/verification-{uuid.uuid4().hex}"
        self.s3.put_object(
            Bucket=self.bucket,
            Key=key,
            Body=body,
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self.key_arn,
        )
        try:
            begun_call = self.runtime.invoke_endpoint_async(
                EndpointName=self.endpoint,
                ContentType=content_type,
                InputLocation=f"s3://{self.bucket}/{key}",
            )
        except ClientError as error:
            status, text = _refusal(error)
            return Reply(status, text, time.monotonic() - begun)
        places = {200: begun_call["OutputLocation"], 400: begun_call.get("FailureLocation")}
        while time.monotonic() - begun < self.patience_s:
            for status, place in places.items():
                text_there = self._stored(place) if place else None
                if text_there is not None:
                    return Reply(status, text_there, time.monotonic() - begun)
            time.sleep(_POLL_S)
        return Reply(504, f"no answer within {self.patience_s:.0f} s", time.monotonic() - begun)

    def _stored(self, uri: str) -> str | None:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        try:
            body = self.s3.get_object(Bucket=bucket, Key=key)["Body"]
        except self.s3.exceptions.NoSuchKey:
            return None
        return str(body.read().decode())


def _refusal(error: ClientError) -> tuple[int, str]:
    """What the model said, or the service where the request did not come that far."""
    answer: Mapping[str, Any] = error.response
    status = answer.get("OriginalStatusCode")
    if status:
        return int(status), str(answer.get("OriginalMessage", ""))
    sent = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 503)
    return int(sent), str(answer["Error"]["Message"])
