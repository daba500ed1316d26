"""The dataset manifest: which data a model was made from, byte for byte."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from modelyard.data import DataContract, DataError
from modelyard.split import RULE

FILE_NAME = "dataset_manifest.json"


@dataclass(frozen=True)
class SourceFile:
    """One file of the data set as it was read."""

    name: str
    bytes: int
    sha256: str
    rows: int


def source_file(path: Path, rows: int) -> SourceFile:
    """Describes a file by its content."""
    return SourceFile(path.name, path.stat().st_size, file_sha256(path), rows)


def file_sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def dataset_sha256(identities: Iterable[str]) -> str:
    """The identity of a set of rows, whatever their order and however they are cut into files."""
    digests = sorted(hashlib.sha256(identity.encode()).digest() for identity in identities)
    return hashlib.sha256(b"".join(digests)).hexdigest()


def manifest(
    files: Iterable[SourceFile],
    contract: DataContract,
    dataset: str,
    rows: Mapping[str, int],
    ignored_columns: Iterable[str],
    splits: Mapping[str, str],
    rule: str = RULE,
) -> dict[str, Any]:
    """The manifest as plain data; `rows` counts total, splits, duplicates and rows left out.

    `splits` are the identities of the rows of each split, by which a later build is compared.
    """
    return {
        "dataset": {"sha256": dataset},
        "files": [asdict(file) for file in files],
        "contract": {"sha256": contract.sha256},
        "schema": [
            {"name": column.name, "kind": column.kind, "use": column.use}
            for column in contract.columns
        ],
        "ignored_columns": sorted(ignored_columns),
        "rows": dict(rows),
        "split": {"rule": rule, "sha256": dict(splits)},
    }


def require_unchanged(document: Mapping[str, Any], folders: Mapping[str, Path]) -> None:
    """DataError where prepared rows are other bytes than those the manifest was written for."""
    # Commands read manifests too, and must not begin with pyarrow.
    from modelyard.arrays import FILE_NAME as PREPARED

    for name, stated in document.get("prepared", {}).items():
        if name in folders and file_sha256(folders[name] / PREPARED) != stated:
            raise DataError(
                f"the {name} rows were changed after they were prepared: the manifest names other "
                "bytes; run the pipeline again, and find out who wrote to the run's folder"
            )


def dump_json(path: Path, document: Any) -> None:
    """Writes strict JSON, the same bytes for the same content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
