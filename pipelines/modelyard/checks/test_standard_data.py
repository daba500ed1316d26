"""The data are what their contract says; a model can only be as good as this."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modelyard.checks.plugin import one_line
from modelyard.data import DataContract
from modelyard.data_check import check
from modelyard.jobs.context import load_setting
from modelyard.project import Project

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 8


def test_project_and_contract_agree(contract: DataContract, pytestconfig: pytest.Config) -> None:
    with one_line():
        load_setting(pytestconfig.rootpath / "project.yaml")


def test_data_meet_their_contract(
    project: Project, contract: DataContract, table: pd.DataFrame
) -> None:
    broken = [violation.sentence for violation in check(table, contract)]
    if broken:
        more = f"\n  and {len(broken) - SHOWN} more" if len(broken) > SHOWN else ""
        pytest.fail(
            f"{project.dataset.source} breaks {project.dataset.contract}; correct whichever is "
            "wrong:\n  " + "\n  ".join(broken[:SHOWN]) + more,
            pytrace=False,
        )
