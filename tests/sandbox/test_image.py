"""An image finds the programs of other languages wherever this machine has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import image
from sandbox.image import Content


def path_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str) -> str:
    """Where the programs of an image lie that is made with this PATH."""
    monkeypatch.setenv("PATH", path)
    manifest = image._manifest(Content(tmp_path, (), "0" * 64), tmp_path / ".venv" / "bin")
    return str(manifest["annotations"][f"{image.LABEL}path"])


def test_r_from_elsewhere_is_on_the_path_of_the_image(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "brew" / "bin"
    elsewhere.mkdir(parents=True)
    (elsewhere / "Rscript").touch(mode=0o755)
    found = path_of(monkeypatch, tmp_path, f"{elsewhere}:/usr/bin")
    assert found == f"{tmp_path}/.venv/bin:{elsewhere}"


def test_image_without_other_languages_has_its_environment_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert path_of(monkeypatch, tmp_path, str(tmp_path)) == f"{tmp_path}/.venv/bin"
