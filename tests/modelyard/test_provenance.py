"""Where a repo says it came from: cruft's format, and read back as it was written."""

import json
from pathlib import Path

import pytest

from modelyard.provenance import Provenance, ProvenanceError

STATED = Provenance(
    template="https://example.com/yard.git",
    commit="a" * 40,
    version="0.2.0",
    answers={"project_name": "Kunden: Größe", "dataset": "data/kunden.csv"},
)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    STATED.write(tmp_path)
    read = Provenance.read(tmp_path)
    assert read.text() == STATED.text()
    assert read.answers["dataset"] == "data/kunden.csv"


def test_file_is_what_cruft_reads(tmp_path: Path) -> None:
    STATED.write(tmp_path)
    document = json.loads((tmp_path / ".cruft.json").read_text())
    assert document["directory"] == "project_template"
    assert document["context"]["cookiecutter"]["_commit"] == document["commit"] == "a" * 40
    assert {"src", "data", "data_contract.yaml", "pipeline.json"} <= set(document["skip"])


def test_another_version_keeps_the_answers() -> None:
    later = STATED.at(STATED.template, "b" * 40, "0.3.0")
    assert (later.version, later.answers) == ("0.3.0", STATED.answers)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"template": 1}', "null"])
def test_what_is_no_provenance_is_refused_with_the_fix(tmp_path: Path, text: str) -> None:
    (tmp_path / ".cruft.json").write_text(text)
    with pytest.raises(ProvenanceError, match="restore it with `git checkout"):
        Provenance.read(tmp_path)


def test_absent_file_names_the_command_that_writes_it(tmp_path: Path) -> None:
    with pytest.raises(ProvenanceError, match="no such file; run `make upgrade`"):
        Provenance.read(tmp_path)
