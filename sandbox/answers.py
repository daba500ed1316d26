"""What an HTTP answer of moto says: its error code, or the result in the service's own terms."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from botocore.parsers import ResponseParser, ResponseParserError, create_parser
from moto.core.utils import get_service_model

from sandbox.api_call import ApiCall
from sandbox.faults import Answer

CODE = re.compile(rb"<Code>([^<]*)</Code>")
MESSAGE = re.compile(rb"<Message>([^<]*)</Message>")
REFUSALS = {"AccessDeniedException": "AccessDenied", "UnauthorizedOperation": "AccessDenied"}


def error_of(answer: Answer) -> tuple[str, str] | None:
    """Code and message of an error answer, with one code for every refusal of IAM."""
    if answer.status < 400:
        return None
    code, message = _from_json(answer) or _from_xml(answer)
    return REFUSALS.get(code, code), message


def elements(call: ApiCall, answer: Answer) -> dict[str, Any]:
    """The result of a successful call; empty when it has none or cannot be read."""
    model = get_service_model(call.service)
    shape = model.operation_model(call.operation).output_shape
    if shape is None or not answer.body:
        return {}
    protocol = "json" if call.service == "cloudwatch" else str(model.protocol)
    response = {
        "status_code": answer.status,
        "headers": {name.lower(): value for name, value in answer.headers},
        "body": answer.body,
    }
    try:
        parsed = dict(_parser(protocol).parse(response, shape))
    except (ResponseParserError, ValueError, KeyError, TypeError):
        return {}
    parsed.pop("ResponseMetadata", None)
    return parsed


@cache
def _parser(protocol: str) -> ResponseParser:
    return create_parser(protocol)


def _from_json(answer: Answer) -> tuple[str, str] | None:
    try:
        body = json.loads(answer.body)
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    headers = {name.lower(): value for name, value in answer.headers}
    code = body.get("__type") or headers.get("x-amzn-errortype") or body.get("code")
    message = body.get("message") or body.get("Message") or ""
    return str(code or answer.status).split("#")[-1].split(":")[0], str(message)


def _from_xml(answer: Answer) -> tuple[str, str]:
    code, message = CODE.search(answer.body), MESSAGE.search(answer.body)
    return (
        code.group(1).decode() if code else str(answer.status),
        message.group(1).decode("utf-8", "replace") if message else "",
    )
