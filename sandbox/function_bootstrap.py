"""Runs one invocation of a Lambda function in a process of its own; standard library only."""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


class Context:
    """The context object AWS Lambda gives a Python handler."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.aws_request_id = request["id"]
        self.invoked_function_arn = request["arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = None
        self._deadline = request["deadline"]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.time()) * 1000))


def handler_named(name: str) -> Callable[[Any, Context], Any] | dict[str, Any]:
    """The function `module.attribute` names, or the error AWS reports for it."""
    module_name, _, attribute = name.rpartition(".")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        return failure(
            "Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}"
        )
    except SyntaxError as error:
        return failure(
            "Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}"
        )
    handler = getattr(module, attribute, None)
    if handler is None:
        message = f"Handler '{attribute}' missing on module '{module_name}'"
        return failure("Runtime.HandlerNotFound", message)
    found: Callable[[Any, Context], Any] = handler
    return found


def failure(kind: str, message: str, trace: Iterable[str] = ()) -> dict[str, Any]:
    return {"errorMessage": message, "errorType": kind, "requestId": "", "stackTrace": list(trace)}


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Either {"result": ...} or {"error": ...}."""
    try:
        handler = handler_named(os.environ["_HANDLER"])
        if isinstance(handler, dict):
            return {"error": handler}
        result = handler(request["event"], Context(request))
        try:
            return {"result": json.loads(json.dumps(result))}
        except TypeError as error:
            return {
                "error": failure("Runtime.MarshalError", f"Unable to marshal response: {error}")
            }
    except Exception as error:
        frames = traceback.format_tb(error.__traceback__)[1:]
        traceback.print_exc()
        return {"error": failure(type(error).__name__, str(error), frames)}


if __name__ == "__main__":
    place = Path(sys.argv[1])
    asked = json.loads((place / "request.json").read_text("utf-8"))
    answer = run(asked)
    if "error" in answer:
        answer["error"]["requestId"] = asked["id"]
    sys.stdout.flush()
    (place / "answer.json").write_text(json.dumps(answer), "utf-8")
