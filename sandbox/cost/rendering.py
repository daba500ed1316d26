"""Every stack of a project, rendered once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sandbox.cost.estimate import Estimate, estimate
from sandbox.cost.prices import price_table
from sandbox.provider.graph import draw
from sandbox.provider.layers import Estate
from sandbox.provider.realiser import StackOutputs


def priced(project_file: Path) -> Estimate:
    """What the project's environments and the foundations under them cost."""
    estate = Estate.of(project_file)
    return estimate(rendered(estate), tuple(estate.places), price_table())


def rendered(estate: Estate) -> list[dict[str, Any]]:
    """The resources of all of a project's stacks; a foundation that environments share, once."""
    known: dict[tuple[str, str], StackOutputs] = {}
    stacks = {
        (stack.program.name, stack.name): stack
        for environment in estate.places
        for stack in estate.layers(environment).in_order
    }
    return [resource for stack in stacks.values() for resource in draw(stack, known, estate)]
