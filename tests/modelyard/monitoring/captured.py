"""Capture lines as the two doors write them."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/3"


def body(
    predictions: Sequence[Mapping[str, Any]], inference_id: str = "", package: str = PACKAGE
) -> str:
    """What the model server answers."""
    return json.dumps(
        {"predictions": predictions, "model_package": package, "inference_id": inference_id}
    )


def line(
    rows: Sequence[Mapping[str, Any]],
    predictions: Sequence[Mapping[str, Any]],
    time: str,
    event: str = "e1",
    inference_id: str | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """One record; `changes` replace members of the input side."""
    sent = json.dumps({"instances": list(rows)})
    metadata = {"eventId": event, "inferenceTime": time}
    if inference_id:
        metadata["inferenceId"] = inference_id
    return {
        "captureData": {
            "endpointInput": {
                "observedContentType": "application/json",
                "mode": "INPUT",
                "data": sent,
                "encoding": "JSON",
                **changes,
            },
            "endpointOutput": {
                "observedContentType": "application/json",
                "mode": "OUTPUT",
                "data": body(predictions, inference_id or f"server-{event}"),
                "encoding": "JSON",
            },
        },
        "eventMetadata": metadata,
        "eventVersion": "0",
    }


def slices(record: Mapping[str, Any], size: int) -> list[dict[str, Any]]:
    """A record cut as the container cuts what exceeds a log event."""
    text = json.dumps(record)
    metadata = record["eventMetadata"]
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    return [
        {
            "capturePart": {
                "eventId": metadata["eventId"],
                "inferenceTime": metadata["inferenceTime"],
                "sequence": number,
                "of": len(pieces),
                "data": piece,
            }
        }
        for number, piece in enumerate(pieces, 1)
    ]


def packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
