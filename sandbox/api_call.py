"""What an HTTP request asks of AWS: service, operation, parameters and who is asking."""

from __future__ import annotations

import io
import logging
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from botocore.exceptions import UnknownServiceError
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

from sandbox.sessions import Principal

log = logging.getLogger(__name__)

# Where botocore's name of a service is not the name its requests are signed for.
SIGNED_AS = {
    "elasticfilesystem": "efs",
    "monitoring": "cloudwatch",
    "sso": "sso-admin",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}
# Where the service prefix of IAM actions is not botocore's name.
IAM_PREFIX = {
    "sagemaker-runtime": "sagemaker",
    "sagemaker-metrics": "sagemaker",
    "sagemaker-featurestore-runtime": "sagemaker",
    "s3control": "s3",
    "sso-admin": "sso",
    "stepfunctions": "states",
    "efs": "elasticfilesystem",
    "resourcegroupstaggingapi": "tag",
}
UNSIGNED = {"AssumeRoleWithSAML": "sts", "AssumeRoleWithWebIdentity": "sts"}


@dataclass(frozen=True)
class Credential:
    """The part of a signature that says who, where and for which service."""

    access_key: str
    region: str
    signed_for: str


@dataclass(frozen=True)
class ApiCall:
    """One request to AWS, parsed by the service's own model."""

    id: str
    service: str
    operation: str
    parameters: Mapping[str, Any]
    principal: Principal
    account: str
    region: str
    time: datetime
    source_ip: str
    user_agent: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """The service part of the IAM action."""
        return IAM_PREFIX.get(self.service, self.service)


_current: ContextVar[ApiCall | None] = ContextVar("current_call", default=None)


def current_call() -> ApiCall | None:
    """The call this thread is answering, if any."""
    return _current.get()


def answering(call: ApiCall | None) -> Any:
    """Mark the call this thread answers; the token undoes it with `answered`."""
    return _current.set(call)


def answered(token: Any) -> None:
    """The thread is done with the call marked by `answering`."""
    _current.reset(token)


def credential_of(environ: Mapping[str, Any]) -> Credential | None:
    """The credential scope of a signed request, from its header or presigned query."""
    text = environ.get("HTTP_AUTHORIZATION", "")
    if "Credential=" in text:
        return _scope(text.split("Credential=", 1)[1].split(",", 1)[0])
    query = parse_qs(environ.get("QUERY_STRING", ""))
    if "X-Amz-Credential" in query:
        return _scope(query["X-Amz-Credential"][0])
    if "AWSAccessKeyId" in query:
        return Credential(query["AWSAccessKeyId"][0], "us-east-1", "s3")
    if text.startswith("AWS "):
        return Credential(text[4:].split(":", 1)[0], "us-east-1", "s3")
    return None


def service_of(credential: Credential | None, environ: Mapping[str, Any]) -> str:
    """botocore's name of the service a request is meant for."""
    if credential is None:
        form = parse_qs(_body(environ).decode("utf-8", "replace"))
        return UNSIGNED.get(form.get("Action", [""])[0], "s3")
    path = environ.get("PATH_INFO", "")
    if credential.signed_for == "sagemaker":
        if path.startswith("/endpoints/"):
            return "sagemaker-runtime"
        if path.endswith("BatchPutMetrics"):
            return "sagemaker-metrics"
        if path.startswith("/FeatureGroup/"):
            return "sagemaker-featurestore-runtime"
    if credential.signed_for == "s3" and path.startswith("/v20180820/"):
        return "s3control"
    return SIGNED_AS.get(credential.signed_for, credential.signed_for)


def _account(principal: Principal, parameters: Mapping[str, Any]) -> str:
    """Whoever is not known yet signs in to the account of the role."""
    role = str(parameters.get("RoleArn", "")).split(":")
    return role[4] if principal.kind == "Anonymous" and len(role) == 6 else principal.account


def read_call(
    environ: Mapping[str, Any], credential: Credential | None, principal: Principal
) -> ApiCall:
    """Parse a request; an operation that the service's model lacks has an empty name."""
    service = service_of(credential, environ)
    operation, parameters = _parse(service, dict(environ))
    environ["wsgi.input"].seek(0)
    return ApiCall(
        id=str(uuid.uuid4()),
        service=service,
        operation=operation,
        parameters=parameters,
        principal=principal,
        account=_account(principal, parameters),
        region=credential.region if credential else "us-east-1",
        time=datetime.now(UTC),
        source_ip=environ.get("REMOTE_ADDR", "127.0.0.1"),
        user_agent=environ.get("HTTP_USER_AGENT", ""),
        headers={
            k[5:].lower().replace("_", "-"): str(v) for k, v in environ.items() if k[:5] == "HTTP_"
        },
    )


def _parse(service: str, environ: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    environ["wsgi.input"] = io.BytesIO(_body(environ))
    request = Request(environ, populate_request=False)
    try:
        model = get_service_model(service)
        operation, labels = get_service_router(service).match(request)
    except (HTTPException, NotImplementedError, UnknownServiceError):
        return "", {}
    if operation.input_shape is None:
        return operation.name, {}
    parser = PROTOCOL_PARSERS[determine_request_protocol(model, request.content_type)](operation)
    payload = operation.input_shape.serialization.get("payload")
    opaque = payload and operation.input_shape.members[payload].type_name == "blob"
    try:
        parameters = parser.parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": b"" if opaque else request.get_data(),
                "url_path": request.path,
                "url_params": labels,
            }
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        log.info("%s %s: parameters not understood: %s", service, operation.name, error)
        return operation.name, dict(labels)
    if opaque:
        parameters.pop(payload, None)
    return operation.name, dict(parameters)


def _body(environ: Mapping[str, Any]) -> bytes:
    stream = environ["wsgi.input"]
    return bytes(stream.getbuffer())


def _scope(text: str) -> Credential | None:
    parts = text.strip().split("/")
    if len(parts) < 5:
        return None
    return Credential("/".join(parts[:-4]), parts[-3], parts[-2].lower())
