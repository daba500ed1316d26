"""Judges what an apply would make by the guardrails, before any of it is made."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from policies.check import told
from policies.exemptions import ExemptionError, load
from policies.guardrails.catalogue import all_rules
from policies.guardrails.judgement import judge
from policies.guardrails.resource import from_graph
from sandbox.provider import lenders
from sandbox.provider.errors import ProviderError, StackMissingError
from sandbox.provider.graph import draw
from sandbox.provider.layers import REGISTRY_ENVIRONMENT, Estate
from sandbox.provider.realiser import StackOutputs


class Applied(Protocol):
    """What other stacks export, as far as they were applied."""

    def exports(self, project: str, stack: str, accounts: tuple[str, ...]) -> StackOutputs:
        """A stack's exports; `StackMissingError` when there is none."""


class GuardrailError(ProviderError):
    """What the programs would make breaches guardrails; the message says which and how to mend."""

    exit_code = 1


def refuse_breaches(estate: Estate, env: str, applied: Applied) -> None:
    """Draw an environment's stacks on paper and judge them.

    The apply that follows runs the programs again: what they make depends on the ids of what was
    made before it, so that its own drawing is complete only when everything exists.

    Raises:
        GuardrailError: a finding stands, or an exemption has expired.
    """
    known = _registry(estate, env, applied) | _owners(estate, env, applied)
    drawn = [entry for stack in estate.layers(env).in_order for entry in draw(stack, known, estate)]
    try:
        today = date.today()
        judgement = judge(from_graph(drawn), all_rules(), load(today), today)
    except ExemptionError as error:
        raise GuardrailError(f"{error}; nothing was changed") from None
    if judgement.findings:
        raise GuardrailError(f"the guardrails refuse this; nothing was changed\n{told(judgement)}")


def _owners(estate: Estate, env: str, applied: Applied) -> dict[tuple[str, str], StackOutputs]:
    """What other projects lend; only the environment that uses it asks them."""
    if env != REGISTRY_ENVIRONMENT:
        return lenders.on_paper(estate.stated)
    return {
        stack: applied.exports(*stack, estate.accounts) for stack in lenders.stacks(estate.stated)
    }


def _registry(estate: Estate, env: str, applied: Applied) -> dict[tuple[str, str], StackOutputs]:
    """What the registry's workspace exports, where it was applied: no need to draw it."""
    if env == REGISTRY_ENVIRONMENT:
        return {}
    stack = estate.layers(REGISTRY_ENVIRONMENT).workspace
    try:
        found = applied.exports(stack.program.name, stack.name, estate.accounts)
    except StackMissingError:
        return {}
    return {(stack.program.name, stack.name): found}
