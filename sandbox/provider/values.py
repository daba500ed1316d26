"""Values as they cross the wire from a Pulumi program: secrets, numbers, unknowns and assets."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime import known_types, rpc

from sandbox.provider.assets import Package, package

REDACTED = "[secret]"


@dataclass(frozen=True)
class Properties:
    """Plain property values, and the names of those that are secret."""

    values: Mapping[str, Any]
    secrets: frozenset[str] = frozenset()

    def on_the_wire(self, values: Mapping[str, Any], more: frozenset[str]) -> dict[str, Any]:
        """`values` with every property of the same name as a secret wrapped as one."""
        hidden = self.secrets | more
        return {
            key: rpc.wrap_rpc_secret(value) if key in hidden else value
            for key, value in values.items()
        }


def read_properties(struct: Any, folder: Path) -> Properties:
    """The properties of a request; assets with relative paths lie in `folder`."""
    received = rpc.deserialize_properties(struct, keep_unknowns=True)
    secrets = frozenset(key for key, value in received.items() if rpc.is_rpc_secret(value))
    values = {
        key: _plain(rpc.unwrap_rpc_secret(value), folder)
        for key, value in received.items()
        if not key.startswith("__")
    }
    return Properties(values, secrets)


def unknown_properties(properties: Properties) -> list[str]:
    """The names of the properties that hold an unknown value at any depth."""
    return sorted(key for key, value in properties.values.items() if _holds_unknown(value))


def as_struct(values: Mapping[str, Any]) -> Any:
    """Property values as they go back to the program; archives it keeps itself."""
    struct = struct_pb2.Struct()
    struct.update({key: value for key, value in values.items() if not isinstance(value, Package)})
    return struct


def redacted(values: Mapping[str, Any], secrets: frozenset[str]) -> dict[str, Any]:
    """`values` as JSON that may be shown: no secret in clear."""
    return {
        key: REDACTED if key in secrets else as_json(value) for key, value in sorted(values.items())
    }


def fingerprinted(values: Mapping[str, Any], secrets: frozenset[str], key: str) -> dict[str, Any]:
    """`values` as JSON that may be stored: a secret leaves only what tells whether it changed."""
    return {
        name: {"secret": _digest(value, key)} if name in secrets else as_json(value)
        for name, value in sorted(values.items())
    }


def as_json(value: Any) -> Any:
    """A value with archives replaced by their digest."""
    if isinstance(value, Package):
        return {"sha256": value.sha256}
    if isinstance(value, Mapping):
        return {str(key): as_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(inner) for inner in value]
    return value


def _digest(value: Any, key: str) -> str:
    text = json.dumps(as_json(value), sort_keys=True)
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def _plain(value: Any, folder: Path) -> Any:
    # Every number arrives as a float; boto3 and JSON readers expect integers where they are whole.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if rpc.is_rpc_secret(value):
        return _plain(rpc.unwrap_rpc_secret(value), folder)
    if isinstance(value, Mapping):
        return {key: _plain(inner, folder) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, folder) for inner in value]
    if known_types.is_asset(value) or known_types.is_archive(value):
        return package(value, folder)
    return value


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, str):
        return rpc.UNKNOWN in value
    if isinstance(value, Mapping):
        return any(_holds_unknown(inner) for inner in value.values())
    if isinstance(value, list):
        return any(_holds_unknown(inner) for inner in value)
    return known_types.is_unknown(value)
