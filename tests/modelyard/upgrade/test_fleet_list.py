"""A list of repos: addresses by line, or the fleet's own document."""

import json
from pathlib import Path

import pytest

from modelyard.upgrade.fleet_list import FleetListError, Repo, read


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fleet"


def test_lines_are_addresses_each_once(file: Path) -> None:
    file.write_text(
        "# Ours\nhttps://x.org/a/loans.git\n\ngit@x.org:a/cars.git  # since May\n"
        "https://x.org/a/loans.git\nhttps://x.org/b/loans/\n"
    )
    assert read(file) == [
        Repo("loans", "https://x.org/a/loans.git"),
        Repo("cars", "git@x.org:a/cars.git"),
        Repo("loans-2", "https://x.org/b/loans/"),
    ]


def test_document_of_the_fleet_is_a_list_too(file: Path) -> None:
    projects = [{"name": "loans", "repository": "https://x.org/l"}, {"name": "cars"}]
    file.write_text(json.dumps({"projects": projects}))
    assert read(file) == [Repo("loans", "https://x.org/l"), Repo("cars", "")]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "names no repo; write one git address a line"),
        ("# Nothing\n", "names no repo"),
        ("{", "is not what `modelyard fleet --json` writes"),
        ('{"projects": [{}]}', "is not what `modelyard fleet --json` writes"),
        ('{"projects": [1]}', "is not what `modelyard fleet --json` writes"),
    ],
)
def test_what_is_no_list_is_refused_with_the_fix(file: Path, text: str, sentence: str) -> None:
    file.write_text(text)
    with pytest.raises(FleetListError, match=sentence):
        read(file)


def test_absent_file_is_refused_by_name(file: Path) -> None:
    with pytest.raises(FleetListError, match="fleet: No such file or directory; name a file"):
        read(file)
