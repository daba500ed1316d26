"""The provider functions a program may call while it runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.provider.access import Access
from sandbox.provider.errors import RefusedError

Values = Mapping[str, Any]

STATEMENT = {
    "sid": "Sid",
    "effect": "Effect",
    "actions": "Action",
    "notActions": "NotAction",
    "resources": "Resource",
    "notResources": "NotResource",
}
PRINCIPALS = {"principals": "Principal", "notPrincipals": "NotPrincipal"}


def caller_identity(access: Access, args: Values) -> dict[str, Any]:
    """Whom the provider acts as."""
    caller = access.client("sts").get_caller_identity()
    return {
        "accountId": caller["Account"],
        "arn": caller["Arn"],
        "userId": caller["UserId"],
        "id": caller["Account"],
    }


def partition(access: Access, args: Values) -> dict[str, Any]:
    """The partition of the provider's region."""
    return {
        "partition": access.identity.partition,
        "id": access.identity.partition,
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    }


def region(access: Access, args: Values) -> dict[str, Any]:
    """The provider's region, or the one asked for."""
    name = args.get("region") or args.get("name") or access.identity.region
    return {
        "region": name,
        "name": name,
        "id": name,
        "endpoint": f"ec2.{name}.amazonaws.com",
        "description": name,
    }


def policy_document(access: Access, args: Values) -> dict[str, Any]:
    """A policy document written as arguments, as JSON."""
    merging = sorted(name for name in args if name.startswith(("source", "override")))
    if merging:
        raise RefusedError(f"the sandbox merges no policy documents ({', '.join(merging)})")
    document: dict[str, Any] = {"Version": args.get("version") or "2012-10-17"}
    if args.get("policyId"):
        document["Id"] = args["policyId"]
    document["Statement"] = [_statement(one) for one in args.get("statements") or ()]
    text = json.dumps(document, indent=2)
    return {
        **args,
        "version": document["Version"],
        "json": text,
        "minifiedJson": json.dumps(document, separators=(",", ":")),
        "id": hashlib.sha256(text.encode()).hexdigest()[:10],
    }


Function = Callable[[Access, Values], dict[str, Any]]
FUNCTIONS: Mapping[str, Function] = {
    "aws:index/getCallerIdentity:getCallerIdentity": caller_identity,
    "aws:index/getPartition:getPartition": partition,
    "aws:index/getRegion:getRegion": region,
    "aws:iam/getPolicyDocument:getPolicyDocument": policy_document,
}


def _statement(args: Values) -> dict[str, Any]:
    statement = {"Effect": "Allow"}
    for name, key in STATEMENT.items():
        if args.get(name):
            statement[key] = _single(args[name])
    for name, key in PRINCIPALS.items():
        if args.get(name):
            statement[key] = _principals(args[name])
    conditions: dict[str, dict[str, Any]] = {}
    for one in args.get("conditions") or ():
        conditions.setdefault(one["test"], {})[one["variable"]] = _single(one["values"])
    return {**statement, **({"Condition": conditions} if conditions else {})}


def _principals(principals: list[Values]) -> Any:
    if [one["type"] for one in principals] == ["*"]:
        return "*"
    named: dict[str, list[str]] = {}
    for one in principals:
        named.setdefault(one["type"], []).extend(one["identifiers"])
    return {kind: _single(identifiers) for kind, identifiers in named.items()}


def _single(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value
