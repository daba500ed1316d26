"""Where R is absent, people are told what to install."""

from pathlib import Path

import pytest

from modelyard.r import process
from modelyard.skops_files import EstimatorError


def stand_in(folder: Path, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An Rscript that says this about itself."""
    file = folder / "Rscript"
    file.write_text(f"#!/bin/sh\necho '{says}'\n")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_absent_r_is_told_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EstimatorError, match="no Rscript on the PATH: install R 4"):
        process.interpreter()
    assert "no Rscript" in str(process.lacking())


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ("3 jsonlite httpuv", "is R 3, and models need R 4 or later: install R 4"),
        ("4 jsonlite", "R lacks its package httpuv: install R 4"),
        ("4", "R lacks its package jsonlite and httpuv"),
        ("", "is R 0, and models need R 4"),
    ],
)
def test_lacking_r_is_told_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, told: str
) -> None:
    stand_in(tmp_path, says, monkeypatch)
    assert told in str(process.lacking())


def test_r_with_its_packages_lacks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(tmp_path, "4 jsonlite httpuv", monkeypatch)
    assert process.lacking() is None


def test_results_depend_on_no_setting_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    found = process.environment(threads=1)
    assert (found["LC_ALL"], found["TZ"], found["OMP_NUM_THREADS"]) == ("C.UTF-8", "UTC", "1")
