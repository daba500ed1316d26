"""Generates repos in this process: what the cookiecutter command does, without a process for each.

The interpreter that answers, and the hook that completes the folder, are called instead of started.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cookiecutter.exceptions import FailedHookException
from cookiecutter.main import cookiecutter

TEMPLATE = Path(__file__).resolve().parents[2] / "project_template"


class RefusedError(Exception):
    """The template refused an answer; the message is the line that people see."""


@cache
def module(name: str) -> ModuleType:
    """A module of the template, which lies in no package."""
    if str(TEMPLATE) not in sys.path:
        sys.path.append(str(TEMPLATE))
    return import_module(name)


@contextlib.contextmanager
def _here(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _called(question: str, facts: Mapping[str, Any]) -> str:
    """What new_project.py prints for these facts."""
    stdin, told, refused = sys.stdin, io.StringIO(), io.StringIO()
    sys.stdin = io.StringIO(json.dumps(facts))
    try:
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(refused):
            code = module("new_project").main([question])
    finally:
        sys.stdin = stdin
    if code:
        raise FailedHookException(refused.getvalue().strip())
    return told.getvalue()


_CONTRACTS: dict[tuple[object, ...], Any] = {}
_SAID = ("dataset", "target", "problem", "row_key", "protected", "time_column", "series_column")


def _infer_once(answers: Any, frame: Any) -> Any:
    """The data contract; that of an example is the same for every framework."""
    if answers.example is None:
        return module("inferred").infer_contract(answers, frame)
    said = tuple(getattr(answers, name) for name in _SAID)
    if said not in _CONTRACTS:
        _CONTRACTS[said] = module("inferred").infer_contract(answers, frame)
    return _CONTRACTS[said]


def generate(folder: Path, **answers: object) -> Path:
    """The repo that these answers make in a folder; RefusedError with the reason."""
    config = folder / ".cookiecutter.yaml"
    config.write_text(f"cookiecutters_dir: {folder / '.c'}\nreplay_dir: {folder / '.r'}\n")

    def hook(_repo: str, name: str, project: str, context: Mapping[str, Any], *_: object) -> None:
        if name == "post_gen_project":
            with _here(Path(project)):
                _called("complete", json.loads(context["cookiecutter"]["__answers"]))

    with pytest.MonkeyPatch.context() as patch, _here(folder):
        patch.setattr(module("local_extensions"), "_asked", _called)
        patch.setattr(module("new_project"), "infer_contract", _infer_once)
        patch.setattr("cookiecutter.generate.run_hook_from_repo_dir", hook)
        patch.delenv("MODELYARD_HOME", raising=False)
        try:
            made = cookiecutter(
                str(TEMPLATE),
                no_input=True,
                extra_context={name: str(value) for name, value in answers.items()},
                output_dir=str(folder),
                config_file=str(config),
            )
        except FailedHookException as error:
            raise RefusedError(str(error)) from None
    return Path(made)
