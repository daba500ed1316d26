"""CloudWatch Logs: the key of a log group that exists already, which moto cannot change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.kms.models import kms_backends
from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.logs.models import LogGroup
from moto.logs.responses import LogsResponse

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


def install(sandbox: Sandbox) -> None:
    """Answer the operations on a log group's key."""
    for operation in (associate_kms_key, disassociate_kms_key):
        setattr(LogsResponse, operation.__name__, operation)


def associate_kms_key(self: LogsResponse) -> str:
    """What is written from now on is encrypted with the key."""
    group, arn = _group(self), str(self._get_param("kmsKeyId"))
    _refuse_unusable(arn)
    group.kms_key_id = arn
    return ""


def disassociate_kms_key(self: LogsResponse) -> str:
    """What is written from now on is encrypted by the service."""
    _group(self).kms_key_id = None
    return ""


def _group(self: LogsResponse) -> LogGroup:
    name = self._get_param("logGroupName")
    if not name:
        identifier = str(self._get_param("resourceIdentifier") or "")
        name = identifier.partition(":log-group:")[2].removesuffix(":*")
    group = self.logs_backend.groups.get(name)
    if group is None:
        raise ResourceNotFoundException()
    return group


def _refuse_unusable(arn: str) -> None:
    parts = arn.split(":")
    if len(parts) != 6 or not parts[5].startswith("key/"):
        raise InvalidParameterException(f"The KMS key {arn} is not the ARN of a key")
    backend = kms_backends[parts[4]][parts[3]]
    key = backend.keys.get(parts[5].removeprefix("key/"))
    if key is None or not key.enabled:
        raise InvalidParameterException(f"The specified KMS key {arn} could not be found or used")
