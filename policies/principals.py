"""Who is asking, and which principals of a resource policy that is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from policies.operators import PolicyError

_ACCOUNT: Final = re.compile(r"\d{12}")
_KINDS: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})


class Grant(IntEnum):
    """How far an Allow of a resource policy carries, by how it names the caller.

    "Policy evaluation logic for requests within a single account" (IAM User Guide): the account
    only delegates to its identity policies; a role ARN grants within boundary and session policy;
    the session, a user or everybody is granted outright.
    """

    NONE = 0
    DELEGATED = 1
    WITHIN_LIMITS = 2
    OUTRIGHT = 3


Identifier = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Caller:
    """Every identifier by which a resource policy can name the caller."""

    forms: tuple[tuple[Identifier, Grant], ...]
    is_root: bool
    has_identity_policies: bool
    bound_by_service_control: bool

    @property
    def identifiers(self) -> frozenset[Identifier]:
        return frozenset(identifier for identifier, _ in self.forms)


def caller(
    principal_arn: str, principal_account: str, session_arn: str | None, service: str | None
) -> Caller:
    """An AWS service calls for itself when no ARN is given; a federated provider by its own ARN."""
    if not principal_arn.startswith("arn:"):
        name = service or principal_arn
        forms: tuple[tuple[Identifier, Grant], ...] = (
            ((("Service" if service else "Federated"), name), Grant.OUTRIGHT),
        )
        return Caller(forms if name else (), False, False, False)
    if ":saml-provider/" in principal_arn or ":oidc-provider/" in principal_arn:
        return Caller(((("Federated", principal_arn), Grant.OUTRIGHT),), False, False, False)
    root = root_arn(principal_arn.split(":", 2)[1], principal_account)
    if principal_arn == root:
        return Caller(((("AWS", root), Grant.DELEGATED),), True, True, True)
    direct = Grant.WITHIN_LIMITS if ":role/" in principal_arn else Grant.OUTRIGHT
    named = [(("AWS", root), Grant.DELEGATED), (("AWS", principal_arn), direct)]
    if session_arn is not None:
        named.append((("AWS", session_arn), Grant.OUTRIGHT))
    return Caller(tuple(named), False, True, ":role/aws-service-role/" not in principal_arn)


def root_arn(partition: str, account: str) -> str:
    return f"arn:{partition}:iam::{account}:root"


@dataclass(frozen=True, slots=True)
class Principals:
    """The Principal or NotPrincipal element of a statement."""

    identifiers: frozenset[Identifier]
    everybody: bool
    negated: bool

    def names(self, asking: Caller) -> bool:
        """Does the statement speak of this caller?"""
        if not self.negated:
            return self.everybody or not self.identifiers.isdisjoint(asking.identifiers)
        # "AWS JSON policy elements: NotPrincipal": a caller is left out only when its account,
        # its role and its session are all listed.
        listed = bool(asking.identifiers) and asking.identifiers <= self.identifiers
        return not (self.everybody or listed)

    def grant(self, asking: Caller) -> Grant:
        """What an Allow with this element gives the caller."""
        if not self.names(asking):
            return Grant.NONE
        if self.everybody or self.negated:
            return Grant.OUTRIGHT
        return max(grant for form, grant in asking.forms if form in self.identifiers)


def parse_principals(element: Any, negated: bool) -> Principals:
    """Raises PolicyError for a principal that a resource policy cannot name."""
    if element == "*":
        return Principals(frozenset(), True, negated)
    if not isinstance(element, Mapping) or not element:
        raise PolicyError('Principal must be "*" or an object such as {"AWS": "..."}')
    identifiers: set[Identifier] = set()
    everybody = False
    for kind, values in element.items():
        if kind not in _KINDS:
            raise PolicyError(f"unknown kind of principal {kind!r}")
        for value in [values] if isinstance(values, str) else values:
            if value == "*" and kind == "AWS":
                everybody = True
            elif not isinstance(value, str) or "*" in value:
                raise PolicyError(f"a principal cannot be a pattern: {value!r}")
            else:
                identifiers.add((kind, _full(value) if kind == "AWS" else value))
    return Principals(frozenset(identifiers), everybody, negated)


def _full(principal: str) -> str:
    return root_arn("aws", principal) if _ACCOUNT.fullmatch(principal) else principal
