"""`render_s_per_env`, `apply_s`: the workspace programs on paper and on a sandbox."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.environments import PeerUnavailableError, python_of
from bench.measure import Row, lower_is_better, progress
from sandbox.journey import server
from sandbox.journey.commands import clean_environment, run
from sandbox.journey.stages import Journey

CHECKOUT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ("dev", "staging", "prod")
CDK_FEW, CDK_MANY, REPEATS = 1, 21, 2


def model_repo(folder: Path) -> Path:
    """The demo's model repo, generated into a folder."""
    command = [sys.executable, "-m", "cookiecutter", str(CHECKOUT / "project_template")]
    command += ["--no-input", "--output-dir", str(folder), "project_name=Loans"]
    run(command, CHECKOUT, clean_environment({}))
    return folder / "loans"


def render_seconds(repo: Path) -> float:
    """Seconds to render one environment, programs imported, mean over the three."""
    from sandbox.provider.graph import render

    render(repo / "project.yaml", "dev")
    begin = time.perf_counter()
    for env in ENVIRONMENTS:
        render(repo / "project.yaml", env)
    return (time.perf_counter() - begin) / len(ENVIRONMENTS)


def apply_seconds(repo: Path) -> float:
    """Seconds to bring account, region and dev workspace up on an empty sandbox, as a command."""
    with tempfile.TemporaryDirectory() as scratch, server.serving(Path(scratch)) as url:
        begin = time.perf_counter()
        Journey(repo, url).apply("dev")
        return time.perf_counter() - begin


def cdk_seconds() -> float:
    """Seconds AWS CDK takes to synthesise one more workspace of about our size."""
    python = python_of("cdk")
    script = str(Path(__file__).with_name("cdk_workspace.py"))

    def synthesise(stacks: int) -> float:
        with tempfile.TemporaryDirectory() as folder:
            begin = time.perf_counter()
            command = [str(python), script, folder, str(stacks)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise PeerUnavailableError(done.stderr.strip()[-300:])
            return time.perf_counter() - begin

    synthesise(CDK_FEW)
    few = min(synthesise(CDK_FEW) for _ in range(REPEATS))
    many = min(synthesise(CDK_MANY) for _ in range(REPEATS))
    return (many - few) / (CDK_MANY - CDK_FEW)


def rows() -> list[Row]:
    """The rows of this file."""
    with tempfile.TemporaryDirectory() as folder:
        repo = model_repo(Path(folder))
        progress("rendering the three environments")
        render = render_seconds(repo)
        progress("applying account, region and dev workspace")
        apply = apply_seconds(repo)
    peer: float | None = None
    try:
        progress("a workspace of that size in AWS CDK")
        peer = cdk_seconds()
    except (PeerUnavailableError, OSError) as reason:
        progress(f"no peer: {reason}")
    return [
        lower_is_better("render_s_per_env", "s per environment", render, peer, "aws-cdk synth"),
        lower_is_better("apply_s", "s", apply, None, None),
    ]
