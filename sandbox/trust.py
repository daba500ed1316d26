"""Who may become a role: its trust policy, judged as IAM judges it."""

from __future__ import annotations

from typing import Any

from moto.iam.models import iam_backends


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


def service_may_assume(role: Any, account: str, service: str) -> None:
    """Refuse a service that the role's trust policy does not name."""
