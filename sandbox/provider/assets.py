"""Pulumi's assets and archives as bytes that depend on their content alone."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi

from sandbox.provider.errors import ProviderError

# The earliest time a zip file can hold: content alone decides the digest.
EPOCH = (1980, 1, 1, 0, 0, 0)
SKIPPED_FOLDERS = {"__pycache__", ".git"}


@dataclass(frozen=True)
class Package:
    """The bytes of an asset or of a zipped archive."""

    data: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Hexadecimal digest of the bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def code_sha256(self) -> str:
        """The digest as Lambda reports it."""
        return base64.b64encode(hashlib.sha256(self.data).digest()).decode()


def package(asset: Any, folder: Path) -> Package:
    """The bytes of a Pulumi asset or archive whose relative paths lie in `folder`."""
    if isinstance(asset, pulumi.FileArchive):
        path = folder / asset.path
        if path.is_file():
            return Package(path.read_bytes())
        return Package(_zipped(dict(_members(asset, "", folder))))
    if isinstance(asset, pulumi.AssetArchive):
        return Package(_zipped(dict(_members(asset, "", folder))))
    return Package(_content(asset, folder))


def _members(asset: Any, name: str, folder: Path) -> Iterator[tuple[str, bytes]]:
    if isinstance(asset, pulumi.AssetArchive):
        for inner, member in asset.assets.items():
            yield from _members(member, f"{name}/{inner}" if name else inner, folder)
    elif isinstance(asset, pulumi.FileArchive):
        yield from _files_below(folder / asset.path, name)
    else:
        yield name, _content(asset, folder)


def _files_below(path: Path, name: str) -> Iterator[tuple[str, bytes]]:
    if not path.is_dir():
        raise ProviderError(f"the archive {path} is no folder and no zip file")
    for file in sorted(path.rglob("*")):
        inner = file.relative_to(path)
        if file.is_file() and not SKIPPED_FOLDERS.intersection(inner.parts):
            yield (f"{name}/{inner.as_posix()}" if name else inner.as_posix()), file.read_bytes()


def _content(asset: Any, folder: Path) -> bytes:
    if isinstance(asset, pulumi.StringAsset):
        return asset.text.encode()
    if isinstance(asset, pulumi.FileAsset):
        return (folder / asset.path).read_bytes()
    raise ProviderError(f"{type(asset).__name__} needs a network; use a local file or text")


def _zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            member = zipfile.ZipInfo(name, EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, data)
    return buffer.getvalue()
