"""AWS's answers to what a caller may not do, in each service's own codes and words."""

from __future__ import annotations

from policies.evaluation import Decision
from sandbox.api_call import ApiCall
from sandbox.faults import Answer, fault
from sandbox.principal_policies import SESSION_POLICY, boundary
from sandbox.sessions import Principal

XML_SERVICES = frozenset({"s3", "iam", "sts", "sqs", "cloudwatch", "autoscaling"})
FORBIDDEN = frozenset({"s3", "iam", "sts", "sns", "lambda", "ec2", "sagemaker-runtime"})


def denied(call: ApiCall, action: str, resource: str, decision: Decision) -> Answer:
    """The refusal of one action on one resource."""
    message = sentence(call.principal, action, resource, decision)
    return fault(call, _denied(call), message, 403 if call.service in FORBIDDEN else 400)


def anonymous(call: ApiCall) -> Answer:
    """The refusal of a request without credentials."""
    return fault(call, "AccessDenied", "Access Denied", 403)


def expired(call: ApiCall) -> Answer:
    """The refusal of credentials past their time."""
    code = "ExpiredToken" if call.service in XML_SERVICES else "ExpiredTokenException"
    return fault(call, code, "The security token included in the request is expired", 403)


def sentence(principal: Principal, action: str, resource: str, decision: Decision) -> str:
    """AWS's wording of a refusal ("Access denied error message examples", IAM User Guide)."""
    text = (
        f"User: {principal.identity_arn} is not authorized to perform: {action} "
        f"on resource: {resource}"
    )
    if decision.kind == "explicit deny":
        return f"{text} with an explicit deny in {_kind(principal, decision)} policy"
    if "boundary" in decision.reason:
        return f"{text} because no permissions boundary allows the {action} action"
    if "session polic" in decision.reason:
        return f"{text} because no session policy allows the {action} action"
    if "own policy" in decision.reason:
        return f"{text} because no resource-based policy allows the {action} action"
    return f"{text} because no identity-based policy allows the {action} action"


def _kind(principal: Principal, decision: Decision) -> str:
    limit = boundary(principal)
    if limit and decision.policy == limit.name:
        return "a permissions boundary"
    if decision.policy == SESSION_POLICY:
        return "a session"
    if (decision.policy or "").startswith("the policy of "):
        return "a resource-based"
    return "an identity-based"


def _denied(call: ApiCall) -> str:
    if call.service == "ec2":
        return "UnauthorizedOperation"
    if call.service == "sns":
        return "AuthorizationError"
    return "AccessDenied" if call.service in XML_SERVICES else "AccessDeniedException"
