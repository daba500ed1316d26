"""Inferences on the standard output: the second way to capture them, where the endpoint may not.

One JSON line each, in the format of SageMaker's data capture, so that one reader reads both. The
event id counts the inferences of a server: a number that is missing is an inference that was lost.
Log drivers cut lines at 16 KiB (Docker's json-file and awslogs), so a longer line goes out in
numbered slices of less, which together are the line.
"""

import base64
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

LINE_BYTES = 12 * 1024
# A slice's quotes and backslashes are escaped again: it can double.
_SLICE = LINE_BYTES // 2 - 256
_ENCODINGS = {"text/csv": "CSV", "application/json": "JSON"}


@dataclass(frozen=True)
class Inference:
    """One answered request."""

    content_type: str
    request: bytes
    answer: bytes
    inference_id: str


class CaptureLog:
    """Writes inferences to a stream, numbered without gaps."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._server = uuid.uuid4().hex
        self.written = 0

    def write(self, inference: Inference, when: datetime | None = None) -> None:
        """One inference; the number is used up even if the stream fails."""
        self.written += 1
        event = f"{self._server}-{self.written}"
        text = json.dumps(record(inference, event, when or datetime.now(UTC)))
        lines = [text] if len(text) < LINE_BYTES else list(_slices(text, event))
        self._stream.write("".join(f"{line}\n" for line in lines).encode())
        self._stream.flush()


def record(inference: Inference, event: str, when: datetime) -> dict[str, Any]:
    """An inference in the format of SageMaker's data capture."""
    moment = when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "captureData": {
            "endpointInput": _side("INPUT", inference.content_type, inference.request),
            "endpointOutput": _side("OUTPUT", "application/json", inference.answer),
        },
        "eventMetadata": {
            "eventId": event,
            "inferenceId": inference.inference_id,
            "inferenceTime": moment,
        },
        "eventVersion": "0",
    }


def _side(mode: str, content_type: str, body: bytes) -> dict[str, str]:
    encoding = _ENCODINGS.get(content_type, "BASE64")
    data = base64.b64encode(body).decode() if encoding == "BASE64" else body.decode()
    return {"observedContentType": content_type, "mode": mode, "data": data, "encoding": encoding}


def _slices(text: str, event: str) -> Iterator[str]:
    """The line in parts; it is ASCII, so that characters are bytes."""
    pieces = [text[start : start + _SLICE] for start in range(0, len(text), _SLICE)]
    for sequence, data in enumerate(pieces, 1):
        part = {"eventId": event, "sequence": sequence, "of": len(pieces), "data": data}
        yield json.dumps({"capturePart": part})
