"""An archive's files come out, and nothing that reaches beyond their folder."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from modelyard.archives import unpack


def packed(folder: Path, *entries: tuple[tarfile.TarInfo, bytes]) -> Path:
    archive = folder / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as content:
        for entry, body in entries:
            entry.size = len(body)
            content.addfile(entry, io.BytesIO(body))
    return archive


def entry(name: str, type_: bytes = tarfile.REGTYPE, mode: int = 0o644) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.mode, found.linkname = type_, mode, "/etc/passwd"
    return found


def test_files_come_out_in_their_folders(tmp_path: Path) -> None:
    unpack(packed(tmp_path, (entry("code/serve.py"), b"serve"), (entry("m"), b"")), tmp_path / "to")
    assert (tmp_path / "to/code/serve.py").read_bytes() == b"serve"
    assert (tmp_path / "to/m").read_bytes() == b""


@pytest.mark.parametrize(("mode", "executable"), [(0o755, True), (0o644, False)])
def test_programs_stay_executable(tmp_path: Path, mode: int, executable: bool) -> None:
    unpack(packed(tmp_path, (entry("serve", mode=mode), b"#!")), tmp_path / "to")
    assert bool((tmp_path / "to/serve").stat().st_mode & 0o100) is executable


@pytest.mark.parametrize("name", ["../outside", "code/../../outside", "/outside"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(tarfile.TarError, match="leads out"):
        unpack(packed(tmp_path, (entry(name), b"x")), tmp_path / "to")
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("type_", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, type_: bytes) -> None:
    with pytest.raises(tarfile.TarError, match="neither"):
        unpack(packed(tmp_path, (entry("link", type_), b"")), tmp_path / "to")
    assert not (tmp_path / "to/link").exists()
