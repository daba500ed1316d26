"""Buckets: policies are judged at the front door, and malformed ones are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.iam.access_control import PermissionResult
from moto.s3.exceptions import InvalidBucketState, S3ClientError
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
    S3Backend.put_object_lock_configuration = put_object_lock_configuration


def put_object_lock_configuration(
    self: S3Backend,
    bucket_name: str,
    lock_enabled: bool,
    mode: str | None = None,
    days: int | None = None,
    years: int | None = None,
) -> None:
    """A bucket that holds objects can be locked too ("Enabling Object Lock on an existing bucket",
    S3 User Guide); moto knows the rule of the years before."""
    bucket = self.get_bucket(bucket_name)
    if not bucket.is_versioned:
        raise InvalidBucketState(
            "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        )
    bucket.object_lock_enabled = bucket.object_lock_enabled or lock_enabled
    bucket.default_lock_mode = mode
    bucket.default_lock_days = days
    bucket.default_lock_years = years
