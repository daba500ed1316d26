"""Who may become a role: its trust policy, judged as IAM judges it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.iam.models import iam_backends

from policies.evaluation import Decision, PolicyError, PolicySet, Request, evaluate
from sandbox.resource_policies import parsed

# On whose behalf a service assumes a role, as its pages about the confused deputy say; Lambda's
# names no such key for execution roles.
SOURCES = {
    "chatbot": "chat-configuration/slack-channel/one",
    "events": "rule/one",
    "firehose": "deliverystream/one",
    "sagemaker": "training-job/one",
    "scheduler": "schedule-group/one",
}


class TrustError(Exception):
    """A role that does not exist or does not trust who wants it."""


def role_by_arn(role_arn: str) -> tuple[Any, str]:
    """moto's role with this ARN and its account."""
    parts = role_arn.split(":")
    account = parts[4] if len(parts) == 6 else ""
    for role in list(iam_backends[account]["aws"].roles.values()) if account else ():
        if role.arn == role_arn:
            return role, account
    raise TrustError(f"The role {role_arn} does not exist")


def service_may_assume(
    role: Any, account: str, service: str, source_identity: str | None = None
) -> None:
    """Refuse a service that the role's trust policy does not name, or to which it does not leave
    the name of the person on whose behalf it acts.
    """
    name = service.split(".")[0]
    context = {"aws:SourceAccount": account}
    if name in SOURCES:
        context["aws:SourceArn"] = f"arn:aws:{name}:us-east-1:{account}:{SOURCES[name]}"
    if not trusts(role, account, "sts:AssumeRole", "", context, service).allowed:
        raise TrustError(f"The trust policy of {role.arn} does not allow {service} to assume it")
    named = {**context, "sts:SourceIdentity": source_identity}
    if (
        source_identity
        and not trusts(role, account, "sts:SetSourceIdentity", "", named, service).allowed
    ):
        raise TrustError(
            f"The trust policy of {role.arn} does not allow {service} sts:SetSourceIdentity, and "
            f"the caller's session has the source identity {source_identity}"
        )


def trusts(
    role: Any,
    account: str,
    action: str,
    principal_arn: str,
    context: Mapping[str, Any],
    service: str | None = None,
) -> Decision:
    """The decision of a role's trust policy on a service or identity provider."""
    try:
        policy = parsed(str(role.assume_role_policy_document), f"the trust policy of {role.name}")
    except PolicyError as error:
        raise TrustError(str(error)) from None
    asked = Request(
        action=action,
        resource=role.arn,
        principal_arn=principal_arn,
        principal_account=account,
        resource_account=account,
        service=service,
        context=context,
    )
    return evaluate(asked, PolicySet(resource=policy))
