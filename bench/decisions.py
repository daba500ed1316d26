"""`iam_decisions_per_s`: every cell of the access matrix, decided over and over on one core."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from moto.iam.access_control import IAMPolicy

from bench.measure import Row, higher_is_better, progress
from policies import documents, matrix
from policies.evaluation import PolicySet, Request, evaluate
from policies.landscape import Documents, Place, account_of, service_control
from policies.verdicts import extra_values

SECONDS = 2.0
PEER = "moto 5.2 IAMPolicy (identity policies only)"
PLACES = {
    name: Place("loans", name, "123456789012", "us-east-1") for name in documents.ENVIRONMENTS
}
Asked = tuple[Request, PolicySet]


def asked() -> list[Asked]:
    """The matrix's requests with every policy in force: identity, boundary, resource, SCP."""
    landscape, limits = Documents.of(PLACES), service_control(PLACES)
    found = []
    for cell in matrix.cells():
        place = PLACES[cell.environment]
        values = {**landscape.values[cell.environment], **extra_values(place)}
        question = cell.question(values)
        arn = place.role(cell.persona)
        held = landscape.held_by(arn)
        assert held is not None, f"{arn} has no documents"
        request = Request(
            action=question.action,
            resource=question.resource,
            principal_arn=arn,
            principal_account=place.account,
            resource_account=account_of(question.resource, place.account),
            context={"aws:RequestedRegion": place.region, **question.context},
        )
        resource = landscape.attached_to(question.resource)
        found.append((request, PolicySet(held.identity, held.boundary, (), resource, limits)))
    return found


def ours() -> float:
    """Decisions a second."""
    questions = asked()
    return per_second(len(questions), lambda: [evaluate(*one) for one in questions])


def moto() -> float:
    """Decisions a second on the same identity policies, which is the part that moto judges."""
    landscape = Documents.of(PLACES)
    held: dict[tuple[str, str], list[IAMPolicy]] = {}
    questions: list[tuple[list[IAMPolicy], str, str]] = []
    for cell in matrix.cells():
        key = (cell.persona, cell.environment)
        values = landscape.values[cell.environment]
        if key not in held:
            rendered = documents.render_permissions(cell.persona, values)
            held[key] = [IAMPolicy({"policy_document": json.dumps(one)}) for one in rendered]
        question = cell.question({**values, **extra_values(PLACES[cell.environment])})
        questions.append((held[key], question.action, question.resource))
    return per_second(len(questions), lambda: [_by_moto(*one) for one in questions])


def _by_moto(policies: list[IAMPolicy], action: str, resource: str) -> Any:
    return [policy.is_action_permitted(action, resource) for policy in policies]


def per_second(count: int, decide: Callable[[], object]) -> float:
    """How many of `count` decisions a core makes in a second, after one round to warm up.

    CPU time, because the question is about one core and not about what else runs on it.
    """
    decide()
    rounds, began = 0, time.process_time()
    while (spent := time.process_time() - began) < SECONDS:
        decide()
        rounds += 1
    return rounds * count / spent


def rows() -> list[Row]:
    """The rows of this file."""
    progress("deciding the access matrix")
    return [higher_is_better("iam_decisions_per_s", "decisions/s per core", ours(), moto(), PEER)]
