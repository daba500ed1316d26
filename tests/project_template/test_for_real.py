"""Every framework for every problem, for real: its own tests, then a served prediction."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.project_template.generation import TEMPLATE
from tests.project_template.test_matrix import MATRIX, Combination

NEEDS: dict[str, tuple[Callable[[], bool], str]] = {
    "pytorch": ((TEMPLATE.parent / "build" / "torch" / "complete").exists, "PyTorch"),
    "r": (lambda: shutil.which("Rscript") is not None, "R"),
}
MARKS = {"pytorch": pytest.mark.torch, "r": pytest.mark.r}
ALL = [
    pytest.param(one, id=one.name, marks=[MARKS[one.framework]] if one.framework in MARKS else [])
    for one in MATRIX
]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("combination", ALL)
def test_unedited_repo_passes_its_tests_and_is_served(
    combination: Combination,
    make: Callable[..., str],
    made: Callable[..., Path],
    tmp_path: Path,
) -> None:
    there, name = NEEDS.get(combination.framework, (lambda: True, ""))
    if not there():
        pytest.skip(f"{name} is not installed here")
    repo = made(
        tmp_path,
        project_name=combination.slug,
        problem=combination.problem,
        framework=combination.framework,
        serving=combination.serving,
        risk_tier=combination.risk_tier,
        ci=combination.ci,
    )
    assert " passed" in make(repo, "lint", "test")
    said = make(repo, "try")
    assert "registered " in said
    assert "prediction: " in said
    assert "What to edit next:" in said
