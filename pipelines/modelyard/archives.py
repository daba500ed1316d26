"""Unpacking what a training job left: files, and nothing that could reach beyond their folder."""

import shutil
import tarfile
from pathlib import Path, PurePosixPath


def unpack(archive: Path, target: Path) -> None:
    """Extracts a tar archive's files and folders into `target`.

    Python's own "data" filter came with 3.11.4; this serves every 3.11. Bits that make a file
    executable are kept, owners and times are not.

    Raises:
        tarfile.TarError: It is no tar archive, or holds a link, a device, or a name that leads out.
    """
    with tarfile.open(archive) as content:
        for entry in content:
            path = target / _inside(entry)
            if entry.isdir():
                path.mkdir(parents=True, exist_ok=True)
                continue
            source = content.extractfile(entry) if entry.isreg() else None
            if source is None:
                raise tarfile.TarError(f"{entry.name} is neither a file nor a folder")
            path.parent.mkdir(parents=True, exist_ok=True)
            with source, path.open("wb") as copy:
                shutil.copyfileobj(source, copy)
            path.chmod(0o755 if entry.mode & 0o100 else 0o644)


def _inside(entry: tarfile.TarInfo) -> PurePosixPath:
    name = PurePosixPath(entry.name)
    if name.is_absolute() or ".." in name.parts:
        raise tarfile.TarError(f"{entry.name} leads out of the archive's folder")
    return name
