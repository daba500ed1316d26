"""docs/runbook.md does what it says: its blocks run in order, as the operator, on a bad night."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from modelyard.project import EnvironmentName
from sandbox.journey.stages import PRODUCTION, REGISTRY, SERVING, Journey
from tests.journey import badly
from tests.journey.travelled import baking, mortgages

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

ROOT = Path(__file__).resolve().parent.parent.parent
BLOCK = re.compile(
    r"(?:^<!-- (?P<mark>[a-z]+) -->\n)?^```bash\n(?P<script>.*?)^```$"
    r"(?:\n\n^```output\n(?P<output>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)
# A minute of baking takes half a second; where somebody has to act meanwhile, six.
HURRY = 120.0
UNHURRIED = {"follow": 10.0, "abort": 10.0}
ROLLOUT = "\nserving: {rollout: {strategy: canary, share: 20, bake_minutes: 10}}\n"
NAMES, *BLOCKS = BLOCK.finditer((ROOT / "docs" / "runbook.md").read_text())


@dataclass
class Night:
    """An operator at a keyboard, and what the night does to them."""

    journey: Journey
    like: str
    packages: list[str] = field(default_factory=list)

    def operator(self, script: str, env: EnvironmentName = PRODUCTION) -> list[str]:
        """Runs a block as it stands; the lines it printed, whatever came of it."""
        with self.begin(script, env) as process:
            said, _ = process.communicate(timeout=300)
        return said.splitlines()

    def begin(self, script: str, env: EnvironmentName = PRODUCTION) -> subprocess.Popen[str]:
        variables = {
            **self.journey.environment(self.journey.session(env, "model-operator")),
            "PROJECT": self.journey.project.name,
            "DATA": self.journey.project.dataset.source,
            "PACKAGE": self.packages[1],
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "AWS_PAGER": "",
        }
        return subprocess.Popen(
            ["bash", "-c", f"set -u\n{NAMES['script']}\n{self.tonight(script)}"],
            cwd=self.journey.repo,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def tonight(self, text: str) -> str:
        """The page's text with the numbers that its versions 41, 42 and 43 have here."""
        numbers = [package.rsplit("/", 1)[1] for package in self.packages]
        for page, number in zip(("41", "42", "43"), numbers, strict=False):
            text = re.sub(rf"(?<!\d){page}(?!\d)", number, text)
        return text

    def root(self, service: str) -> Any:
        return self.journey.client(self.journey.root(PRODUCTION), service)

    def released(self) -> None:
        """One more version, released by events until it serves."""
        package = self.approved()
        badly.reaches(self.journey, PRODUCTION, package, "done")

    def approved(self) -> str:
        """One more version, through both gates."""
        package = badly.register(self.journey, self.like)
        self.journey.approve(package, "Reviewed.")
        badly.reaches(self.journey, SERVING, package, "done")
        self.packages.append(package)
        self.journey.approve(package, "Reviewed.", "production")
        return package


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Two versions were released into production."""
    with mortgages(tmp_path_factory.mktemp("night")) as travelled:
        journey = baking(travelled.journey, ROLLOUT)
        night = Night(journey, travelled.package)
        with journey.hurried(HURRY):
            for _ in range(2):
                night.released()
        yield night


def plain(line: str) -> str:
    """A line without what differs from night to night."""
    return " ".join(re.sub(r"\d+\.\d+", "#", line).split())


@pytest.mark.parametrize("block", BLOCKS, ids=[block["script"].split("\n")[0] for block in BLOCKS])
def test_block_prints_what_the_page_shows(night: Night, block: re.Match[str]) -> None:
    with ExitStack() as afterwards:
        rate = UNHURRIED.get(block["mark"] or "", HURRY)
        afterwards.enter_context(night.journey.hurried(rate))
        said = happens(night, block["mark"] or "", block["script"], afterwards)
    printed = [plain(line) for line in said]
    shown = [plain(line) for line in night.tonight(block["output"] or "").splitlines()]
    missing = [line for line in shown if not any(line in one for one in printed)]
    assert missing == [], "\n".join(said)


def happens(night: Night, mark: str, script: str, afterwards: ExitStack) -> list[str]:
    """What the block's situation needs, then the block."""
    lambda_, sagemaker = night.root("lambda"), night.root("sagemaker")
    name = f"{night.journey.project.name}-{PRODUCTION}"
    if mark == "follow":
        return followed_until_baking(night, script)
    if mark == "broken":
        lambda_.put_function_concurrency(
            FunctionName=f"{name}-release", ReservedConcurrentExecutions=0
        )
        afterwards.callback(
            lambda_.put_function_concurrency,
            FunctionName=f"{name}-release",
            ReservedConcurrentExecutions=1,
        )
    if mark == "gone":
        sagemaker.delete_endpoint(EndpointName=name)
    env: EnvironmentName = {"staging": SERVING, "withdraw": REGISTRY}.get(mark, PRODUCTION)
    return night.operator(script, env)


def followed_until_baking(night: Night, script: str) -> list[str]:
    """Follows a third version's release; what it said by the time it bakes. It goes on baking."""
    night.approved()
    process = night.begin(script)
    said: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line.rstrip())
        if "of the bake left" in line:
            break
    threading.Thread(target=process.communicate, daemon=True).start()
    return said
