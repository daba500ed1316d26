"""How request and response values look in an audit record: CloudTrail's names, no secrets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moto.core.utils import get_service_model

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
SECRET_MEMBERS = frozenset(
    {
        "SecretString", "SecretAccessKey", "secretAccessKey", "SessionToken", "sessionToken",
        "Password", "MasterUserPassword", "SAMLAssertion", "WebIdentityToken", "Plaintext",
        "authorizationToken", "PrivateKey", "Variables",
    }
)  # fmt: skip
LONGEST = 20_000


def recorded(
    service: str, operation: str, side: str, values: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """The `input` or `output` of an operation as CloudTrail writes it; None when empty."""
    if not values or not operation:
        return None
    model = get_service_model(service).operation_model(operation)
    shape = model.input_shape if side == "input" else model.output_shape
    if shape is None:
        return None
    secure = values.get("Type") == "SecureString"
    written = _structure(shape, values)
    if secure and "value" in written:
        written["value"] = HIDDEN
    return written or None


def _structure(shape: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    written = {}
    for name, value in values.items():
        member = shape.members.get(name)
        if member is None or value is None or member.type_name == "blob":
            continue
        key = name[:1].lower() + name[1:]
        hidden = name in SECRET_MEMBERS or member.metadata.get("sensitive")
        written[key] = HIDDEN if hidden else _value(member, value)
    return written


def _value(shape: Any, value: Any) -> Any:
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping):
        return _structure(shape, value)
    if kind == "list" and isinstance(value, list | tuple):
        return [_value(shape.member, item) for item in value]
    if kind == "map" and isinstance(value, Mapping):
        return {str(name): _value(shape.value, item) for name, item in value.items()}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return HIDDEN
    if isinstance(value, str) and len(value) > LONGEST:
        return value[:LONGEST] + "..."
    return value
