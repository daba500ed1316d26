"""Data capture: what went in and out of an endpoint, as JSON lines in S3."""

from __future__ import annotations

import base64
import json
import logging
import random
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.compute.failures import CALL_ERRORS
from sandbox.compute.operations import Scope
from sandbox.compute.transfer import encryption, split_uri

log = logging.getLogger(__name__)

FLUSH_RECORDS = 100
FLUSH_SECONDS = 1.0
SIDES = {"Input": ("endpointInput", "INPUT"), "Output": ("endpointOutput", "OUTPUT")}


@dataclass(frozen=True)
class Exchange:
    """One invocation that succeeded."""

    request: bytes
    request_type: str
    response: bytes
    response_type: str
    inference_id: str | None


class Capture:
    """Collects the records of one variant and stores them in batches."""

    def __init__(
        self, scope: Scope, role: str, endpoint: str, variant: str, config: Mapping[str, Any]
    ) -> None:
        self._scope, self._role, self._config = scope, role, config
        self._prefix = f"{config['DestinationS3Uri'].rstrip('/')}/{endpoint}/{variant}"
        self._clock = scope.sandbox.clock
        self._lines: dict[str, list[str]] = {}  # by the hour that names their folder
        self._waiting = 0
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def record(self, exchange: Exchange) -> None:
        """Keep one exchange, if the sample wants it."""
        if random.random() * 100 >= self._config["InitialSamplingPercentage"]:
            return
        now = self._clock.now()
        line = json.dumps(record(exchange, self._config, now), ensure_ascii=False)
        with self._lock:
            self._lines.setdefault(f"{now:%Y/%m/%d/%H}", []).append(line)
            self._waiting += 1
            full = self._waiting >= FLUSH_RECORDS
        if full:
            self._wake.set()

    def close(self) -> None:
        """Store what is left."""
        self._closed.set()
        self._wake.set()
        self._thread.join(30)

    def _run(self) -> None:
        while not self._closed.is_set():
            self._wake.wait(FLUSH_SECONDS)
            self._wake.clear()
            self._flush()
        self._flush()

    def _flush(self) -> None:
        with self._lock:
            kept, self._lines, self._waiting = self._lines, {}, 0
        for hour, lines in kept.items():
            self._store(hour, lines)

    def _store(self, hour: str, lines: list[str]) -> None:
        now = self._clock.now()
        name = f"{now:%M-%S}-{now.microsecond // 1000:03d}-{uuid.uuid4()}.jsonl"
        bucket, key = split_uri(f"{self._prefix}/{hour}/{name}")
        body = "".join(f"{line}\n" for line in lines).encode()
        try:
            self._scope.client("s3", self._role).put_object(
                Bucket=bucket, Key=key, Body=body, **encryption(self._config.get("KmsKeyId"))
            )
        except CALL_ERRORS as error:
            log.error("%d captured records lost: %s: %s", len(lines), self._prefix, error)


def record(exchange: Exchange, config: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """One line of a capture file, as "Data capture" describes it."""
    payloads = {
        "Input": (exchange.request, exchange.request_type),
        "Output": (exchange.response, exchange.response_type),
    }
    captured: dict[str, Any] = {}
    for option in config["CaptureOptions"]:
        wanted = option["CaptureMode"]
        for side in ("Input", "Output") if wanted == "InputAndOutput" else (wanted,):
            member, mode = SIDES[side]
            captured[member] = _payload(*payloads[side], mode, config)
    metadata = {
        "eventId": str(uuid.uuid4()),
        "inferenceTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if exchange.inference_id:
        metadata["inferenceId"] = exchange.inference_id
    return {"captureData": captured, "eventMetadata": metadata, "eventVersion": "0"}


def _payload(
    data: bytes, content_type: str, mode: str, config: Mapping[str, Any]
) -> dict[str, str]:
    kinds = config.get("CaptureContentTypeHeader") or {}
    bare = content_type.split(";")[0].strip()
    described = {"observedContentType": content_type, "mode": mode}
    for encoding, member in (("CSV", "CsvContentTypes"), ("JSON", "JsonContentTypes")):
        if bare in (kinds.get(member) or ()):
            return described | {"data": data.decode("utf-8", "replace"), "encoding": encoding}
    return described | {"data": base64.b64encode(data).decode(), "encoding": "BASE64"}
