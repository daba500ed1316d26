"""Notebooks are kept without what they showed, and a failing one says why in a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modelyard import notebooks


def notebook(folder: Path, *sources: str, **cell: Any) -> Path:
    """A notebook of code cells; the first has what else is given."""
    cells = [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for number, source in enumerate(sources)
    ]
    cells[0].update(cell)
    file = folder / "n.ipynb"
    file.write_text(
        json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    return file


def test_outputs_are_refused_with_the_command_that_takes_them_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = notebook(tmp_path, "1", execution_count=3)
    assert notebooks.main(["check", str(file)]) == 1
    assert f"modelyard.notebooks strip {file}" in capsys.readouterr().err
    assert notebooks.main(["strip", str(file)]) == 0
    assert notebooks.main(["check", str(file)]) == 0


def test_clean_notebook_keeps_its_bytes(tmp_path: Path) -> None:
    file = notebook(tmp_path, "1")
    before = file.read_bytes()
    assert notebooks.main(["strip", str(file)]) == 0
    assert file.read_bytes() == before


@pytest.mark.parametrize("text", ["", "[]", "{}", "not JSON"])
def test_what_is_no_notebook_is_named(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.ipynb"
    file.write_text(text)
    assert notebooks.main(["check", str(file)]) == 1
    assert str(file) in capsys.readouterr().err


@pytest.mark.slow
def test_a_failing_cell_ends_the_run_with_its_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = notebook(tmp_path, "1 + 1", "raise ValueError('no such column')")
    assert notebooks.main(["run", str(file), "--out", str(tmp_path / "out.ipynb")]) == 1
    assert capsys.readouterr().err.strip() == f"{file}: ValueError: no such column"
    assert not (tmp_path / "out.ipynb").exists()
