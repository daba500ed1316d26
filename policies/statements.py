"""Policy documents, parsed strictly and compiled once for fast judging."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from policies.matching import Context, Matcher, matcher
from policies.operators import AnyCondition, PolicyError, compile_condition
from policies.principals import Principals, parse_principals

_VERSIONS: Final = {"2012-10-17": True, "2008-10-17": False, None: False}
_DOCUMENT_KEYS: Final = frozenset({"Version", "Id", "Statement"})
_STATEMENT_KEYS: Final = frozenset(
    {"Sid", "Effect", "Condition"}
    | {"Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal"}
)
_ACTION: Final = re.compile(r"\*|\*:\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_REMEMBERED_ACTIONS: Final = 4096
_NO_CONTEXT: Final[Context] = {}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: what it covers, for whom and under which conditions."""

    sid: str | None
    allows: bool
    actions: tuple[Matcher, ...]
    other_actions: bool
    resources: tuple[Matcher, ...]
    other_resources: bool
    principals: Principals | None
    conditions: tuple[AnyCondition, ...]

    def covers_action(self, action: str) -> bool:
        listed = any(matches(action, _NO_CONTEXT) for matches in self.actions)
        return listed != self.other_actions

    def applies(self, resource: str, context: Context) -> bool:
        """Resource and conditions; the action is settled by the policy's index."""
        return self._covers_resource(resource, context) and all(
            condition.holds(context) for condition in self.conditions
        )

    def _covers_resource(self, resource: str, context: Context) -> bool:
        if not self.resources:  # trust policies name no resource
            return True
        listed = any(matches(resource, context) for matches in self.resources)
        return listed != self.other_resources


@dataclass(frozen=True, slots=True)
class ActionStatements:
    """The statements of one policy that cover one action."""

    denying: tuple[Statement, ...]
    allowing: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed document; `name` is what decisions and errors call it."""

    name: str
    statements: tuple[Statement, ...]
    _by_action: dict[str, ActionStatements] = field(
        default_factory=dict, init=False, repr=False, compare=False, hash=False
    )

    @classmethod
    def parse(cls, document: Mapping[str, Any] | str, name: str) -> Policy:
        """Raises PolicyError with the policy's name and the statement at fault."""
        try:
            return cls(name, _statements(_loaded(document)))
        except PolicyError as error:
            raise PolicyError(f"{name}: {error}") from None

    def covering(self, action: str) -> ActionStatements:
        """Statements for a lower-case action, remembered between requests."""
        known = self._by_action.get(action)
        if known is None:
            covering = [s for s in self.statements if s.covers_action(action)]
            known = ActionStatements(
                tuple(s for s in covering if not s.allows), tuple(s for s in covering if s.allows)
            )
            if len(self._by_action) >= _REMEMBERED_ACTIONS:
                self._by_action.clear()
            self._by_action[action] = known
        return known


def _loaded(document: Mapping[str, Any] | str) -> Mapping[str, Any]:
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError as error:
            raise PolicyError(f"not JSON: {error}") from None
    if not isinstance(document, Mapping):
        raise PolicyError("a policy is a JSON object")
    return document


def _statements(document: Mapping[str, Any]) -> tuple[Statement, ...]:
    _refuse_unknown(document, _DOCUMENT_KEYS, "policy")
    version = document.get("Version")
    if version not in _VERSIONS:
        raise PolicyError(f"unknown Version {version!r}")
    listed = document.get("Statement")
    statements = [listed] if isinstance(listed, Mapping) else listed
    if not isinstance(statements, list) or not statements:
        raise PolicyError("Statement must be an object or a list of at least one")
    parsed = tuple(_statement(one, at, _VERSIONS[version]) for at, one in enumerate(statements))
    sids = [statement.sid for statement in parsed if statement.sid]
    if len(sids) != len(set(sids)):
        raise PolicyError("two statements share a Sid")
    return parsed


def _statement(statement: Any, at: int, variables: bool) -> Statement:
    if not isinstance(statement, Mapping):
        raise PolicyError(f"statement {at} is not an object")
    sid = statement.get("Sid")
    try:
        return _compiled(statement, sid, variables)
    except PolicyError as error:
        raise PolicyError(f"statement {sid or at}: {error}") from None


def _compiled(statement: Mapping[str, Any], sid: str | None, variables: bool) -> Statement:
    _refuse_unknown(statement, _STATEMENT_KEYS, "statement")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise PolicyError("Effect must be Allow or Deny")
    principal = _either(statement, "Principal", "NotPrincipal")
    action = _either(statement, "Action", "NotAction")
    resource = _either(statement, "Resource", "NotResource")
    if action is None:
        raise PolicyError("Action or NotAction is missing")
    if resource is None and principal is None:
        raise PolicyError("Resource or NotResource is missing")
    return Statement(
        sid=sid,
        allows=statement["Effect"] == "Allow",
        actions=tuple(_action(name) for name in _texts(statement[action], action)),
        other_actions=action == "NotAction",
        resources=tuple(
            matcher(pattern, "glob", variables)
            for pattern in (_texts(statement[resource], resource) if resource else ())
        ),
        other_resources=resource == "NotResource",
        principals=(
            parse_principals(statement[principal], principal == "NotPrincipal")
            if principal
            else None
        ),
        conditions=_conditions(statement.get("Condition", {}), variables),
    )


def _action(pattern: str) -> Matcher:
    if not _ACTION.fullmatch(pattern):
        raise PolicyError(f"{pattern!r} is not an action such as s3:GetObject")
    return matcher("*" if pattern == "*:*" else pattern.lower(), "glob", variables=False)


def _conditions(block: Any, variables: bool) -> tuple[AnyCondition, ...]:
    if not isinstance(block, Mapping):
        raise PolicyError("Condition must be an object")
    conditions: list[AnyCondition] = []
    for operator, keys in block.items():
        if not isinstance(keys, Mapping):
            raise PolicyError(f"{operator} must be an object of keys and values")
        conditions.extend(
            compile_condition(operator, key, _texts(values, key), variables)
            for key, values in keys.items()
        )
    return tuple(conditions)


def _texts(values: Any, element: str) -> tuple[str, ...]:
    listed = values if isinstance(values, list | tuple) else [values]
    if not listed or not all(isinstance(value, str | bool | int | float) for value in listed):
        raise PolicyError(f"{element} must be a text or a list of at least one")
    return tuple(str(v).lower() if isinstance(v, bool) else str(v) for v in listed)


def _either(statement: Mapping[str, Any], one: str, other: str) -> str | None:
    present = [key for key in (one, other) if key in statement]
    if len(present) > 1:
        raise PolicyError(f"{one} and {other} exclude each other")
    return present[0] if present else None


def _refuse_unknown(element: Mapping[str, Any], known: frozenset[str], what: str) -> None:
    unknown = sorted(set(element) - known)
    if unknown:
        raise PolicyError(f"a {what} has no element {unknown[0]!r}")
