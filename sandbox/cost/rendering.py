"""Every stack of a project, rendered once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox.cost.estimate import Estimate, estimate
from sandbox.cost.prices import price_table
from sandbox.provider.graph import draw
from sandbox.provider.layers import REGISTRY_ENVIRONMENT, Estate
from sandbox.provider.program import Stack
from sandbox.provider.realiser import StackOutputs

STUDIO_ENDPOINTS = ("sagemaker.api", "sagemaker.runtime", "studio", "sts", "logs", "ecr.api")
"""What Studio without internet access is taken to need; not verified on a live account."""


def priced(project_file: Path, endpoints: Sequence[str] = ()) -> Estimate:
    """What the project's environments and the foundations under them cost.

    Args:
        endpoints: services with an interface endpoint in the region where people work.
    """
    estate = Estate.of(project_file)
    return estimate(rendered(estate, endpoints), tuple(estate.places), price_table())


def rendered(estate: Estate, endpoints: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The resources of all of a project's stacks; a foundation that environments share, once."""
    known: dict[tuple[str, str], StackOutputs] = {}
    stacks = {
        (stack.program.name, stack.name): stack
        for environment in estate.places
        for stack in estate.layers(environment).in_order
    }
    if endpoints:
        people = estate.layers(REGISTRY_ENVIRONMENT).region
        stacks[(people.program.name, people.name)] = _with_endpoints(people, endpoints)
    return [resource for stack in stacks.values() for resource in draw(stack, known, estate)]


def _with_endpoints(region: Stack, endpoints: Sequence[str]) -> Stack:
    asked = {"modelyard:interfaceEndpoints": json.dumps(list(endpoints))}
    return replace(region, config={**region.config, **asked})
