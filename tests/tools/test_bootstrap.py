"""Set-up: refuses what cannot work with the remedy, and does nothing when nothing changed."""

from __future__ import annotations

import builtins
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools import bootstrap


def test_old_python_is_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    with pytest.raises(bootstrap.SetupError, match=r"3\.11 or newer.*make PYTHON="):
        bootstrap.check_interpreter()


def test_missing_venv_names_the_debian_package(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Any] = builtins.__import__

    def without_ensurepip(name: str, *rest: Any, **more: Any) -> Any:
        if name == "ensurepip":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without_ensurepip)
    package = f"python3.{sys.version_info.minor}-venv"
    with pytest.raises(bootstrap.SetupError, match=f"apt-get install {package}"):
        bootstrap.check_interpreter()


def test_an_up_to_date_environment_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("an up-to-date environment was touched")

    monkeypatch.setattr(bootstrap, "run", refuse)
    monkeypatch.setattr(bootstrap, "install_requirements", refuse)
    assert bootstrap.STAMP.read_text() == bootstrap.fingerprint()
    bootstrap.set_up()


def test_second_set_up_waits_for_the_first_and_then_has_nothing_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, waits, up_to_date = [], threading.Event(), [False, True]

    def say(text: str) -> None:
        said.append(text)
        waits.set()

    monkeypatch.setattr(bootstrap, "LOCK", tmp_path / "build" / "set-up.lock")
    monkeypatch.setattr(bootstrap, "up_to_date", lambda: up_to_date.pop(0))
    monkeypatch.setattr(bootstrap, "say", say)
    second = threading.Thread(target=bootstrap.set_up)
    with bootstrap.alone():
        second.start()
        assert waits.wait(60)
        assert up_to_date == [True]
    second.join(60)
    assert not up_to_date
    assert len(said) == 1
    assert "waiting for it" in said[0]


def test_changed_pins_change_the_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for source in bootstrap.SOURCES:
        (tmp_path / source).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / source).write_text("one")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    before = bootstrap.fingerprint()
    (tmp_path / "requirements.txt").write_text("two")
    assert bootstrap.fingerprint() != before


def test_set_up_failure_is_one_message_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise bootstrap.SetupError("pip could not install requirements.txt")

    monkeypatch.setattr(bootstrap, "set_up", fail)
    assert bootstrap.main() == 1
    assert "modelyard set-up: pip could not install" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["index-url", "://"])
def test_pins_name_no_place_to_download_from(root: Path, line: str) -> None:
    for pins in [root / "requirements.txt", *(root / "bench" / "peers").glob("*.txt")]:
        assert line not in pins.read_text()
