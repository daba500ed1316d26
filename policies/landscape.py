"""Which policies are in force in one project and environment, from the documents or a graph."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Protocol

from policies import documents
from policies.evaluation import Decision, Policy, PolicySet, Request, evaluate
from policies.places import REGISTRY, Place, placeholder_values, places, stand_in_key

__all__ = [
    "INFRASTRUCTURE_FILE",
    "SERVICE_CONTROL",
    "Documents",
    "Held",
    "Levels",
    "Place",
    "Question",
    "Source",
    "UnknownPrincipalError",
    "infrastructure_held",
    "judge",
    "placeholder_values",
    "places",
    "service_control",
    "stand_in_key",
]

_BUCKET: Final = re.compile(r"arn:aws:s3:::[^/]*-(\d{12})(?:/.*)?")
_ROLE: Final = re.compile(r"arn:aws:iam::\d{12}:role/.+")

SERVICE_CONTROL: Final = "service_control.json"
SERVICE: Final = ".amazonaws.com"
INFRASTRUCTURE_FILE: Final = "infrastructure.json"
Levels = tuple[tuple[Policy, ...], ...]

_EVERYTHING: Final = Policy.parse(
    {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, "FullAWSAccess"
)


class UnknownPrincipalError(ValueError):
    """A principal of whom no policies are known."""


@dataclass(frozen=True)
class Held:
    """What a role holds."""

    identity: tuple[Policy, ...]
    boundary: Policy | None


class Source(Protocol):
    """Where policies come from."""

    def held_by(self, role_arn: str) -> Held | None:
        """The role's own policies; None for a role that does not exist here."""

    def attached_to(self, resource: str) -> Policy | None:
        """The resource's own policy."""

    def document(self, name: str, place: Place) -> Mapping[str, Any] | None:
        """The text of a policy by the name that decisions give it."""


@dataclass(frozen=True)
class Documents:
    """The persona documents, rendered; owners are taken to delegate to the callers' accounts.

    That is what the workspace program does (key policies, and the owner's half of reads across
    accounts), so that a decision here says what the persona's own documents allow.
    """

    places: Mapping[str, Place]
    values: Mapping[str, Mapping[str, str]]
    _held: dict[str, Held] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, places: Mapping[str, Place], values: Mapping[str, str] | None = None) -> Documents:
        """`values` overrides stand-ins in every environment."""
        registry = places[REGISTRY]
        return cls(
            places,
            {
                name: {
                    **placeholder_values(place, registry, places.get("staging")),
                    **(values or {}),
                }
                for name, place in places.items()
            },
        )

    def held_by(self, role_arn: str) -> Held | None:
        if role_arn not in self._held:
            found = self._persona(role_arn)
            held = self._rendered(*found) if found else administrators(role_arn)
            if held:
                self._held[role_arn] = held
        return self._held.get(role_arn)

    def attached_to(self, resource: str) -> Policy | None:
        if _ROLE.fullmatch(resource):
            return self._trust(resource)
        accounts = frozenset(place.account for place in self.places.values())
        return _delegation(accounts) if account_of(resource, "") in accounts else None

    def document(self, name: str, place: Place) -> Mapping[str, Any] | None:
        return documents.rendered(name, self.values[place.environment])

    def _rendered(self, persona: str, environment: str) -> Held:
        values = self.values[environment]
        names = documents.parts(persona, environment)
        rendered = documents.render_permissions(persona, values)
        return Held(
            tuple(
                Policy.parse(permissions, f"personas/{name}.json")
                for name, permissions in zip(names, rendered, strict=True)
            ),
            Policy.parse(documents.boundary(values), "boundary.json"),
        )

    def _trust(self, role_arn: str) -> Policy | None:
        found = self._persona(role_arn)
        if found is None:
            return self._trust_of_administration(role_arn)
        kind = documents.TRUST_BY_PERSONA[found[0]]
        trust = documents.render_trust(kind, self.values[found[1]])
        return Policy.parse(trust, f"trust/{kind}.json")

    def _trust_of_administration(self, role_arn: str) -> Policy | None:
        account = role_arn.split(":")[4]
        for persona, kind in documents.TRUST_OF_ADMINISTRATION.items():
            if role_arn == documents.administration(persona, account):
                region = next(one.region for one in self.places.values() if one.account == account)
                trust = documents.render_trust(kind, {"account": account, "region": region})
                return Policy.parse(trust, f"trust/{kind}.json")
        return None

    def _persona(self, role_arn: str) -> tuple[str, str] | None:
        """Persona and environment of a role."""
        for name, place in self.places.items():
            for persona in documents.PERSONAS_BY_ENVIRONMENT[name]:
                if place.role(persona) == role_arn:
                    return persona, name
        return None


def administrators(role_arn: str) -> Held | None:
    """What a role of an account's administration holds; None for any other role."""
    account = role_arn.split(":")[4]
    for persona, names in documents.ADMINISTRATION.items():
        if role_arn == documents.administration(persona, account):
            rendered = documents.render_administration(persona, {"account": account})
            return Held(
                tuple(
                    Policy.parse(permissions, f"personas/{name}.json")
                    for name, permissions in zip(names, rendered, strict=True)
                ),
                Policy.parse(documents.boundary({"account": account}), "boundary.json"),
            )
    return infrastructure_held(role_arn)


@lru_cache(maxsize=64)
def infrastructure_held(role_arn: str) -> Held | None:
    """What the infrastructure's role holds, the only one without a boundary: it makes that."""
    account = role_arn.split(":")[4]
    if role_arn != documents.administration(documents.INFRASTRUCTURE, account):
        return None
    permissions = documents.infrastructure({"account": account})
    return Held((Policy.parse(permissions, INFRASTRUCTURE_FILE),), None)


@lru_cache(maxsize=64)
def _delegation(accounts: frozenset[str]) -> Policy:
    """A resource policy that leaves the decision to these accounts' identity policies."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": sorted(accounts)},
        "Action": "*",
        "Resource": "*",
    }
    return Policy.parse({"Statement": statement}, "the owner's delegation")


@dataclass(frozen=True)
class Question:
    """May this principal do this? A persona of the environment, an ARN, or an AWS service."""

    principal: str
    action: str
    resource: str
    context: Mapping[str, str | list[str]] = field(default_factory=dict)


def service_control(places: Mapping[str, Place]) -> Levels:
    """The organization's limits on these places: AWS's default, and ours below it."""
    document = documents.service_control(place.region for place in places.values())
    return ((_EVERYTHING,), (_EVERYTHING, Policy.parse(document, SERVICE_CONTROL)))


def judge(question: Question, place: Place, source: Source, limits: Levels = ()) -> Decision:
    """The decision, with the context that every request carries unless the question says else.

    `limits` are the service control policies of the account, one tuple per level.

    Raises:
        UnknownPrincipalError: nobody of that name exists in the environment.
    """
    arn = question.principal
    if arn.endswith(SERVICE):
        return _judge_service(question, place, source)
    if not arn.startswith("arn:"):
        arn = place.role(arn)
    held = source.held_by(arn) if _ROLE.fullmatch(arn) else None
    if held is None and not arn.endswith(":root"):
        raise UnknownPrincipalError(f"{question.principal} is no role of {place.project}")
    account = arn.split(":")[4]
    context = {"aws:RequestedRegion": place.region, "aws:SecureTransport": "true"}
    request = Request(
        action=question.action,
        resource=question.resource,
        principal_arn=arn,
        principal_account=account,
        resource_account=account_of(question.resource, account),
        context={**context, **question.context},
    )
    policies = PolicySet(
        identity=held.identity if held else (),
        boundary=held.boundary if held else None,
        resource=source.attached_to(question.resource),
        scps=limits,
    )
    return evaluate(request, policies)


def _judge_service(question: Question, place: Place, source: Source) -> Decision:
    """A service acts by the resource's own policy alone."""
    owner = account_of(question.resource, place.account)
    request = Request(
        action=question.action,
        resource=question.resource,
        principal_arn="",
        principal_account=owner,
        resource_account=owner,
        service=question.principal,
        context={
            "aws:SecureTransport": "true",
            "aws:PrincipalIsAWSService": "true",
            **question.context,
        },
    )
    return evaluate(request, PolicySet(resource=source.attached_to(question.resource)))


def account_of(resource: str, default: str) -> str:
    """The owner of a resource: its ARN says, or our buckets' names do."""
    bucket = _BUCKET.fullmatch(resource)
    if bucket:
        return bucket[1]
    parts = resource.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[4] else default
