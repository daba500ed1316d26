"""docs/quotas.md counts what the programs make, and divides right."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.infra.conftest import EstateOf

PAGE = Path(__file__).resolve().parents[2] / "docs" / "quotas.md"
ROW = re.compile(r"^\|[^|]+\| `([\w/:]+)` \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)
ROWS = [(kind, int(quota), int(each), int(fit)) for kind, quota, each, fit in ROW.findall(
    PAGE.read_text())]  # fmt: skip
TEAM = {
    "data-scientist": ["alice"],
    "model-approver": ["bob"],
    "model-operator": ["olga"],
    "auditor": ["audrey"],
}


@pytest.fixture(scope="module")
def made(estate_of: EstateOf) -> Counter[str]:
    """How many resources of each type one project has, all environments in one account."""
    one = estate_of(dict.fromkeys(("dev", "staging", "prod"), "123456789012"), team=TEAM)
    graphs = [one.workspace(name) for name in ("dev", "staging", "prod")]
    return Counter(each["type"].removeprefix("aws:") for graph in graphs for each in graph.aws)


def test_the_page_has_its_table() -> None:
    assert len(ROWS) >= 10


@pytest.mark.parametrize(("kind", "quota", "each", "fit"), ROWS, ids=[row[0] for row in ROWS])
def test_row_counts_what_is_made(
    made: Counter[str], kind: str, quota: int, each: int, fit: int
) -> None:
    assert made[kind] == each
    assert fit == quota // each
