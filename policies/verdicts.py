"""Every line of the matrix asked of every persona, and held against what was promised."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from policies.documents import ENVIRONMENTS, PERSONAS_BY_ENVIRONMENT
from policies.evaluation import Decision
from policies.landscape import Levels, Place, Source, UnknownPrincipalError, judge
from policies.matrix import ADMINISTRATORS, Cell

PERSONAS: Final = (
    *dict.fromkeys(one for name in ENVIRONMENTS for one in PERSONAS_BY_ENVIRONMENT[name]),
    *ADMINISTRATORS,
)
# Made only where the project names the repository that CI comes from.
OPTIONAL: Final = frozenset({"publisher"})
ABSENT: Final = Decision(False, "implicit deny", "the role does not exist here")


@dataclass(frozen=True)
class Verdict:
    """A promise and what IAM decides."""

    cell: Cell
    decision: Decision

    @property
    def kept(self) -> bool:
        """A role that was not made can do nothing, and nobody promised to make an optional one."""
        excused = self.decision is ABSENT and self.cell.persona in OPTIONAL
        return excused or self.decision.allowed is self.cell.allowed


@dataclass(frozen=True)
class Line:
    """One request in all environments, with a verdict for each persona that was promised one."""

    row: str
    action: str
    resource: str
    context: str
    verdicts: Mapping[tuple[str, str], Verdict]

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.cell.reason for one in self.verdicts.values()))


def extra_values(place: Place) -> dict[str, str]:
    """Stand-ins for what does not belong to the project."""
    return {
        "neighbour": f"{place.project}-eu",
        "foreign_key": f"arn:aws:kms:{place.region}:{place.account}:key/somebody-elses",
        "other_region": "ap-south-1" if place.region != "ap-south-1" else "us-east-1",
    }


def verdicts(
    cells: Iterable[Cell],
    places: Mapping[str, Place],
    values: Mapping[str, Mapping[str, str]],
    source: Source,
    limits: Levels,
) -> list[Verdict]:
    """A decision for each cell whose environment has values."""
    known = {name: {**values[name], **extra_values(places[name])} for name in values}
    return [
        Verdict(cell, _decision(cell, places[cell.environment], known, source, limits))
        for cell in cells
        if cell.environment in known
    ]


def lines(judged: Sequence[Verdict]) -> list[Line]:
    """The verdicts by what was asked, in the order of the table's rows."""
    asked: dict[tuple[str, str, str, str], dict[tuple[str, str], Verdict]] = {}
    for one in judged:
        cell = one.cell
        key = (cell.row, cell.action, cell.resource, cell.context)
        asked.setdefault(key, {})[cell.persona, cell.environment] = one
    found = [Line(*key, answers) for key, answers in asked.items()]
    return sorted(found, key=lambda line: number(line.row))


def number(row: str) -> int:
    """`16x` belongs to row 16."""
    found = re.match(r"\d+", row)
    return int(found[0]) if found else 0


def _decision(
    cell: Cell,
    place: Place,
    values: Mapping[str, Mapping[str, str]],
    source: Source,
    limits: Levels,
) -> Decision:
    try:
        return judge(cell.question(values[place.environment]), place, source, limits)
    except UnknownPrincipalError:
        return ABSENT
