"""Property values between Pulumi's engine and the handlers: unknowns, secrets and archives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime import rpc

from sandbox.provider.assets import Package, package

# The engine writes an unknown value as one of these, by the type it expects.
UNKNOWNS = frozenset(
    {
        rpc.UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
ASSETS = ("c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7")


@dataclass(frozen=True)
class Archive:
    """An asset or archive as the engine names it; its bytes are read when somebody needs them."""

    named: struct_pb2.Struct = field(compare=False, repr=False)
    folder: Path = field(compare=False)
    hash: str

    @cached_property
    def _package(self) -> Package:
        return package(rpc.deserialize_property(self.named), self.folder)

    @property
    def data(self) -> bytes:
        """The bytes, zipped when they are many files."""
        return self._package.data

    @property
    def sha256(self) -> str:
        """Hexadecimal digest of the bytes."""
        return self._package.sha256

    @property
    def code_sha256(self) -> str:
        """The digest as Lambda reports it."""
        return self._package.code_sha256


@dataclass(frozen=True)
class Received:
    """Plain property values, and the names of those that arrived as secrets."""

    values: dict[str, Any]
    secrets: frozenset[str]


def received(struct: struct_pb2.Struct, folder: Path) -> Received:
    """What the engine sent; archives with relative paths lie in `folder`."""
    secrets = frozenset(name for name, value in struct.fields.items() if _holds_secret(value))
    values = {name: _plain(value, folder) for name, value in struct.fields.items()}
    return Received({k: v for k, v in values.items() if v is not None}, secrets)


def sent(values: Mapping[str, Any], secrets: frozenset[str] = frozenset()) -> struct_pb2.Struct:
    """Property values for the engine; those named as secrets are marked as such."""
    struct = struct_pb2.Struct()
    for name, value in values.items():
        plain = _written(value)
        if name in secrets:
            plain = {SIGNATURE: SECRET, "value": plain}
        struct.update({name: plain})
    return struct


def is_unknown(value: Any) -> bool:
    """Whether a value is unknown at any depth."""
    if isinstance(value, str):
        return value in UNKNOWNS
    if isinstance(value, Mapping):
        return any(is_unknown(inner) for inner in value.values())
    if isinstance(value, list):
        return any(is_unknown(inner) for inner in value)
    return False


def _plain(value: struct_pb2.Value, folder: Path) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "number_value":
        # Every number arrives as a float; boto3 expects integers where they are whole.
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "list_value":
        return [_plain(inner, folder) for inner in value.list_value.values]
    if kind != "struct_value":
        return getattr(value, kind) if kind not in (None, "null_value") else None
    fields = value.struct_value.fields
    signature = fields[SIGNATURE].string_value if SIGNATURE in fields else None
    if signature == SECRET:
        return _plain(fields["value"], folder)
    if signature in ASSETS:
        return Archive(value.struct_value, folder, fields["hash"].string_value)
    return {name: _plain(inner, folder) for name, inner in fields.items()}


def _holds_secret(value: struct_pb2.Value) -> bool:
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return any(_holds_secret(inner) for inner in value.list_value.values)
    if kind != "struct_value":
        return False
    fields = value.struct_value.fields
    if SIGNATURE in fields and fields[SIGNATURE].string_value == SECRET:
        return True
    return any(_holds_secret(inner) for inner in fields.values())


def _written(value: Any) -> Any:
    if isinstance(value, Archive):
        return value.named
    if isinstance(value, Mapping):
        return {str(name): _written(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_written(inner) for inner in value]
    return value
