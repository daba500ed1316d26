"""docs/evidence.md: its commands are ones that the tools take, and a project's report comes out."""

import shlex
import subprocess
import sys

import pytest

from modelyard.cli import parser
from tests.evidence_commands import ROOT, commands


@pytest.mark.parametrize("line", commands("modelyard"))
def test_command_of_a_models_report_is_understood(line: str) -> None:
    arguments = parser().parse_args(shlex.split(line)[1:])
    assert arguments.subcommand == "report"


@pytest.mark.slow
def test_commands_of_a_projects_report_run_one_after_the_other() -> None:
    render = "-m sandbox render --project policies/example/project.yaml --env dev"
    shown, compared = commands(".venv/bin/python -m policies")
    compared = compared.replace(" --model build/report/first", "")
    for line in (shown, f"python {render} --out build/policies/dev.json", compared):
        words = [sys.executable, *shlex.split(line)[1:]]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
