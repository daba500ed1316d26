"""Every cell of the access matrix, judged by the rendered documents within the boundary."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies import matrix
from policies.documents import PERSONAS_BY_ENVIRONMENT
from policies.landscape import Documents, Place, judge, service_control
from policies.matrix import ADMINISTRATORS, Cell, MatrixError

NAMES = ("dev", "staging", "prod")
ONE = {name: Place("loans", name, "123456789012", "us-east-1") for name in NAMES}
THREE = {
    "dev": Place("loans", "dev", "111111111111", "us-east-1"),
    "staging": Place("loans", "staging", "222222222222", "us-east-1"),
    "prod": Place("loans", "prod", "333333333333", "eu-west-1"),
}
LIMITS = {"one account": service_control(ONE), "three accounts": service_control(THREE)}
LANDSCAPES = {"one account": Documents.of(ONE), "three accounts": Documents.of(THREE)}


def lines() -> dict[str, list[Cell]]:
    """The cells by what they ask, so that a failure names the line."""
    grouped: dict[str, list[Cell]] = {}
    for cell in matrix.cells():
        asked = f"{cell.row}: {cell.action} {cell.resource.rsplit(':', 1)[-1]} {cell.context}"
        grouped.setdefault(asked, []).append(cell)
    return grouped


LINES = lines()


def values(landscape: Documents, environment: str) -> dict[str, str]:
    place = landscape.places[environment]
    return {
        **landscape.values[environment],
        "neighbour": f"{place.project}-eu",
        "foreign_key": f"arn:aws:kms:{place.region}:{place.account}:key/somebody-elses",
        "other_region": "ap-south-1",
    }


@pytest.mark.parametrize("accounts", LANDSCAPES)
@pytest.mark.parametrize("line", LINES)
def test_every_cell_of_a_line_holds(line: str, accounts: str) -> None:
    landscape = LANDSCAPES[accounts]
    broken = []
    for cell in LINES[line]:
        question = cell.question(values(landscape, cell.environment))
        place = landscape.places[cell.environment]
        decision = judge(question, place, landscape, LIMITS[accounts])
        if decision.allowed is not cell.allowed:
            broken.append(f"{cell.persona} in {cell.environment}: {decision}; {cell.reason}")
    assert broken == []


def test_every_persona_is_both_allowed_and_denied_something() -> None:
    seen = {(c.persona, c.environment, c.allowed) for cells in LINES.values() for c in cells}
    exist = {(p, e) for e in NAMES for p in (*PERSONAS_BY_ENVIRONMENT[e], *ADMINISTRATORS)}
    assert seen == {(*who, allowed) for who in exist for allowed in (True, False)}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1,s3:Get,r,,auditor,dev,perhaps,why", "allow or deny"),
        ("1,s3:Get,r,,nobody,dev,allow,why", "nobody does not exist in dev"),
        ("1,s3:Get,r,,auditor,dev,allow,w\n2,s3:Get,r,,auditor,dev,deny,w", "contradicts"),
    ],
)
def test_a_senseless_line_is_refused(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "matrix.csv"
    path.write_text(f"{','.join(matrix.COLUMNS)}\n{line}\n")
    with pytest.raises(MatrixError, match=message):
        matrix.cells(path)
