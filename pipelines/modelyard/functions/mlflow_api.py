"""MLflow's REST API as a managed App serves it: plain HTTP, signed like any call to SageMaker.

So no layer is needed. Address, header and signing name are those of AWS's own plugin,
sagemaker-mlflow 0.5 (`SageMakerMLflowHostMetadataProvider`, `AuthProvider`).
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

# What the plugin calls an address of one's own; AWS SDKs have a name for it too.
_ENDPOINTS = ("SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT", "AWS_ENDPOINT_URL")
_APP_HEADER = "x-sm-mlflow-app-arn"
_SECONDS = 30
_ABSENT = "RESOURCE_DOES_NOT_EXIST"


class MlflowError(RuntimeError):
    """The tracking server refused a call."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True)
class Mlflow:
    """One App, called as the session's identity."""

    app_arn: str
    credentials: Any

    @property
    def region(self) -> str:
        return self.app_arn.split(":")[3]

    @property
    def endpoint(self) -> str:
        """The App's address, unless the environment names another."""
        stated = (os.environ.get(name) for name in _ENDPOINTS)
        own = f"https://mlflow.sagemaker.{self.region}.app.aws"
        return next((url for url in stated if url), own).rstrip("/")

    def get(self, operation: str, **query: str) -> dict[str, Any]:
        """An operation that asks."""
        return self._call("GET", f"/api/2.0/mlflow/{operation}?{urlencode(query, quote_via=quote)}")

    def post(self, operation: str, **body: Any) -> dict[str, Any]:
        """An operation that changes something, or searches."""
        return self._call("POST", f"/api/2.0/mlflow/{operation}", json.dumps(body).encode())

    def experiment(self, name: str) -> str:
        """The id of an experiment, made if there is none yet."""
        try:
            found = self.get("experiments/get-by-name", experiment_name=name)
            return str(found["experiment"]["experiment_id"])
        except MlflowError as error:
            if error.code != _ABSENT:
                raise
        return str(self.post("experiments/create", name=name)["experiment_id"])

    def upload(self, path: str, content: bytes, content_type: str) -> None:
        """An artifact through the server's own proxy, where that is how it keeps them."""
        self._call(
            "PUT", f"/api/2.0/mlflow-artifacts/artifacts/{quote(path)}", content, content_type
        )

    def _call(
        self, method: str, path: str, body: bytes = b"", content_type: str = "application/json"
    ) -> dict[str, Any]:
        headers = {"Content-Type": content_type, _APP_HEADER: self.app_arn}
        request = AWSRequest(method, f"{self.endpoint}{path}", headers, body)
        SigV4Auth(self.credentials, "sagemaker", self.region).add_auth(request)
        signed = dict(request.headers.items())
        try:
            asked = Request(str(request.url), body or None, signed, method=method)
            with urlopen(asked, timeout=_SECONDS) as answer:
                return json.loads(answer.read() or b"{}")
        except HTTPError as error:
            raise _refusal(error) from None


def _refusal(error: HTTPError) -> MlflowError:
    text = error.read().decode("utf-8", "replace")
    try:
        told: Mapping[str, Any] = json.loads(text)
    except ValueError:
        told = {}
    code = told.get("error_code") or told.get("__type") or str(error.code)
    return MlflowError(str(code), str(told.get("message") or text[:500]))
