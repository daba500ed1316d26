"""What one side of a capture record holds: rows sent, predictions answered."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelyard.data import DataError
from modelyard.requests import PARSERS, Row


class Unusable(Exception):  # noqa: N818 (a reason that is counted, not a defect)
    """Why a record says nothing; never quotes what it holds."""


@dataclass(frozen=True)
class Answer:
    """The body that the model server answered."""

    predictions: Sequence[Mapping[str, Any]]
    model_package: str
    inference_id: str


def rows(captured: Mapping[str, Any]) -> Sequence[Row]:
    """The rows a client sent."""
    side = captured.get("endpointInput")
    if not isinstance(side, dict):
        raise Unusable("the record has no input")
    body = _body(side)
    parse = PARSERS[_content_type(side, body)]
    try:
        return parse(body).rows
    except DataError:
        raise Unusable("the input holds no rows that can be read") from None


def answer(captured: Mapping[str, Any]) -> Answer:
    """What the server answered."""
    side = captured.get("endpointOutput")
    if not isinstance(side, dict):
        raise Unusable("the record has no output")
    try:
        document = json.loads(_body(side))
        predictions = document["predictions"]
    except (ValueError, KeyError, TypeError):
        raise Unusable("the output holds no predictions") from None
    if not isinstance(predictions, list) or not all(isinstance(one, dict) for one in predictions):
        raise Unusable("the output holds no predictions")
    package, named = document.get("model_package"), document.get("inference_id")
    return Answer(predictions, str(package or ""), str(named or ""))


def _body(side: Mapping[str, Any]) -> bytes:
    data = side.get("data")
    if not isinstance(data, str):
        raise Unusable("the record has no payload")
    if str(side.get("encoding", "")).upper() != "BASE64":
        return data.encode()
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Unusable("the payload is not base64") from None


def _content_type(side: Mapping[str, Any], body: bytes) -> str:
    """The observed type; where none was observed, the encoding or the first character tells."""
    observed = str(side.get("observedContentType") or "").partition(";")[0].strip().lower()
    if observed in PARSERS:
        return observed
    if str(side.get("encoding", "")).upper() == "CSV":
        return "text/csv"
    return "application/json" if body.lstrip()[:1] == b"{" else "text/csv"
