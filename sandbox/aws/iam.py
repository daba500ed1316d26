"""IAM: documents and names that AWS refuses are refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.iam.models import IAMBackend

from policies.evaluation import Policy, PolicyError

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}")
# "IAM and AWS STS quotas": characters without white space.
LONGEST_TRUST = 2048
LONGEST_INLINE = 10_240
LONGEST_MANAGED = 6_144


class MalformedPolicyDocument(ServiceException):
    """IAM's refusal of a document it cannot read."""

    code = "MalformedPolicyDocument"


class LimitExceeded(ServiceException):
    """IAM's refusal of a document that is too long."""

    code = "LimitExceeded"


class InvalidName(ServiceException):
    """IAM's refusal of a name."""

    code = "ValidationError"


def install(sandbox: Sandbox) -> None:
    """Check documents before moto stores them."""
    create, update = IAMBackend.create_role, IAMBackend.update_assume_role_policy
    put, managed = IAMBackend.put_role_policy, IAMBackend.create_policy

    def create_role(self: IAMBackend, *args: Any, **kwargs: Any) -> Any:
        name = kwargs.get("role_name") or args[0]
        document = kwargs.get("assume_role_policy_document") or args[1]
        if not ROLE_NAME.fullmatch(str(name)):
            raise InvalidName(
                "The specified value for roleName is invalid. It must contain only alphanumeric "
                "characters and/or the following: +=,.@_-"
            )
        check_trust(document)
        return create(self, *args, **kwargs)

    def update_assume_role_policy(self: IAMBackend, role_name: str, policy_document: str) -> None:
        check_trust(policy_document)
        update(self, role_name, policy_document)

    def put_role_policy(
        self: IAMBackend, role_name: str, policy_name: str, policy_json: str
    ) -> None:
        check_identity(policy_json, LONGEST_INLINE, policy_name)
        role = self.get_role(role_name)
        others = sum(_size(text) for name, text in role.policies.items() if name != policy_name)
        if others + _size(policy_json) > LONGEST_INLINE:
            raise LimitExceeded(
                f"Maximum policy size of {LONGEST_INLINE} bytes exceeded for role {role_name}"
            )
        put(self, role_name, policy_name, policy_json)

    def create_policy(self: IAMBackend, *args: Any, **kwargs: Any) -> Any:
        document = kwargs.get("policy_document") or args[2]
        check_identity(document, LONGEST_MANAGED, "policy")
        return managed(self, *args, **kwargs)

    IAMBackend.create_role = create_role
    IAMBackend.update_assume_role_policy = update_assume_role_policy
    IAMBackend.put_role_policy = put_role_policy
    IAMBackend.create_policy = create_policy


def check_trust(document: str) -> None:
    """Refuse a trust policy that is malformed, too long or names a resource."""
    policy = _read(document)
    for statement in policy.statements:
        if statement.principals is None:
            raise MalformedPolicyDocument("Missing required field Principal")
        if statement.resources:
            raise MalformedPolicyDocument("Has prohibited field Resource")
    if _size(document) > LONGEST_TRUST:
        raise LimitExceeded(f"Cannot exceed quota for ACLSizePerRole: {LONGEST_TRUST}")


def check_identity(document: str, longest: int, name: str) -> None:
    """Refuse an identity policy that is malformed, too long or names a principal."""
    policy = _read(document)
    if any(statement.principals is not None for statement in policy.statements):
        raise MalformedPolicyDocument("Policy document should not specify a principal.")
    if _size(document) > longest:
        raise LimitExceeded(f"Maximum policy size of {longest} bytes exceeded for {name}")


def _read(document: str) -> Policy:
    try:
        return Policy.parse(document, "the document")
    except PolicyError as error:
        raise MalformedPolicyDocument(str(error)) from None


def _size(document: str) -> int:
    return len(re.sub(r"\s", "", document))
