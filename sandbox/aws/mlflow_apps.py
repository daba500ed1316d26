"""Managed MLflow Apps, which moto lacks: their description, not their tracking."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.s3.models import s3_backends
from moto.sagemaker.exceptions import (
    AWSValidationException,
    ResourceInUseException,
    ResourceNotFound,
)
from moto.sagemaker.responses import SageMakerResponse

from sandbox.aws.studio_domains import check_role, kept

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

KEPT_AS = "modelyard_mlflow_apps"
NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}")
CHANGEABLE = (
    "ArtifactStoreUri",
    "ModelRegistrationMode",
    "WeeklyMaintenanceWindowStart",
    "DefaultDomainIdList",
    "AccountDefaultStatus",
)


def install(sandbox: Sandbox) -> None:
    """Answer the operations on MLflow Apps."""
    for operation in (
        create_mlflow_app,
        describe_mlflow_app,
        list_mlflow_apps,
        update_mlflow_app,
        delete_mlflow_app,
    ):
        setattr(SageMakerResponse, operation.__name__, operation)


def create_mlflow_app(self: SageMakerResponse) -> ActionResult:
    name = str(self._get_param("Name"))
    if not NAME.fullmatch(name):
        raise AWSValidationException(f"Name '{name}' must match {NAME.pattern}")
    if any(app["Name"] == name for app in kept(self, KEPT_AS).values()):
        raise ResourceInUseException(f"MLflow App {name} already exists")
    check_role(self._get_param("RoleArn"))
    _check_references(self)
    arn = (
        f"arn:aws:sagemaker:{self.region}:{self.current_account}"
        f":mlflow-app/app-{secrets.token_hex(6).upper()}"
    )
    now = utcnow()
    kept(self, KEPT_AS)[arn] = {
        "Arn": arn,
        "Name": name,
        "RoleArn": self._get_param("RoleArn"),
        "Status": "Created",
        "CreationTime": now,
        "LastModifiedTime": now,
        "Tags": self._get_param("Tags") or [],
        "ModelRegistrationMode": "AutoModelRegistrationDisabled",
        "AccountDefaultStatus": "DISABLED",
        **_stated(self),
    }
    return ActionResult({"Arn": arn})


def describe_mlflow_app(self: SageMakerResponse) -> ActionResult:
    return ActionResult(_app(self))


def list_mlflow_apps(self: SageMakerResponse) -> ActionResult:
    return ActionResult({"Summaries": list(kept(self, KEPT_AS).values())})


def update_mlflow_app(self: SageMakerResponse) -> ActionResult:
    app = _app(self)
    _check_references(self)
    app.update(_stated(self), LastModifiedTime=utcnow())
    return ActionResult({"Arn": app["Arn"]})


def delete_mlflow_app(self: SageMakerResponse) -> ActionResult:
    app = _app(self)
    del kept(self, KEPT_AS)[app["Arn"]]
    return ActionResult({"Arn": app["Arn"]})


def _check_references(response: SageMakerResponse) -> None:
    uri = response._get_param("ArtifactStoreUri")
    if uri:
        bucket = str(uri).removeprefix("s3://").partition("/")[0]
        if not any(bucket in backend["aws"].buckets for backend in s3_backends.values()):
            raise AWSValidationException(f"The bucket {bucket} of ArtifactStoreUri does not exist")
    for domain in response._get_param("DefaultDomainIdList") or ():
        if domain not in response.sagemaker_backend.domains:
            raise ResourceNotFound(f"Domain {domain} does not exist")


def _app(response: SageMakerResponse) -> dict[str, Any]:
    arn = response._get_param("Arn")
    if arn not in kept(response, KEPT_AS):
        raise ResourceNotFound(f"MLflow App {arn} does not exist")
    return kept(response, KEPT_AS)[arn]


def _stated(response: SageMakerResponse) -> dict[str, Any]:
    given = {name: response._get_param(name) for name in CHANGEABLE}
    return {name: value for name, value in given.items() if value}
