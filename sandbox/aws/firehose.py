"""Firehose: delivery streams to S3 that buffer, and refuse what they do not carry out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.firehose.exceptions import InvalidArgumentException, ResourceNotFoundException
from moto.firehose.models import FirehoseBackend
from moto.moto_api._internal import mock_random

from sandbox.delivery_objects import EXPRESSION, problems
from sandbox.log_delivery import SERVICE
from sandbox.trust import TrustError, role_by_arn, service_may_assume

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


def install(sandbox: Sandbox) -> None:
    """Replace moto's immediate writing, which asks nobody, by delivery as the stream's role."""
    create = FirehoseBackend.create_delivery_stream
    update = FirehoseBackend.update_destination

    def create_delivery_stream(self: FirehoseBackend, *args: Any, **kwargs: Any) -> str:
        destinations = [value for value in args if isinstance(value, dict) and "BucketARN" in value]
        if len(destinations) != 1:
            raise NotImplementedError("a delivery stream to anything but S3")
        _check(destinations[0])
        return str(create(self, *args, **kwargs))

    def update_destination(self: FirehoseBackend, *args: Any, **kwargs: Any) -> None:
        for value in args:
            if isinstance(value, dict) and "BucketARN" in value:
                _check(value)
        update(self, *args, **kwargs)

    def put_record_batch(
        self: FirehoseBackend, delivery_stream_name: str, records: list[dict[str, bytes]]
    ) -> dict[str, Any]:
        stream = self.delivery_streams.get(delivery_stream_name)
        if stream is None:
            raise ResourceNotFoundException(
                f"Firehose {delivery_stream_name} under account {self.account_id} not found."
            )
        sandbox.log_delivery.put(stream.delivery_stream_arn, [bytes(r["Data"]) for r in records])
        return {
            "FailedPutCount": 0,
            "Encrypted": False,
            "RequestResponses": [{"RecordId": str(mock_random.uuid4())} for _ in records],
        }

    FirehoseBackend.create_delivery_stream = create_delivery_stream
    FirehoseBackend.update_destination = update_destination
    FirehoseBackend.put_record_batch = put_record_batch


def _check(destination: dict[str, Any]) -> None:
    if problem := problems(destination):
        raise NotImplementedError(f"{problem} of a delivery stream")
    prefix = str(destination.get("Prefix") or "")
    if EXPRESSION.search(prefix) and not destination.get("ErrorOutputPrefix"):
        raise InvalidArgumentException(
            "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions."
        )
    try:
        role, account = role_by_arn(str(destination["RoleARN"]))
        service_may_assume(role, account, SERVICE)
    except TrustError:
        raise InvalidArgumentException(
            f"Firehose is unable to assume role {destination['RoleARN']}. Please check the role "
            "provided."
        ) from None
