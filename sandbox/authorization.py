"""Every request judged as IAM would: identity, boundary, session and resource policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.iam.models import iam_backends

from policies.evaluation import Decision, Policy, PolicyError, PolicySet, Request, evaluate
from sandbox.api_call import ApiCall
from sandbox.faults import Answer, fault
from sandbox.key_use import key_needs
from sandbox.request_context import base_context, call_context, tag_context
from sandbox.resource_arns import touched
from sandbox.resource_policies import owner, parsed, resource_policy
from sandbox.s3_actions import s3_needs
from sandbox.sessions import Principal

# IAM's action where the API's name is another.
ACTIONS = {
    ("lambda", "Invoke"): "lambda:InvokeFunction",
    ("sagemaker-runtime", "InvokeEndpointWithResponseStream"): "sagemaker:InvokeEndpoint",
    ("cloudwatch", "PutMetricData"): "cloudwatch:PutMetricData",
}
# Needs no permission ("GetCallerIdentity", STS API reference), or is judged by the operation
# itself against the role's trust policy.
OPEN = frozenset(
    {
        ("sts", "GetCallerIdentity"),
        ("sts", "AssumeRoleWithSAML"),
        ("sts", "AssumeRoleWithWebIdentity"),
    }
)
PASSING_SERVICE = {"events": "events", "lambda": "lambda", "scheduler": "scheduler"}
ROLE_PARAMETERS = frozenset({"RoleArn", "ExecutionRoleArn", "Role", "roleArn"})
EVERYTHING = ("*",)


@dataclass(frozen=True)
class Need:
    """One action on one resource that a call must be allowed.

    `alternatives` are other ARNs by which policies name the same resource.
    """

    action: str
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)
    alternatives: tuple[str, ...] = ()


def refusal(call: ApiCall) -> Answer | None:
    """AWS's error when the caller may not do this; None when it may."""
    principal = call.principal
    if (call.service, call.operation) in OPEN:
        return None
    if principal.kind == "Anonymous":
        return fault(call, "AccessDenied", "Access Denied", 403)
    if principal.session and principal.session.expires < datetime.now(UTC):
        message = "The security token included in the request is expired"
        return fault(call, _expired(call), message, 403)
    if principal.kind == "Root":
        return None
    for need in needs(call):
        decision = _judge(call, need)
        if not decision.allowed:
            return fault(call, _denied(call), sentence(principal, need, decision), _status(call))
    return None


def needs(call: ApiCall) -> Iterator[Need]:
    """Everything a call must be allowed, in the order AWS names it."""
    context = call_context(call)
    if call.service == "s3":
        for action, resource in s3_needs(call):
            yield Need(action, resource, context)
        yield from (Need(*need) for need in key_needs(call))
        return
    action = ACTIONS.get((call.service, call.operation), f"{call.prefix}:{call.operation}")
    resources = touched(call) or EVERYTHING
    for resource in resources:
        yield Need(action, resource, context, _alternatives(resource))
    yield from _dependent(call, resources, context)


def _alternatives(resource: str) -> tuple[str, ...]:
    """A log group is written with and without the colon of its streams."""
    if ":log-group:" in resource and ":log-stream:" not in resource:
        return (f"{resource}:*", f"{resource}:log-stream:")
    return ()


def _dependent(
    call: ApiCall, resources: Sequence[str], context: Mapping[str, Any]
) -> Iterator[Need]:
    if call.service == "sagemaker" and call.parameters.get("Tags") and call.operation != "AddTags":
        tagging = {**context, "sagemaker:TaggingAction": call.operation}
        for resource in resources:
            if ":endpoint-config/" in resource and call.operation == "CreateEndpoint":
                continue
            if ":model-package-group/" in resource and call.operation == "CreateModelPackage":
                continue
            yield Need("sagemaker:AddTags", resource, tagging)
    service = PASSING_SERVICE.get(call.service) or (
        "sagemaker" if call.service == "sagemaker" else None
    )
    if service is None or call.operation.startswith(("List", "Search", "Describe", "Get")):
        return
    for role in dict.fromkeys(_roles(call.parameters)):
        passed = {"iam:PassedToService": f"{service}.amazonaws.com"}
        if call.service in ("lambda", "sagemaker", "events"):
            passed["iam:AssociatedResourceArn"] = resources[0]
        yield Need("iam:PassRole", role, passed)


def _roles(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in ROLE_PARAMETERS and isinstance(item, str) and item.startswith("arn:"):
                yield item
            else:
                yield from _roles(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _roles(item)


def _judge(call: ApiCall, need: Need) -> Decision:
    first: Decision | None = None
    for resource in (need.resource, *need.alternatives):
        decision = judge(call.principal, need.action, resource, call.region, need.context)
        if decision.kind == "explicit deny":
            return decision
        if decision.allowed:
            first = decision
        first = first or decision
    assert first is not None
    return first


def judge(
    principal: Principal, action: str, resource: str, region: str, context: Mapping[str, Any]
) -> Decision:
    """IAM's decision on one action by one principal."""
    policies = PolicySet(
        identity=identity_policies(principal),
        boundary=_boundary(principal),
        session=_session_policies(principal),
        resource=resource_policy(resource),
    )
    session = principal.session
    asked = Request(
        action=action,
        resource=resource,
        principal_arn=principal.arn,
        principal_account=principal.account,
        resource_account=owner(resource, principal.account),
        session_arn=session.arn if session else None,
        context={
            **base_context(principal, region, action),
            **tag_context(resource, action),
            **context,
        },
    )
    return evaluate(asked, policies)


def service_decision(
    service: str, action: str, resource: str, context: Mapping[str, Any]
) -> Decision:
    """Whether a resource's own policy lets an AWS service act on it."""
    account = owner(resource, "")
    asked = Request(
        action=action,
        resource=resource,
        principal_arn="",
        principal_account=account,
        resource_account=account,
        service=service,
        context={"aws:SecureTransport": "true", "aws:PrincipalIsAWSService": "true", **context},
    )
    return evaluate(asked, PolicySet(resource=resource_policy(resource)))


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


def _boundary(principal: Principal) -> Policy | None:
    holder = _holder(principal)
    arn = getattr(holder, "permissions_boundary_arn", None)
    if not arn:
        return None
    policy = iam_backends[principal.account]["aws"].managed_policies.get(arn)
    if policy is None:
        # AWS keeps a role under a deleted boundary unable to do anything.
        return _NOTHING
    return _readable(_document(policy), policy.name)


def _document(policy: Any) -> str:
    """The text of a managed policy's default version."""
    versions = {version.version_id: version.document for version in policy.versions}
    return str(versions[policy.default_version_id])


_NOTHING = Policy("a boundary that does not exist", ())


def _session_policies(principal: Principal) -> tuple[Policy, ...]:
    session = principal.session
    if session is None:
        return ()
    return tuple(parsed(text, "the session policy") for text in session.policies)


def sentence(principal: Principal, need: Need, decision: Decision) -> str:
    """AWS's wording of a refusal ("Access denied error message examples", IAM User Guide)."""
    text = (
        f"User: {principal.identity_arn} is not authorized to perform: {need.action} "
        f"on resource: {need.resource}"
    )
    if decision.kind == "explicit deny":
        return f"{text} with an explicit deny in {_kind(principal, decision)} policy"
    if "boundary" in decision.reason:
        return f"{text} because no permissions boundary allows the {need.action} action"
    if "session polic" in decision.reason:
        return f"{text} because no session policy allows the {need.action} action"
    if "own policy" in decision.reason:
        return f"{text} because no resource-based policy allows the {need.action} action"
    return f"{text} because no identity-based policy allows the {need.action} action"


def _kind(principal: Principal, decision: Decision) -> str:
    boundary = _boundary(principal)
    if boundary and decision.policy == boundary.name:
        return "a permissions boundary"
    if decision.policy == "the session policy":
        return "a session"
    if (decision.policy or "").startswith("the policy of "):
        return "a resource-based"
    return "an identity-based"


def _denied(call: ApiCall) -> str:
    if call.service == "ec2":
        return "UnauthorizedOperation"
    if call.service == "sns":
        return "AuthorizationError"
    return "AccessDenied" if call.service in QUERY_SERVICES else "AccessDeniedException"


def _expired(call: ApiCall) -> str:
    if call.service == "s3":
        return "ExpiredToken"
    return "ExpiredToken" if call.service in QUERY_SERVICES else "ExpiredTokenException"


def _status(call: ApiCall) -> int:
    return 403 if call.service in REST_SERVICES else 400


QUERY_SERVICES = frozenset({"s3", "iam", "sts", "sqs", "cloudwatch", "autoscaling"})
REST_SERVICES = frozenset({"s3", "iam", "sts", "sns", "lambda", "ec2", "sagemaker-runtime"})
