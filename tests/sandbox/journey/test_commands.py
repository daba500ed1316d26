"""Commands of a journey: foreign settings stay outside, failures show their end."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sandbox.journey.commands import JourneyError, clean_environment, run


def test_foreign_aws_settings_do_not_reach_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    environment = clean_environment({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    assert "AWS_PROFILE" not in environment
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"


def test_output_of_a_command_comes_back(tmp_path: Path) -> None:
    assert run([sys.executable, "-c", "print('yes')"], tmp_path, clean_environment({})) == "yes\n"


def test_a_failed_command_shows_its_last_lines(tmp_path: Path) -> None:
    code = "import sys; sys.stderr.write('the reason'); sys.exit(3)"
    with pytest.raises(JourneyError, match=r"exited with 3:\nthe reason"):
        run([sys.executable, "-c", code], tmp_path, clean_environment({}))
