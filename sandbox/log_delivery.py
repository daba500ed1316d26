"""Firehose to S3: delivery streams that buffer on the clock and write as their role."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.firehose.models import DeliveryStream, firehose_backends

from sandbox.clock import Timer
from sandbox.delivery_objects import ProcessingError, body, key, processed, processors
from sandbox.trust import TrustError
from sandbox.under_way import UnderWay

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

log = logging.getLogger(__name__)

SERVICE = "firehose.amazonaws.com"
MEGABYTE = 1024 * 1024
# "If Firehose cannot write to S3 it retries for up to 24 hours" and drops the data then.
KEEPS_TRYING = timedelta(hours=24)


@dataclass
class _Buffer:
    """What waits for one stream."""

    records: list[bytes] = field(default_factory=list)
    size: int = 0
    arrived: datetime | None = None
    timer: Timer | None = None


class LogDelivery:
    """The buffers of all delivery streams."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._lock = threading.Lock()
        self._buffers: dict[str, _Buffer] = {}
        self._under_way = UnderWay()
        sandbox.clock.wait_for(self._under_way.busy)

    def put(self, arn: str, records: Sequence[bytes]) -> None:
        """Records for a delivery stream."""
        found = self._find(arn)
        if found is None:
            log.warning("%s does not exist", arn)
            return
        seconds, megabytes = _hints(_destination(found))
        with self._lock:
            buffer = self._buffers.setdefault(arn, _Buffer())
            buffer.records += records
            buffer.size += sum(len(record) for record in records)
            if buffer.arrived is None:
                buffer.arrived = self._sandbox.clock.now()
            if buffer.size >= megabytes * MEGABYTE:
                self._later(arn, buffer, 0)
            elif buffer.timer is None:
                self._later(arn, buffer, seconds)

    def _later(self, arn: str, buffer: _Buffer, seconds: float) -> None:
        if buffer.timer:
            buffer.timer.cancel()
        buffer.timer = self._sandbox.clock.at(
            self._sandbox.clock.time() + seconds, lambda due: self._flush(arn)
        )

    def _flush(self, arn: str) -> None:
        with self._lock:
            buffer = self._buffers.pop(arn, None)
        if buffer and buffer.records:
            self._under_way.begin()
            self._sandbox.submit(self._write, arn, buffer)

    def _write(self, arn: str, buffer: _Buffer) -> None:
        stream = self._find(arn)
        try:
            if stream is not None:
                self._write_objects(stream, buffer)
        except (TrustError, ClientError) as error:
            log.warning("%s could not deliver: %s", arn, error)
            self._again(arn, buffer, _hints(_destination(stream))[0])
        finally:
            self._under_way.end()

    def _write_objects(self, stream: DeliveryStream, buffer: _Buffer) -> None:
        destination = _destination(stream)
        steps = processors(destination)
        good: list[bytes] = []
        bad: list[bytes] = []
        for record in buffer.records:
            try:
                good.append(processed(record, steps))
            except ProcessingError as error:
                bad.append(json.dumps({"error": str(error), "rawData": record.hex()}).encode())
        arrived = buffer.arrived or self._sandbox.clock.now()
        for records, failed in ((good, None), (bad, "processing-failed")):
            if any(records):
                self._put_object(stream, destination, records, arrived, failed)

    def _put_object(
        self,
        stream: DeliveryStream,
        destination: Mapping[str, Any],
        records: list[bytes],
        arrived: datetime,
        failed: str | None,
    ) -> None:
        region = stream.delivery_stream_arn.split(":")[3]
        name = stream.delivery_stream_name
        client = self._sandbox.client("s3", destination["RoleARN"], name, SERVICE, region)
        now = self._sandbox.clock.now()
        client.put_object(
            Bucket=destination["BucketARN"].split(":::")[1],
            Key=key(name, stream.version_id, destination, arrived, now, failed),
            Body=body(records, {} if failed else destination),
            **_encryption(destination),
        )

    def _again(self, arn: str, buffer: _Buffer, seconds: float) -> None:
        """What could not be written waits for the next time, before what came since."""
        now = self._sandbox.clock.now()
        if now - (buffer.arrived or now) > KEEPS_TRYING:
            log.error("%s dropped %s records", arn, len(buffer.records))
            return
        with self._lock:
            since = self._buffers.setdefault(arn, _Buffer())
            since.records[:0] = buffer.records
            since.size += buffer.size
            since.arrived = buffer.arrived
            self._later(arn, since, max(seconds, 60.0))

    def _find(self, arn: str) -> DeliveryStream | None:
        region, account = arn.split(":")[3:5]
        return firehose_backends[account][region].delivery_streams.get(arn.rsplit("/", 1)[-1])


def _destination(stream: DeliveryStream | None) -> Mapping[str, Any]:
    stated = stream.destinations[0] if stream else {}
    return dict(stated.get("ExtendedS3") or stated.get("S3") or {})


def _encryption(destination: Mapping[str, Any]) -> dict[str, str]:
    configured = destination.get("EncryptionConfiguration") or {}
    key = (configured.get("KMSEncryptionConfig") or {}).get("AWSKMSKeyARN")
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key} if key else {}


def _hints(destination: Mapping[str, Any]) -> tuple[float, float]:
    hints = destination.get("BufferingHints") or {}
    return float(hints.get("IntervalInSeconds", 300)), float(hints.get("SizeInMBs", 5))
