"""The real `pulumi` CLI with the sandbox as its provider; without the CLI these tests are skipped.

They have never run where the CLI is absent: what they claim of the engine itself is then unproven.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from sandbox.provider.plugin.install import install

REASON = "the pulumi CLI is not on PATH (https://www.pulumi.com/docs/install/)"
MANIFEST = """
name: fixture
runtime:
  name: python
  options:
    toolchain: pip
    virtualenv: {environment}
config:
  pulumi:disable-default-providers: [aws]
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the CLI where there is none, and say so."""
    missing = shutil.which("pulumi") is None
    for item in items:
        if item.get_closest_marker("engine") and missing:
            item.add_marker(pytest.mark.skip(reason=REASON))


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    output: str

    def __contains__(self, text: str) -> bool:
        return text in self.output


@dataclass(frozen=True)
class Cli:
    """One stack of one program."""

    folder: Path
    stack: str
    environment: Mapping[str, str]

    def __call__(self, *arguments: str) -> Outcome:
        """Run `pulumi` as a person would, but without asking."""
        ended = subprocess.run(
            ["pulumi", *arguments, "--stack", self.stack, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=600,
        )
        return Outcome(ended.returncode, ended.stdout + ended.stderr)

    def done(self, *arguments: str) -> str:
        """The output of a command that must succeed."""
        outcome = self(*arguments)
        assert outcome.code == 0, outcome.output
        return outcome.output

    def begin(self, config: Mapping[str, str]) -> Cli:
        """Make the stack, with its configuration."""
        subprocess.run(
            ["pulumi", "stack", "init", self.stack, "--non-interactive"],
            cwd=self.folder,
            env=dict(self.environment),
            check=True,
            capture_output=True,
        )
        for key, value in config.items():
            self.done("config", "set", key, value)
        return self

    def write(self, source: str) -> Cli:
        """Change the program."""
        (self.folder / "__main__.py").write_text(source)
        return self


@pytest.fixture
def environment(sandbox_url: str, tmp_path: Path) -> dict[str, str]:
    """What the engine needs to know: a state of its own, our provider, and no downloads."""
    home, backend = tmp_path / "pulumi", tmp_path / "state"
    backend.mkdir()
    install(home)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    return {
        **kept,
        "AWS_ENDPOINT_URL": sandbox_url,
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": f"file://{backend}",
        "PULUMI_CONFIG_PASSPHRASE": "fixture",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


@pytest.fixture
def account() -> str:
    """An account that no other test uses."""
    return f"6{os.urandom(4).hex()[:8].translate(str.maketrans('abcdef', '012345'))}123"


@pytest.fixture
def cli(environment: dict[str, str], tmp_path: Path, account: str) -> Cli:
    """A program of its own, empty as yet."""
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(MANIFEST.format(environment=sys.prefix))
    return Cli(folder, "test", environment).write("").begin({"account": account})


@pytest.fixture
def client(sandbox_url: str, account: str) -> Callable[[str], Any]:
    """Clients as the account's root."""

    def make(service: str) -> Any:
        return botocore.session.Session().create_client(
            service,
            region_name="us-east-1",
            endpoint_url=sandbox_url,
            aws_access_key_id=account,
            aws_secret_access_key="sandbox",
        )

    return make
