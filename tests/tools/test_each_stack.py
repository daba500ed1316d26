"""Stacks are run layer by layer, dev first, and a failure is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tools.each_stack import main, stacks

ROOT = Path(__file__).resolve().parents[2]
ROLE = "arn:aws:iam::111111111111:role/modelyard-infrastructure"
FILES = (
    "Pulumi.loans.staging.yaml",
    "Pulumi.loans.dev.yaml",
    "Pulumi.example.yaml",
    "Pulumi.example.three-accounts.yaml",
    "infra/region/Pulumi.111111111111.us-east-1.yaml",
    "infra/account/Pulumi.111111111111.yaml",
    "infra/account/Pulumi.example.yaml",
)
ORDER = ["111111111111", "111111111111.us-east-1", "loans.dev", "loans.staging"]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with four stacks, and a `pulumi` that writes down what it is asked."""
    for file in FILES:
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"config:\n  modelyard:assumeRole: {ROLE}\n")
    command = tmp_path / "bin" / "pulumi"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n! echo "$@" | grep -q "$FAIL"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("FAIL", "nothing")
    return tmp_path


def run(checkout: Path, *arguments: str) -> tuple[int, list[str]]:
    """The exit status, and every pulumi command."""
    status = main(["--root", str(checkout), *arguments])
    return status, (checkout / "asked").read_text().splitlines()


def test_layers_come_in_order_and_examples_never(checkout: Path) -> None:
    assert [stack.name for stack in stacks(checkout)] == ORDER


def test_a_fresh_checkout_holds_no_stack_of_anybody() -> None:
    assert stacks(ROOT) == []


def test_command_is_run_for_each_stack(checkout: Path) -> None:
    status, asked = run(checkout, "--stop", "up", "--yes")
    assert status == 0
    assert asked[0] == "up --yes --cwd infra/account --stack 111111111111 --non-interactive"
    assert [line.split("--stack ")[1].split()[0] for line in asked] == ORDER


def test_preview_assumes_roles_that_may_do_nothing(checkout: Path) -> None:
    _, asked = run(checkout, "--as-preview", "preview", "--diff")
    assert all(line.endswith(f"--config modelyard:assumeRole={ROLE}-preview") for line in asked)


@pytest.mark.parametrize(("stop", "tried"), [(["--stop"], 2), ([], 4)])
def test_failure_is_told_and_stops_an_apply(
    checkout: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    stop: list[str],
    tried: int,
) -> None:
    monkeypatch.setenv("FAIL", "infra/region")
    status, asked = run(checkout, *stop, "up")
    assert (status, len(asked)) == (1, tried)
    assert "failed: 111111111111.us-east-1" in capsys.readouterr().err
