"""The committed pipeline is the one that project.yaml describes."""

from __future__ import annotations

import pytest

from modelyard.project import Project


def test_pipeline_is_up_to_date(project: Project, pytestconfig: pytest.Config) -> None:
    from modelyard.definition import render  # takes seconds, which other checks need not wait

    file = pytestconfig.rootpath / "pipeline.json"
    if not file.is_file() or file.read_text(encoding="utf-8") != render(project):
        pytest.fail(
            "pipeline.json: is not what project.yaml describes; run `make render` and commit it",
            pytrace=False,
        )
