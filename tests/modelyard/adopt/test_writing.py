"""A plan is written whole or not at all, and what was there stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelyard.adopt.errors import AdoptError
from modelyard.adopt.writing import Plan
from tests.modelyard.adopt.conftest import hashes


def test_lines_are_added_at_the_end_of_what_has_no_newline(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_bytes(b"all:\r\n\techo")
    (tmp_path / "Makefile").chmod(0o750)
    Plan(added={"Makefile": "more\n"}).write(tmp_path)
    assert (tmp_path / "Makefile").read_bytes() == b"all:\r\n\techo\nmore\n"
    assert (tmp_path / "Makefile").stat().st_mode & 0o777 == 0o750


def test_lines_that_are_there_are_not_added_again(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("a\nb\n")
    plan = Plan()
    plan.add_lines(tmp_path, ".gitignore", ["b", "c"])
    assert plan.added == {".gitignore": "c\n"}


def test_nothing_is_left_when_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("a\n")
    (tmp_path / "taken").mkdir()
    before = hashes(tmp_path)
    plan = Plan(
        new={"deep/folder/new.txt": "x\n"}, added={".gitignore": "b\n", "taken": "cannot be\n"}
    )
    with pytest.raises(AdoptError, match="nothing was written, mend it and run adopt again"):
        plan.write(tmp_path)
    assert hashes(tmp_path) == before
    assert not (tmp_path / "deep").exists()


def test_a_file_that_appeared_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "project.yaml").write_text("theirs\n")
    with pytest.raises(AdoptError, match="File exists"):
        Plan(new={"a.txt": "x\n", "project.yaml": "ours\n"}).write(tmp_path)
    assert (tmp_path / "project.yaml").read_text() == "theirs\n"
    assert not (tmp_path / "a.txt").exists()
