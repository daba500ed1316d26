"""The policies that bind a principal: its own, its boundary's and its session's."""

from __future__ import annotations

from typing import Any

from moto.iam.models import iam_backends

from policies.evaluation import Policy, PolicyError
from sandbox.resource_policies import parsed
from sandbox.sessions import Principal

SESSION_POLICY = "the session policy"
NOTHING = Policy("a boundary that does not exist", ())


def identity_policies(principal: Principal) -> tuple[Policy, ...]:
    """Inline and attached policies of a role or user, as they are now."""
    holder = _holder(principal)
    if holder is None:
        return ()
    texts = [(name, document) for name, document in _inline(holder)]
    texts += [(policy.name, _document(policy)) for policy in _attached(holder)]
    return tuple(found for name, text in texts if (found := _readable(text, name)))


def _readable(text: str, name: str) -> Policy | None:
    try:
        return parsed(text if isinstance(text, str) else text.decode(), name)
    except PolicyError:
        return None


def _holder(principal: Principal) -> Any:
    backend = iam_backends[principal.account]["aws"]
    if principal.kind == "AssumedRole":
        for role in list(backend.roles.values()):
            if role.arn == principal.arn:
                return role
        return None
    return backend.users.get(principal.user_name) if principal.user_name else None


def _inline(holder: Any) -> list[tuple[str, str]]:
    return list(holder.policies.items())


def _attached(holder: Any) -> list[Any]:
    return list(holder.managed_policies.values())


def boundary(principal: Principal) -> Policy | None:
    holder = _holder(principal)
    arn = getattr(holder, "permissions_boundary_arn", None)
    if not arn:
        return None
    policy = iam_backends[principal.account]["aws"].managed_policies.get(arn)
    if policy is None:
        # AWS keeps a role under a deleted boundary unable to do anything.
        return NOTHING
    return _readable(_document(policy), policy.name)


def _document(policy: Any) -> str:
    """The text of a managed policy's default version."""
    versions = {version.version_id: version.document for version in policy.versions}
    return str(versions[policy.default_version_id])


def session_policies(principal: Principal) -> tuple[Policy, ...]:
    session = principal.session
    if session is None:
        return ()
    return tuple(parsed(text, SESSION_POLICY) for text in session.policies)
