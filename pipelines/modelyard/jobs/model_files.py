"""Where a job finds its model: as files, or in the archive that a training job leaves."""

from pathlib import Path

from modelyard.archives import unpack

ARCHIVE = "model.tar.gz"


def model_folder(folder: Path, scratch: Path) -> Path:
    """The folder of the model's files, unpacked into `scratch` where they come as an archive."""
    archive = folder / ARCHIVE
    if not archive.is_file():
        return folder
    unpack(archive, scratch)
    return scratch
