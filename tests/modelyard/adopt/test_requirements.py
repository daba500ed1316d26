"""What the image installs: theirs beside the platform's, or ours where both cannot hold."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from modelyard.adopt.requirements import OURS, THEIRS, requirements

PLATFORM = "modelyard @ git+https://example.com/platform@abc#subdirectory=pipelines"


@pytest.mark.parametrize(
    "theirs",
    ["pandas>=2\n", "# x\ntabulate==0.9\n", f"pandas=={version('pandas')}\n", "x; os_name=='y'\n"],
)
def test_what_can_hold_beside_the_platform_is_added_to(tmp_path: Path, theirs: str) -> None:
    (tmp_path / THEIRS).write_text(theirs)
    found = requirements(tmp_path, PLATFORM, "scikit-learn")
    assert (found.file, found.added) == (THEIRS, True)
    assert PLATFORM in found.text.splitlines()


@pytest.mark.parametrize(
    ("theirs", "reason"),
    [
        (
            "pandas<2\n",
            f"requirements.txt:1 says pandas<2, and the platform has {version('pandas')}",
        ),
        ("a==1 --hash=sha256:00\n", "which cannot stand beside versions without hashes"),
        ("-r base.txt\n", "which cannot stand beside versions without hashes or in other files"),
        ("./local\n", "which is not there when the image is made"),
        ("a b c\n", "which is no requirement pip knows"),
        ("xgboost\n", "and the platform has xgboost-cpu"),
    ],
)
def test_what_cannot_is_left_alone_and_told(tmp_path: Path, theirs: str, reason: str) -> None:
    (tmp_path / THEIRS).write_text(theirs + "tabulate>=0.8\n")
    found = requirements(tmp_path, PLATFORM, "lightgbm")
    assert (found.file, found.added) == (OURS, False)
    assert reason in found.notes[0]
    assert found.text.splitlines()[-1] == "tabulate>=0.8"
    assert f"lightgbm=={version('lightgbm')}" in found.text.splitlines()


def test_no_name_is_pinned_twice(tmp_path: Path) -> None:
    (tmp_path / THEIRS).write_text("pandas<2\nuvicorn\n-e .\n")
    lines = requirements(tmp_path, PLATFORM, "scikit-learn").text.splitlines()
    names = [line.partition("==")[0].partition("[")[0] for line in lines if line[:1] != "#"]
    assert len(names) == len(set(names))
