"""Lambda's Invoke, answered by running the function, and what moto forgets about functions."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.core.exceptions import ServiceException

from sandbox.concurrency import ThrottledError
from sandbox.function_destinations import SERVICE, destinations, lacking
from sandbox.trust import TrustError, role_by_arn, service_may_assume

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

LONGEST_LOG = 4096
Response = tuple[int, dict[str, str], bytes]


class InvalidParameter(ServiceException):
    """Lambda's refusal of a parameter."""

    code = "InvalidParameterValueException"


class TooManyRequests(ServiceException):
    """Lambda's refusal of an invocation for which there is no room."""

    code = "TooManyRequestsException"


def install(sandbox: Sandbox) -> None:
    """Replace moto's invocation by real ones."""

    def invoke(self: LambdaResponse) -> Response:
        name = unquote(self.path.rsplit("/", 2)[-2])
        function = self.backend.get_function(name, self._get_param("Qualifier"))
        event = _event(self.raw_body)
        kind = self.headers.get("X-Amz-Invocation-Type", "RequestResponse")
        if kind == "DryRun":
            return 204, {"status": "204"}, b""
        if kind == "Event":
            sandbox.functions.invoke_later(function.function_arn, json.dumps(event))
            return 202, {"status": "202"}, b""
        try:
            outcome = sandbox.functions.invoke(function, event)
        except ThrottledError as error:
            raise TooManyRequests(str(error)) from None
        headers = {"content-type": "application/json", "X-Amz-Executed-Version": "$LATEST"}
        if outcome.failed:
            headers["X-Amz-Function-Error"] = "Unhandled"
        if self.headers.get("X-Amz-Log-Type") == "Tail":
            tail = outcome.log.encode()[-LONGEST_LOG:]
            headers["X-Amz-Log-Result"] = base64.b64encode(tail).decode()
        return 200, headers, json.dumps(outcome.payload).encode()

    def within_moto(self: LambdaFunction, event: Any = None) -> tuple[str, bool, str]:
        """Topics and streams of moto reach functions here."""
        text = event if isinstance(event, str) else json.dumps(event)
        sandbox.functions.invoke_later(self.function_arn, text)
        return "{}", False, ""

    LambdaResponse.invoke = invoke
    LambdaFunction._invoke_lambda = within_moto
    _keep_what_moto_drops(sandbox)


def _keep_what_moto_drops(sandbox: Sandbox) -> None:
    create = LambdaBackend.create_function
    configure = LambdaBackend.put_function_event_invoke_config

    def create_function(self: LambdaBackend, spec: dict[str, Any]) -> LambdaFunction:
        role, dead_letters = str(spec.get("Role")), spec.get("DeadLetterConfig") or {}
        _require_role(role)
        if dead_letters.get("TargetArn"):
            _require_way(sandbox, role, dead_letters["TargetArn"])
        function = create(self, spec)
        function.dead_letter_config = dead_letters
        return function

    def put_function_event_invoke_config(
        self: LambdaBackend, function_name: str, config: dict[str, Any]
    ) -> dict[str, Any]:
        function = self.get_function(function_name)
        for arn in destinations(config.get("DestinationConfig")):
            _require_way(sandbox, function.role, arn)
        function.event_invoke_config.clear()
        return dict(configure(self, function_name, config))

    LambdaBackend.create_function = create_function
    LambdaBackend.put_function_event_invoke_config = put_function_event_invoke_config


def _require_role(arn: str) -> None:
    try:
        role, account = role_by_arn(arn)
        service_may_assume(role, account, SERVICE)
    except TrustError:
        raise InvalidParameter(
            "The role defined for the function cannot be assumed by Lambda."
        ) from None


def _require_way(sandbox: Sandbox, role: str, arn: str) -> None:
    missing = lacking(sandbox, role, arn)
    if missing:
        raise InvalidParameter(
            f"The provided execution role does not have permissions to call {missing}"
        )


def _event(body: Any) -> Any:
    text = body.decode() if isinstance(body, bytes) else body
    try:
        return json.loads(text or "{}")
    except ValueError as error:
        raise ServiceException(
            "InvalidRequestContentException", f"Could not parse request body into json: {error}"
        ) from None
