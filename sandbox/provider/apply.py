"""Brings the sandbox to what the account, region and workspace programs of an environment say."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError

from sandbox.provider.access import answering, loopback
from sandbox.provider.crud import Accesses, Crud
from sandbox.provider.deployment import Deployment
from sandbox.provider.engine import run_program
from sandbox.provider.guardrails import refuse_breaches
from sandbox.provider.layers import Estate
from sandbox.provider.program import Stack
from sandbox.provider.state import StackState, StateStore

REGISTRIES = "modelyard:registryAccounts"


@dataclass(frozen=True)
class Step:
    """One resource dealt with, while a program runs."""

    stack: str
    action: str
    urn: str


@dataclass(frozen=True)
class StackResult:
    """One program's outcome; counts by action (created, changed, replaced, deleted, unchanged)."""

    stack: str
    counts: Mapping[str, int]
    seconds: float
    outputs: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        shown = ["created", "changed", "unchanged"]
        shown += [name for name in ("replaced", "deleted") if self.counts.get(name)]
        counted = ", ".join(f"{self.counts.get(name, 0)} {name}" for name in shown)
        return f"{self.stack:<24} {counted}  {self.seconds:.1f} s"


@dataclass(frozen=True)
class ApplyResult:
    """What an apply did, program by program."""

    stacks: tuple[StackResult, ...]

    @property
    def outputs(self) -> Mapping[str, Any]:
        """The workspace's exports."""
        return self.stacks[-1].outputs

    @property
    def is_unchanged(self) -> bool:
        """Whether everything was as the programs want it already."""
        return all(set(stack.counts) <= {"unchanged"} for stack in self.stacks)


Progress = Callable[[Step | StackResult], None]


def apply(
    project_file: Path,
    env: str,
    endpoint_url: str | None,
    on_progress: Progress = lambda _: None,
) -> ApplyResult:
    """Apply the three programs of an environment, in order, to the sandbox at `endpoint_url`.

    Nothing is made when the guardrails find a breach in what the programs say. Each program's
    folder is this process's working directory while it runs.
    """
    estate = Estate.of(project_file)
    layers = estate.layers(env)
    endpoint = loopback(endpoint_url)
    store, crud = StateStore(endpoint), Crud(Accesses(endpoint))
    results = []
    with answering(endpoint):
        refuse_breaches(estate, env, store)
        for stack in layers.in_order:
            result = apply_stack(
                stack, layers.account_id, store, crud, estate.accounts, on_progress
            )
            on_progress(result)
            results.append(result)
    return ApplyResult(tuple(results))


def apply_stack(
    stack: Stack,
    account: str,
    store: StateStore,
    crud: Crud,
    accounts: tuple[str, ...],
    on_progress: Progress = lambda _: None,
) -> StackResult:
    """Apply one stack whose state lies in `account`; what was done is kept even when it fails.

    Two applies of one stack at once are refused: each would undo what the other does.
    """
    with store.locked(stack.program.name, stack.name, account):
        return _apply_stack(stack, account, store, crud, accounts, on_progress)


def _apply_stack(
    stack: Stack,
    account: str,
    store: StateStore,
    crud: Crud,
    accounts: tuple[str, ...],
    on_progress: Progress,
) -> StackResult:
    started = time.perf_counter()
    state = store.load(stack.program.name, stack.name, account)
    before = state.as_json()
    stack = _with_every_registry(stack, state)
    deployment = Deployment(
        state,
        store,
        crud,
        accounts,
        lambda action, urn: on_progress(Step(stack.name, action, urn)),
    )
    try:
        exported = run_program(stack, deployment)
        state.outputs = {
            key: value for key, value in exported.values.items() if key not in exported.secrets
        }
        state.secret_outputs = sorted(exported.secrets)
        deployment.finish()
    except BaseException:
        _save_what_was_done(store, state)
        raise
    if state.as_json() != before:
        store.save(state)
    seconds = time.perf_counter() - started
    return StackResult(stack.name, dict(deployment.counts), seconds, state.outputs)


def _save_what_was_done(store: StateStore, state: StackState) -> None:
    try:
        store.save(state)
    except BotoCoreError:
        # The server is gone and every resource with it; the first error says more than this one.
        return


def _with_every_registry(stack: Stack, state: StackState) -> Stack:
    """A region serves many projects: the registries that earlier applies named stay."""
    named = json.loads(stack.config.get(REGISTRIES, "[]"))
    state.registries = sorted({*named, *state.registries})
    if not state.registries:
        return stack
    return replace(stack, config={**stack.config, REGISTRIES: json.dumps(state.registries)})
