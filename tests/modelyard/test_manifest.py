"""What a manifest says of bytes is held against the bytes."""

from pathlib import Path

import pytest

from modelyard.data import DataError
from modelyard.manifest import file_sha256, require_unchanged


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """Prepared rows of two splits."""
    found = {name: tmp_path / name for name in ("train", "test")}
    for name, folder in found.items():
        folder.mkdir()
        (folder / "data.parquet").write_bytes(f"rows of {name}".encode())
    return found


def stated(folders: dict[str, Path]) -> dict[str, object]:
    """The manifest of these rows; validation is not looked at here."""
    hashes = {name: file_sha256(folder / "data.parquet") for name, folder in folders.items()}
    return {"prepared": {**hashes, "validation": "0" * 64}}


def test_rows_that_are_what_was_prepared_pass(folders: dict[str, Path]) -> None:
    require_unchanged(stated(folders), folders)


@pytest.mark.parametrize("name", ["train", "test"])
def test_rows_changed_under_a_manifest_are_refused(folders: dict[str, Path], name: str) -> None:
    manifest = stated(folders)
    (folders[name] / "data.parquet").write_bytes(b"other rows")
    with pytest.raises(DataError, match=f"the {name} rows were changed after they were prepared"):
        require_unchanged(manifest, folders)
