"""What the programs would create, as one graph of JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sandbox.provider import lenders
from sandbox.provider.engine import run_program
from sandbox.provider.errors import ProviderError, StackMissingError
from sandbox.provider.layers import REGISTRY_ENVIRONMENT, Estate
from sandbox.provider.program import Stack
from sandbox.provider.realiser import StackOutputs
from sandbox.provider.synthesis import Drawn, Synthesizer
from sandbox.provider.values import redacted


def render(project_file: Path, env: str) -> dict[str, Any]:
    """The account, region and workspace programs of an environment as one graph.

    Ids and ARNs are shaped as AWS's and follow from the resources' URNs, so the same programs give
    the same graph anywhere; secrets are redacted.
    """
    estate = Estate.of(project_file)
    known = lenders.on_paper(estate.stated)
    resources: list[dict[str, Any]] = []
    stacks = estate.layers(env).in_order
    for stack in stacks:
        if stack == stacks[-1] and env != REGISTRY_ENVIRONMENT:
            # Every other environment reads from the registry's; drawing it first saves a failure.
            draw(estate.layers(REGISTRY_ENVIRONMENT).workspace, known, estate)
        resources += draw(stack, known, estate)
    exported = known[(stacks[-1].program.name, stacks[-1].name)]
    return {"resources": resources, "outputs": redacted(exported.values, exported.secrets)}


def draw(
    stack: Stack, known: dict[tuple[str, str], StackOutputs], estate: Estate | None = None
) -> list[dict[str, Any]]:
    """One stack's resources by URN; its exports are added to `known`."""
    drawing = Synthesizer(known)
    # A stack of another environment that this one reads from is drawn first, then this one again.
    for _ in range(1 + (3 * len(estate.places) if estate else 0)):
        try:
            known[(stack.program.name, stack.name)] = run_program(stack, drawing)
            break
        except StackMissingError as missing:
            other = estate.stack_named(missing.project, missing.stack) if estate else None
            if estate is None or other is None or other == stack:
                raise
            draw(other, known, estate)
            drawing = Synthesizer(known)
    else:
        raise ProviderError(f"the stacks that {stack.name} reads from read from each other")
    return [_entry(one) for one in sorted(drawing.drawn, key=lambda one: one.desired.urn)]


def _entry(drawn: Drawn) -> dict[str, Any]:
    desired, realised = drawn.desired, drawn.realised
    return {
        "urn": desired.urn,
        "type": desired.type,
        "name": desired.name,
        "parent": desired.parent,
        "dependencies": list(desired.dependencies),
        "inputs": redacted(realised.inputs, desired.properties.secrets),
        "outputs": redacted(realised.outputs, realised.secrets | desired.secret_outputs),
        "protect": desired.protect,
    }
