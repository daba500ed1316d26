"""Policy documents as AWS takes them: canonical JSON, well formed, within their size."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.provider.errors import RefusedError

VERSIONS = ("2012-10-17", "2008-10-17")


@dataclass(frozen=True)
class Kind:
    """A place for a policy: its largest size, and what its statements name."""

    name: str
    limit: int
    principal: bool
    resource: bool


MANAGED = Kind("managed policy", 6144, principal=False, resource=True)
INLINE = Kind("inline role policy", 10240, principal=False, resource=True)
TRUST = Kind("trust policy", 2048, principal=True, resource=False)
BUCKET = Kind("bucket policy", 20480, principal=True, resource=True)
KEY = Kind("key policy", 32768, principal=True, resource=True)
LOGS = Kind("log resource policy", 5120, principal=True, resource=True)
RESOURCE = Kind("resource policy", 20480, principal=True, resource=True)
REPOSITORY = Kind("repository policy", 10240, principal=True, resource=False)


def canonical(document: Any) -> str:
    """A JSON document as text, the same for the same content."""
    if isinstance(document, str):
        document = parsed(document)
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def parsed(text: str) -> Any:
    """The content of a JSON document."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise RefusedError(f"MalformedPolicyDocument: no JSON: {error}") from error


def policy(document: Any, kind: Kind) -> str:
    """A policy in canonical form, refused where AWS would refuse it."""
    text = canonical(document)
    content = json.loads(text)
    if not isinstance(content, Mapping):
        raise RefusedError(f"MalformedPolicyDocument: a {kind.name} is a JSON object")
    if content.get("Version") not in VERSIONS:
        raise RefusedError(f"MalformedPolicyDocument: Version must be one of {', '.join(VERSIONS)}")
    statements = content.get("Statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise RefusedError(f"MalformedPolicyDocument: a {kind.name} needs at least one Statement")
    for number, statement in enumerate(statements, 1):
        _check_statement(statement, number, kind)
    if len(text) > kind.limit:
        raise RefusedError(
            f"LimitExceeded: this {kind.name} has {len(text)} characters; AWS allows {kind.limit}"
        )
    return text


def _check_statement(statement: Any, number: int, kind: Kind) -> None:
    where = f"MalformedPolicyDocument: statement {number} of the {kind.name}"
    if not isinstance(statement, Mapping):
        raise RefusedError(f"{where} is no object")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise RefusedError(f"{where}: Effect must be Allow or Deny")
    _exactly_one(statement, ("Action", "NotAction"), where)
    if kind.principal:
        _exactly_one(statement, ("Principal", "NotPrincipal"), where)
    elif "Principal" in statement or "NotPrincipal" in statement:
        raise RefusedError(f"{where}: an identity policy names no Principal")
    if kind.resource:
        _exactly_one(statement, ("Resource", "NotResource"), where)
    elif "Resource" in statement or "NotResource" in statement:
        raise RefusedError(f"{where}: a {kind.name} has no Resource")


def _exactly_one(statement: Mapping[str, Any], names: tuple[str, str], where: str) -> None:
    if sum(bool(statement.get(name)) for name in names) != 1:
        raise RefusedError(f"{where} needs exactly one of {names[0]} and {names[1]}")
