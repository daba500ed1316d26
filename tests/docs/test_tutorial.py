"""docs/tutorial.md does what it says: its blocks run in one terminal, from file to prediction."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from sandbox.journey.commands import clean_environment, end_group

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = re.findall(
    r"^```bash\n(.*?)^```$", (ROOT / "docs" / "tutorial.md").read_text(), re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize("block", BLOCKS)
def test_block_is_a_script(block: str) -> None:
    subprocess.run(["bash", "-n"], input=block, text=True, check=True)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_reader_comes_from_a_file_to_a_served_prediction(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = clean_environment(
        {"WORK": str(tmp_path), "PORT": port, "PATH": os.environ["PATH"]}
    )
    numbered = (f"echo '== block {number}'\n{block}" for number, block in enumerate(BLOCKS))
    terminal = subprocess.Popen(
        ["bash", "-c", "set -eu -o pipefail\n" + "\n".join(numbered)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = terminal.communicate(timeout=1100)
    finally:
        end_group(terminal)

    assert terminal.returncode == 0, said[-4000:]
    _, refused, approved, asked, _ = re.split(r"== block [5-8]\n", said)
    assert "is not authorized to perform: sagemaker:UpdateModelPackage" in refused
    assert re.search(r"Approved|approved", approved)
    assert asked.count("inference_id") == 3 or asked.count("prediction") >= 3


def test_every_step_has_its_own_block() -> None:
    steps = re.findall(r"^## (\d)\.", (ROOT / "docs" / "tutorial.md").read_text(), re.MULTILINE)
    assert steps == [str(number + 1) for number in range(len(steps))]
    assert len(BLOCKS) >= len(steps)
