"""Buckets: policies are judged at the front door, and malformed ones are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.iam.access_control import PermissionResult
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket, S3Backend

from policies.evaluation import Policy, PolicyError

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


class MalformedPolicyError(S3ClientError):
    """S3's refusal of a bucket policy it cannot read."""

    def __init__(self, why: str) -> None:
        super().__init__("MalformedPolicy", why)


def install(sandbox: Sandbox) -> None:
    """moto's reading of bucket policies denies what a Deny's condition does not meet."""
    put = S3Backend.put_bucket_policy

    def put_bucket_policy(self: S3Backend, bucket_name: str, policy: Any) -> None:
        text = policy.decode() if isinstance(policy, bytes) else str(policy)
        try:
            Policy.parse(text, f"the policy of bucket {bucket_name}")
        except PolicyError as error:
            raise MalformedPolicyError(str(error)) from None
        put(self, bucket_name, policy)

    FakeBucket.get_permission = lambda self, action, resource: PermissionResult.NEUTRAL
    S3Backend.put_bucket_policy = put_bucket_policy
