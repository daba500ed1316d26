"""What an adopted repo gets is the template's own text, so that the two cannot drift apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelyard.adopt import template
from modelyard.adopt.errors import AdoptError


def test_a_makefile_comes_apart_into_variables_and_rules() -> None:
    text = "# said\nA := 1 \\\n\t2\n\nhelp:  ## Show\n\t@echo a\n\tb\n\n.PHONY: x\n"
    assert template.parts(text) == {
        "A": "# said\nA := 1 \\\n\t2\n",
        "help": "help:  ## Show\n\t@echo a\n\tb\n",
        ".PHONY": ".PHONY: x\n",
    }


def test_the_checkout_this_package_lies_in_is_the_platform(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MODELYARD_HOME", raising=False)
    assert template.home() == root


def test_a_home_that_is_no_checkout_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELYARD_HOME", str(tmp_path))
    with pytest.raises(AdoptError, match="which is no checkout of the platform"):
        template.home()
