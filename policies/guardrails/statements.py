"""Reads the statements of policy documents the way the rules ask about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

Statement = Mapping[str, Any]
# Conditions on these narrow an open principal to callers or networks we name.
_NARROWING: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "kms:calleraccount",
    }
)


def allows(statement: Statement) -> bool:
    """Whether the statement grants."""
    return statement.get("Effect") == "Allow"


def several(statement: Statement, element: str) -> list[str]:
    """The values of an element, which may be written as one text."""
    found = statement.get(element, ())
    return [found] if isinstance(found, str) else [str(each) for each in found]


def is_open(statement: Statement) -> bool:
    """Whether it grants to anybody at all: any principal, and no condition that names callers."""
    if not allows(statement):
        return False
    if "NotPrincipal" in statement:
        return True
    return "*" in set(_principals(statement)) and not _narrowed(statement)


def refuses_plain_http(statement: Statement) -> bool:
    """Whether it denies everybody whatever does not come over TLS."""
    if statement.get("Effect") != "Deny" or "*" not in set(_principals(statement)):
        return False
    return any(
        key.lower() == "aws:securetransport" and str(value).lower() == "false"
        for operator, key, value in _conditions(statement)
        if operator.lower() == "bool"
    )


def _principals(statement: Statement) -> Iterator[str]:
    principal = statement.get("Principal")
    if isinstance(principal, str):
        yield principal
    elif isinstance(principal, Mapping):
        for value in principal.values():
            yield from [value] if isinstance(value, str) else map(str, value)


def _narrowed(statement: Statement) -> bool:
    return any(
        key.lower() in _NARROWING
        and not operator.lower().endswith("ifexists")
        and not operator.lower().startswith(("stringnot", "arnnot", "null"))
        and value not in ("*", ["*"])
        for operator, key, value in _conditions(statement)
    )


def _conditions(statement: Statement) -> Iterator[tuple[str, str, Any]]:
    for operator, tests in (statement.get("Condition") or {}).items():
        for key, value in tests.items():
            plain = isinstance(value, Sequence) and not isinstance(value, str)
            yield operator, key, list(value) if plain else value
