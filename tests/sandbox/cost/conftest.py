"""Resources as the rendered graph holds them, and estimates of them."""

from __future__ import annotations

from typing import Any

from sandbox.cost.estimate import Estimate, estimate
from sandbox.cost.prices import price_table


def resource(
    kind: str, name: str, stack: str = "loans.dev", program: str = "modelyard", **inputs: Any
) -> dict[str, Any]:
    """One resource of a graph."""
    urn = f"urn:pulumi:{stack}::{program}::modelyard:x:Part${kind}::{name}"
    return {"urn": urn, "type": kind, "name": name, "inputs": inputs}


def estimated(*resources: dict[str, Any]) -> Estimate:
    """What a project with one environment of these resources costs."""
    return estimate(resources, ("dev",), price_table())
