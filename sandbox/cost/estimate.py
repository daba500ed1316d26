"""A rendered graph and a price table make an estimate: pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sandbox.cost.prices import Price, PriceTable
from sandbox.cost.quantities import QUANTITIES, Setting, metric_owners

WORKSPACE_PROGRAM: Final = "modelyard"


@dataclass(frozen=True)
class Line:
    """What one resource costs in a month, by one price.

    Attributes:
        when: what starts the charge; None when it is due while idle.
    """

    stack: str
    type: str
    resource: str
    price: Price
    quantity: float
    when: str | None

    @property
    def usd(self) -> float:
        """Dollars a month."""
        return self.quantity * self.price.usd


@dataclass(frozen=True)
class Estimate:
    """What a project's stacks cost in a month.

    Attributes:
        lines: what is charged, dearest first in each stack.
        shared: names of the stacks that all projects of an account share.
        environments: the workspace stack of each environment.
        free: reasons by type.
        unknown: types without a price, with the resources of each.
    """

    lines: tuple[Line, ...]
    shared: frozenset[str]
    environments: Mapping[str, str]
    free: Mapping[str, str]
    unknown: Mapping[str, tuple[str, ...]]

    def idle(self, stack: str) -> float:
        """Dollars a month of one stack in which nothing runs."""
        return sum(line.usd for line in self.lines if line.stack == stack and not line.when)

    @property
    def foundation_usd(self) -> float:
        """Dollars a month of everything that projects share."""
        return sum(self.idle(stack) for stack in self.shared)

    @property
    def own_usd(self) -> float:
        """Dollars a month of what is this project's alone."""
        return sum(self.idle(stack) for stack in self.environments.values())

    def per_project(self, projects: int) -> float:
        """Dollars a month of one project when this many share the foundation."""
        return self.own_usd + self.foundation_usd / projects

    @property
    def later(self) -> tuple[Line, ...]:
        """What is not due while idle, but will be once something happened."""
        return tuple(line for line in self.lines if line.when)


def estimate(
    resources: Iterable[Mapping[str, Any]], environments: Sequence[str], table: PriceTable
) -> Estimate:
    """Price every AWS resource of the graphs; one that several graphs hold counts once."""
    ours = {each["urn"]: each for each in resources if each["type"].startswith("aws:")}
    setting = Setting(table.assumptions, metric_owners(ours.values()))
    lines: list[Line] = []
    unknown: dict[str, list[str]] = {}
    for resource in ours.values():
        kind = resource["type"]
        if kind in table.charged:
            lines += _lines(resource, table, setting)
        elif kind not in table.free:
            unknown.setdefault(kind, []).append(resource["name"])
    programs = {_stack(urn): _program(urn) for urn in ours}
    own = [name for name, program in programs.items() if program == WORKSPACE_PROGRAM]
    return Estimate(
        lines=tuple(sorted(lines, key=lambda line: (line.stack, -line.usd, line.resource))),
        shared=frozenset(programs) - frozenset(own),
        environments={
            env: name for env in environments for name in own if name.endswith(f".{env}")
        },
        free={
            each["type"]: table.free[each["type"]]
            for each in ours.values()
            if each["type"] in table.free
        },
        unknown={kind: tuple(names) for kind, names in unknown.items()},
    )


def _lines(resource: Mapping[str, Any], table: PriceTable, setting: Setting) -> list[Line]:
    made = [
        Line(
            stack=_stack(resource["urn"]),
            type=resource["type"],
            resource=resource["name"],
            price=charge.price,
            quantity=QUANTITIES[charge.quantity](resource, setting),
            when=charge.when,
        )
        for charge in table.charged[resource["type"]]
    ]
    return [line for line in made if line.quantity]


def _stack(urn: str) -> str:
    return urn.split("::")[0].removeprefix("urn:pulumi:")


def _program(urn: str) -> str:
    return urn.split("::")[1]
