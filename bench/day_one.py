"""`day_one_s`, `generated_python_lines`, `model_code_share`: a generated repo's first day.

`day_one_s` is `make try` once `make setup` is done, on a machine that does nothing else.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

from bench.measure import Row, higher_is_better, lower_is_better, progress
from bench.programs import model_repo
from sandbox.journey.commands import clean_environment, run


def rows() -> list[Row]:
    """The rows of this file."""
    progress("day one in a generated repo")
    with tempfile.TemporaryDirectory() as scratch:
        repo = model_repo(Path(scratch))
        model, others = lines(repo)
        run(["make", "setup"], repo, clean_environment({}))
        begin = time.perf_counter()
        run(["make", "try"], repo, clean_environment({}))
        seconds = time.perf_counter() - begin
    return [
        lower_is_better("day_one_s", "s", seconds, None, None),
        lower_is_better("generated_python_lines", "lines", model + others, None, None),
        higher_is_better("model_code_share", "of them", model / (model + others), None, None),
    ]


def lines(repo: Path) -> tuple[int, int]:
    """Lines of Python that git knows: of model code, and of everything else."""
    command = ["git", "-C", str(repo), "ls-files", "*.py"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    counted = {name: len((repo / name).read_text().splitlines()) for name in listed}
    model = sum(count for name, count in counted.items() if name.startswith("src/"))
    return model, sum(counted.values()) - model
