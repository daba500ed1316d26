"""Commands of a journey: foreign settings stay outside, failures show their end."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox.journey import commands
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


def test_interruption_that_got_lost_ends_the_journey_at_its_next_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "_INTERRUPTED", threading.Event())
    with suppress(KeyboardInterrupt):  # as a library does, or Python itself
        commands.interrupt(signal.SIGINT, None)
    with pytest.raises(KeyboardInterrupt):
        run([sys.executable, "-c", "open('done', 'w')"], tmp_path, clean_environment({}))
    assert not (tmp_path / "done").exists()
