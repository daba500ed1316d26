"""The model code builds, by the jobs that a run uses, a model that can be served."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelyard import local_build
from modelyard.checks.plugin import ENOUGH_ROWS, one_line
from modelyard.local_build import LocalBuild


def test_jobs_build_a_model_and_judge_it(built: LocalBuild) -> None:
    assert built.evaluation["metrics"]


def test_model_read_from_its_files_answers_as_before(built: LocalBuild) -> None:
    rows = [row["input"] for row in built.golden["rows"]]
    assert built.model.predict(rows) == [row["output"] for row in built.golden["rows"]]


def test_model_answers_for_a_row_of_gaps(built: LocalBuild) -> None:
    gaps = dict.fromkeys(built.model.contract.features)
    with one_line():
        assert len(built.model.predict([gaps])) == 1


def test_training_again_gives_the_same_model(
    built: LocalBuild, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    with one_line():
        again = local_build.build(pytestconfig.rootpath / "project.yaml", tmp_path, ENOUGH_ROWS)
    if again.model.sha256 != built.model.sha256:
        pytest.fail(
            f"{built.project.package}: the same rows gave another model the second time; draw "
            "random numbers from numpy's or Python's own generators, or pass a fixed random_state",
            pytrace=False,
        )
