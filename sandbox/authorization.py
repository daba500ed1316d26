"""Every request judged as IAM would: identity, boundary, session and resource policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from policies.evaluation import Decision, PolicySet, Request, evaluate
from sandbox import refusals
from sandbox.api_call import ApiCall
from sandbox.faults import Answer
from sandbox.key_use import card_key_needs, key_needs
from sandbox.principal_policies import boundary, identity_policies, session_policies
from sandbox.request_context import base_context, call_context, tag_context
from sandbox.resource_arns import touched
from sandbox.resource_policies import owner, resource_policy
from sandbox.s3_actions import s3_needs
from sandbox.sessions import Principal
from sandbox.volume_grants import volume_grants

# IAM's action where the API's name is another.
ACTIONS = {
    ("lambda", "Invoke"): "lambda:InvokeFunction",
    ("sagemaker-runtime", "InvokeEndpointWithResponseStream"): "sagemaker:InvokeEndpoint",
    ("cloudwatch", "PutMetricData"): "cloudwatch:PutMetricData",
    # "Actions, resources, and condition keys for AWS Budget Service": two actions for all.
    **{("budgets", name): "budgets:ViewBudget" for name in ("DescribeBudget", "DescribeBudgets")},
    **{
        ("budgets", f"{verb}Budget"): "budgets:ModifyBudget"
        for verb in ("Create", "Update", "Delete")
    },
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
PASSING_SERVICE = {
    "events": "events",
    "firehose": "firehose",
    "lambda": "lambda",
    "logs": "logs",
    "scheduler": "scheduler",
}
ROLE_PARAMETERS = frozenset({"RoleArn", "RoleARN", "ExecutionRoleArn", "Role", "roleArn"})
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
        return refusals.anonymous(call)
    if principal.session and principal.session.expires < datetime.now(UTC):
        return refusals.expired(call)
    for need in needs(call):
        if _is_own_root(principal, need.resource):
            continue
        decision = _judge(call, need)
        if not decision.allowed:
            return refusals.denied(call, need.action, need.resource, decision)
    return None


def _is_own_root(principal: Principal, resource: str) -> bool:
    """Root may do everything in its own account; elsewhere the resource has to agree."""
    return principal.kind == "Root" and owner(resource, principal.account) == principal.account


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
    yield from _grants(call)
    yield from (Need(*need) for need in card_key_needs(call))


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


def _grants(call: ApiCall) -> Iterator[Need]:
    """Grants for encrypted volumes, as far as the job's own role may not make them."""
    action = "kms:CreateGrant"
    for grant in volume_grants(call):
        if grant.role:
            role = Principal("AssumedRole", grant.role.split(":")[4], grant.role, "")
            if judge(role, action, grant.key, call.region, grant.context).allowed:
                continue
        yield Need(action, grant.key, grant.context)


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
        boundary=boundary(principal),
        session=session_policies(principal),
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
