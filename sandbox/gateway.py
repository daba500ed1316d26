"""The sandbox's front door: every request is identified, judged, answered and recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from sandbox.api_call import ApiCall, answered, answering, credential_of, read_call
from sandbox.control import PREFIX, control
from sandbox.faults import Answer, fault
from sandbox.mlflow_tracking import PREFIX as TRACKING
from sandbox.mlflow_tracking import Tracking

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

log = logging.getLogger(__name__)


class Gateway:
    """The WSGI application in front of moto."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.tracking = Tracking()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(PREFIX):
            answer = control(self.sandbox, environ)
        elif path.startswith("/moto-api"):
            answer = self._ask_moto(environ)
        else:
            answer = self._serve(environ)
        reason = HTTPStatus(answer.status).phrase if answer.status in _STATUSES else "Unknown"
        start_response(f"{answer.status} {reason}", answer.headers)
        return [answer.body]

    def _serve(self, environ: dict[str, Any]) -> Answer:
        credential = credential_of(environ)
        principal = self.sandbox.sessions.principal(credential.access_key if credential else None)
        call = read_call(environ, credential, principal)
        if environ.get("PATH_INFO", "").startswith(TRACKING):
            return self.tracking.answer(call, environ)
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = call.account
        token = answering(call)
        try:
            answer = self._answer(call, environ)
        finally:
            answered(token)
        try:
            self.sandbox.record(call, answer)
        except Exception:
            # A call that cannot be shown afterwards is a defect its caller must hear of.
            return self._defect(call)
        return answer

    def _answer(self, call: ApiCall, environ: dict[str, Any]) -> Answer:
        try:
            return self.sandbox.judge(call) or self._ask_moto(environ)
        except NotImplementedError as error:
            message = f"The sandbox does not know {call.prefix}:{call.operation}: {error}"
            return fault(call, "NotImplemented", message, 501)
        except Exception:
            return self._defect(call)

    def _defect(self, call: ApiCall) -> Answer:
        log.exception("%s %s failed", call.service, call.operation)
        message = f"A defect of the sandbox in {call.prefix}:{call.operation}; see its log"
        return fault(call, "InternalFailure", message, 500)

    def _ask_moto(self, environ: dict[str, Any]) -> Answer:
        started: dict[str, Any] = {}

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], None]:
            started.update(status=status, headers=headers)
            return lambda data: None

        chunks = self.moto(environ, start_response)
        try:
            body = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        return Answer(int(started["status"].split(" ", 1)[0]), started["headers"], body)


_STATUSES = {status.value for status in HTTPStatus}
