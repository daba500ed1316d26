"""Would IAM allow this request? A pure reading of AWS's documented policy evaluation logic.

Source: "Policy evaluation logic" and "IAM JSON policy elements reference" (IAM User Guide).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

from policies.matching import Context
from policies.operators import PolicyError
from policies.principals import Caller, Grant, caller
from policies.statements import Policy, Statement

__all__ = ["Decision", "Policy", "PolicyError", "PolicySet", "Request", "evaluate"]

Kind = Literal["allow", "explicit deny", "implicit deny"]
ContextValue = str | Sequence[str]

_TRUST_ACTIONS: Final = frozenset(
    {
        "sts:assumerole",
        "sts:assumerolewithsaml",
        "sts:assumerolewithwebidentity",
        "sts:setsourceidentity",
        "sts:tagsession",
    }
)

_caller = lru_cache(maxsize=4096)(caller)


@dataclass(frozen=True, slots=True)
class Request:
    """One action on one resource. A call that touches several resources is several requests.

    `principal_arn` is the ARN of the role, user, account root or identity provider; empty when the
    AWS service named by `service` calls for itself. Context keys are case-insensitive.
    """

    action: str
    resource: str
    principal_arn: str
    principal_account: str
    resource_account: str
    session_arn: str | None = None
    service: str | None = None
    context: Mapping[str, ContextValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PolicySet:
    """Every policy in force. `scps` and `rcps` hold one tuple per level: root, units, account."""

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: tuple[Policy, ...] = ()
    resource: Policy | None = None
    scps: tuple[tuple[Policy, ...], ...] = ()
    rcps: tuple[tuple[Policy, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer and, where one statement decided, which."""

    allowed: bool
    kind: Kind
    reason: str
    policy: str | None = None
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class _Question:
    """A request prepared for judging."""

    action: str
    resource: str
    context: Context
    asking: Caller

    def first(self, policies: Iterable[Policy], allows: bool) -> tuple[Policy, Statement] | None:
        """The first statement of that effect that applies."""
        for policy in policies:
            covering = policy.covering(self.action)
            for statement in covering.allowing if allows else covering.denying:
                principals = statement.principals
                if (principals is None or principals.names(self.asking)) and statement.applies(
                    self.resource, self.context
                ):
                    return policy, statement
        return None

    def granted_by(self, policy: Policy) -> tuple[Grant, Statement | None]:
        """The farthest-reaching Allow of a resource policy."""
        best: tuple[Grant, Statement | None] = (Grant.NONE, None)
        for statement in policy.covering(self.action).allowing:
            principals = statement.principals
            grant = principals.grant(self.asking) if principals else Grant.NONE
            if grant > best[0] and statement.applies(self.resource, self.context):
                best = grant, statement
        return best


def evaluate(request: Request, policies: PolicySet) -> Decision:
    """IAM's decision: explicit deny, then organization limits, resource and identity policies."""
    question = _question(request)
    bound = question.asking.bound_by_service_control
    levels = (*policies.rcps, *(policies.scps if bound else ()))
    denied = question.first(_denying(policies, levels), allows=False)
    if denied is not None:
        return _decided("explicit deny", "denied", *denied)
    for level in levels:
        if question.first(level, allows=True) is None:
            return _refused("no policy allows it at one level of the organization")
    return _granted(request, policies, question)


def _granted(request: Request, policies: PolicySet, question: _Question) -> Decision:
    asking, resource_policy = question.asking, policies.resource
    grant, statement = question.granted_by(resource_policy) if resource_policy else _NO_GRANT
    if not asking.has_identity_policies:
        if resource_policy and statement:
            return _decided("allow", "allowed", resource_policy, statement)
        return _refused("no resource policy allows the service or identity provider")
    same_account = request.principal_account == request.resource_account
    if grant is Grant.NONE and (not same_account or _needs_resource_policy(question)):
        return _refused("the resource's own policy does not allow the caller or its account")
    if same_account and grant is Grant.OUTRIGHT and resource_policy and statement:
        return _decided("allow", "allowed", resource_policy, statement)
    if asking.is_root:
        return Decision(True, "allow", "the account's root user")
    identity = question.first(policies.identity, allows=True)
    if identity is None and same_account and grant is Grant.WITHIN_LIMITS:
        identity = (resource_policy, statement) if resource_policy and statement else None
    if identity is None:
        return _refused(f"no policy allows {request.action} on {request.resource}")
    if policies.boundary and question.first((policies.boundary,), allows=True) is None:
        return _refused(f"the permissions boundary {policies.boundary.name} does not allow it")
    if policies.session and question.first(policies.session, allows=True) is None:
        return _refused("the session policies do not allow it")
    return _decided("allow", "allowed", *identity)


_NO_GRANT: Final[tuple[Grant, Statement | None]] = (Grant.NONE, None)


def _question(request: Request) -> _Question:
    asking = _caller(
        request.principal_arn, request.principal_account, request.session_arn, request.service
    )
    context = {key.lower(): _values(value) for key, value in request.context.items()}
    if asking.has_identity_policies:
        context.setdefault("aws:principalarn", (request.principal_arn,))
        context.setdefault("aws:principalaccount", (request.principal_account,))
    context.setdefault("aws:resourceaccount", (request.resource_account,))
    return _Question(request.action.lower(), request.resource, context, asking)


def _values(value: ContextValue) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _denying(policies: PolicySet, levels: tuple[tuple[Policy, ...], ...]) -> Iterator[Policy]:
    yield from policies.identity
    if policies.boundary:
        yield policies.boundary
    yield from policies.session
    if policies.resource:
        yield policies.resource
    for level in levels:
        yield from level


def _needs_resource_policy(question: _Question) -> bool:
    """Keys and roles: without their own policy's consent identity policies count for nothing.

    "Key policies in AWS KMS" (KMS Developer Guide); "Granting a user permissions to switch roles".
    """
    if question.action.startswith("kms:"):
        return ":key/" in question.resource
    return question.action in _TRUST_ACTIONS and ":role/" in question.resource


def _decided(kind: Kind, verb: str, policy: Policy, statement: Statement) -> Decision:
    reason = f"{verb} by {statement.sid or 'a statement'} of {policy.name}"
    return Decision(kind == "allow", kind, reason, policy.name, statement.sid)


def _refused(reason: str) -> Decision:
    return Decision(False, "implicit deny", reason)
