"""The changelog says what a team comes past, and which commit a version was."""

from modelyard.fleet.versions import Version
from modelyard.upgrade.changelog import between, commits

TEXT = """\
# Changelog

## 0.10.0 (unreleased)

- Ten.

## 0.9.1 (2026-12-01, commit abc1234)

- Nine.

## 0.9.0 (2026-11-21, commit def5678)

- First.
"""


def test_sections_between_two_versions_are_told_newest_first() -> None:
    told = between(TEXT, Version(0, 9, 0), Version(0, 10, 0))
    assert told.splitlines()[0] == "## 0.10.0 (unreleased)"
    assert "- Nine." in told
    assert "- First." not in told


def test_versions_after_the_new_one_are_not_told() -> None:
    assert "Ten" not in between(TEXT, Version(0, 9, 0), Version(0, 9, 1))


def test_past_versions_name_their_commits() -> None:
    assert commits(TEXT) == {"0.9.1": "abc1234", "0.9.0": "def5678"}
