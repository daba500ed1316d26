"""Error answers in the shape the service's own clients expect."""

from __future__ import annotations

import json
from dataclasses import dataclass
from xml.sax.saxutils import escape

from botocore.exceptions import UnknownServiceError
from moto.core.utils import get_service_model

from sandbox.api_call import ApiCall


@dataclass(frozen=True)
class Answer:
    """An HTTP response in full."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def fault(call: ApiCall, code: str, message: str, status: int = 400) -> Answer:
    """The error `code` as the called service would send it."""
    protocol = _protocol(call.service)
    if protocol in ("json", "rest-json", "smithy-rpc-v2-cbor"):
        body = json.dumps({"__type": code, "message": message, "Message": message}).encode()
        kind = "application/json" if protocol == "rest-json" else "application/x-amz-json-1.1"
        return Answer(
            status,
            [("Content-Type", kind), ("x-amzn-ErrorType", code), ("x-amzn-RequestId", call.id)],
            body,
        )
    return Answer(
        status,
        [("Content-Type", "text/xml"), ("x-amzn-RequestId", call.id)],
        _XML[protocol].format(code=escape(code), message=escape(message), id=call.id).encode(),
    )


def _protocol(service: str) -> str:
    if service == "cloudwatch":
        return "json"
    try:
        return str(get_service_model(service).protocol)
    except UnknownServiceError:
        return "json"


_QUERY = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>"
    "</Error><RequestId>{id}</RequestId></ErrorResponse>"
)
_XML = {
    "query": _QUERY,
    "rest-xml": (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
        "<Message>{message}</Message><RequestId>{id}</RequestId></Error>"
    ),
    "ec2": (
        "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        "<RequestID>{id}</RequestID></Response>"
    ),
}
