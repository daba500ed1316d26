"""Fixture programs and a sandbox account of its own for each test."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from sandbox.provider.apply import StackResult, apply_stack
from sandbox.provider.crud import Accesses, Crud
from sandbox.provider.program import Program, Stack
from sandbox.provider.state import StackState, StateStore

PROGRAMS = Path(__file__).parent / "programs"
_NUMBERS = itertools.count(700_000_000_000)

Write = Callable[[str], Program]


@pytest.fixture
def account() -> str:
    """An account that no other test uses."""
    return str(next(_NUMBERS))


@pytest.fixture
def write_program(tmp_path: Path) -> Write:
    """Writes a program's source; a second call changes the same program."""

    def write(source: str) -> Program:
        folder = tmp_path / "program"
        folder.mkdir(exist_ok=True)
        (folder / "Pulumi.yaml").write_text("name: fixture\nruntime: python\n")
        # Cached bytecode counts as current when a change keeps the file's size and second.
        shutil.rmtree(folder / "__pycache__", ignore_errors=True)
        (folder / "__main__.py").write_text(source)
        return Program(folder)

    return write


class Sandbox:
    """One account of the running sandbox."""

    def __init__(self, url: str, account: str) -> None:
        self.url = url
        self.account = account
        self.store = StateStore(url)

    def apply(self, program: Program, stack: str = "test", **config: str) -> StackResult:
        """Apply a program whose configuration is `config` and the account."""
        values = {f"{program.name}:{key}": value for key, value in config.items()}
        values[f"{program.name}:account"] = self.account
        crud = Crud(Accesses(self.url))
        return apply_stack(
            Stack(program, stack, values), self.account, self.store, crud, (self.account,)
        )

    def state(self, program: Program, stack: str = "test") -> StackState:
        """What the store holds of a stack."""
        return self.store.load(program.name, stack, self.account)

    def client(self, service: str) -> Any:
        """A client as the account's root."""
        return botocore.session.Session().create_client(
            service,
            region_name="us-east-1",
            endpoint_url=self.url,
            aws_access_key_id=self.account,
            aws_secret_access_key="sandbox",
        )


@pytest.fixture
def sandbox(sandbox_url: str, account: str) -> Iterator[Sandbox]:
    """One account of the running sandbox."""
    yield Sandbox(sandbox_url, account)
