"""Which group gets which persona where, as the organization's configuration says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from infra.configuration import ACCOUNT, Form, Values
from policies.documents import PERSONAS_BY_ENVIRONMENT, TRUST_BY_PERSONA

LONGEST_NAME = 32
GROUP = Form(
    r"([0-9a-f]{10}-)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "write the group's id in the identity store (`aws identitystore list-groups`)",
)
PERMISSION_SET = Form(
    r"arn:aws:sso:::permissionSet/[\w.-]+/ps-[\w.-]+", "write the ARN of a permission set"
)
PROJECT = Form(r"[a-z][a-z0-9-]{0,30}", "write a project's name as its project.yaml has it")
MEMBERS = ("project", "environment", "persona", "account", "group")


@dataclass(frozen=True)
class Assignment:
    """A group that gets a persona of a project's environment; its permission set may exist."""

    project: str
    environment: str
    persona: str
    account: str
    group: str
    permission_set: str | None

    @property
    def role(self) -> str:
        """What the persona's policy is called in the environment's account."""
        return f"{self.project}-{self.environment}-{self.persona}"


def load(values: Values) -> tuple[Assignment, ...]:
    """The assignments of a stack; none where it states none."""
    text = values.stated.get("assignments")
    if not text:
        return ()
    try:
        stated: Any = json.loads(text)
    except json.JSONDecodeError:
        stated = None
    if not isinstance(stated, list):
        raise values.problem("assignments", f"expected a list of entries with {', '.join(MEMBERS)}")
    found = tuple(_assignment(values, entry, number) for number, entry in enumerate(stated, 1))
    if len(set(found)) != len(found):
        raise values.problem("assignments", "names the same assignment twice; remove one")
    return found


def _assignment(values: Values, entry: Any, number: int) -> Assignment:
    where = f"assignments[{number}]"
    if not isinstance(entry, dict):
        raise values.problem(where, f"expected an entry with {', '.join(MEMBERS)}")
    for member in entry:
        if member not in (*MEMBERS, "permissionSet"):
            raise values.problem(
                where, f"unknown member '{member}'; use {', '.join(MEMBERS)}, permissionSet"
            )
    members = {key: str(entry[key]) for key in entry}
    for member in MEMBERS:
        if not members.get(member):
            raise values.problem(where, f"has no {member}; add it")
    part = Values(values.stack, {f"{where}.{key}": text for key, text in members.items()})
    found = Assignment(
        project=part.required(f"{where}.project", PROJECT),
        environment=members["environment"],
        persona=members["persona"],
        account=part.required(f"{where}.account", ACCOUNT),
        group=part.required(f"{where}.group", GROUP),
        permission_set=part.optional(f"{where}.permissionSet", PERMISSION_SET),
    )
    _check_persona(values, where, found)
    return found


def _check_persona(values: Values, where: str, found: Assignment) -> None:
    if found.environment not in PERSONAS_BY_ENVIRONMENT:
        environments = ", ".join(PERSONAS_BY_ENVIRONMENT)
        raise values.problem(
            where, f"environment '{found.environment}' is not known; use {environments}"
        )
    people = [
        persona
        for persona in PERSONAS_BY_ENVIRONMENT[found.environment]
        if TRUST_BY_PERSONA[persona] == "saml"
    ]
    if found.persona not in people:
        raise values.problem(
            where,
            f"persona '{found.persona}' is nobody's in {found.environment}; "
            f"people are {', '.join(people)}",
        )
    if found.permission_set is None and len(found.role) > LONGEST_NAME:
        raise values.problem(
            where,
            f"'{found.role}' has {len(found.role)} characters, a permission set's name "
            f"{LONGEST_NAME} at most; make one by hand and name its ARN as permissionSet",
        )
