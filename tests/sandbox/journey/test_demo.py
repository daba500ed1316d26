"""The demo leaves another one's work alone."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from sandbox.file_lock import held
from sandbox.journey import demo


def test_second_demo_of_a_checkout_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "CHECKOUT", tmp_path)
    work = tmp_path / "build" / "demo" / "summary.json"
    work.parent.mkdir(parents=True)
    work.write_text("the first one's")
    with held(tmp_path / "build" / "demo.lock"):
        assert demo.demo(Namespace(port=0, keep=False)) == 1
    assert "runs a demo in this checkout already" in capsys.readouterr().err
    assert work.read_text() == "the first one's"
