"""What docs/fairness.md tells teams to write is valid, each block in the file it belongs to."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelyard.data import DataContract
from modelyard.project import load, parse

PAGE = Path(__file__).parents[2] / "docs" / "fairness.md"
BLOCKS: list[dict[str, Any]] = [
    yaml.safe_load(block)
    for block in re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
]
TARGET = {"name": "y", "kind": "integer", "use": "target", "categories": ["0", "1"]}


@pytest.mark.parametrize("block", [one for one in BLOCKS if "columns" not in one], ids=str)
def test_statement_is_one_of_project_yaml(block: dict[str, Any], project_file: Path) -> None:
    load(project_file)
    stated = yaml.safe_load(project_file.read_text(encoding="utf-8"))
    for section, values in block.items():
        stated[section] = {**stated.get(section, {}), **values}
    assert parse(stated).model.fairness_bounds


@pytest.mark.parametrize("block", [one for one in BLOCKS if "columns" in one], ids=str)
def test_columns_are_those_of_a_data_contract(block: dict[str, Any]) -> None:
    assert DataContract.parse({"columns": [*block["columns"], TARGET]}).features
