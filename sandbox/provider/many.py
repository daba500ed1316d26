"""Many environments rendered at once, on all cores: an organisation's estate, not one project."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sandbox.provider.graph import draw
from sandbox.provider.layers import REGISTRY_ENVIRONMENT, Estate
from sandbox.provider.realiser import StackOutputs

# Starting a process and importing Pulumi in it takes as long as rendering three workspaces.
WORTH_A_PROCESS = 6
_foundations: dict[tuple[str, str], StackOutputs] = {}


@dataclass(frozen=True)
class Environment:
    """One environment of one project."""

    project_file: Path
    name: str


def workspaces(
    environments: Sequence[Environment], workers: int | None = None
) -> Iterator[list[dict[str, Any]]]:
    """Each environment's workspace resources, in the order asked for.

    Args:
        workers: processes at most; by default one per core, and fewer where they do not pay.
    """
    useful = max(1, len(environments) // WORTH_A_PROCESS)
    count = min(workers or os.cpu_count() or 1, useful)
    if count == 1:
        yield from map(workspace, environments)
        return
    # A forked Pulumi would share its parent's locks and event loop: each process starts anew.
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        yield from pool.map(workspace, environments)


def workspace(environment: Environment) -> list[dict[str, Any]]:
    """The resources of one workspace; a foundation is drawn once per process."""
    estate = Estate.of(environment.project_file)
    own = dict(_foundations)
    for name in dict.fromkeys((REGISTRY_ENVIRONMENT, environment.name)):
        layers = estate.layers(name)
        for stack in (layers.account, layers.region):
            key = (stack.program.name, stack.name)
            if key not in own:
                draw(stack, own, estate)
                _foundations[key] = own[key]
        resources = draw(layers.workspace, own, estate)
    return resources
