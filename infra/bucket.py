"""One private, versioned, encrypted bucket that outlives its stack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from infra.base import Document, Part, document


@dataclass(frozen=True)
class Lock:
    """Object Lock: how long nobody can delete a version, and whether anybody can lift that."""

    mode: str
    days: int


@dataclass(frozen=True)
class Archive:
    """Objects move to the archive that answers at once, so that jobs read them as before."""

    days: int
    storage_class: str = "GLACIER_IR"


@dataclass(frozen=True)
class Expiry:
    """Objects under a prefix are deleted after some days; the prefix "" means all of them.

    What replaced or deleted versions wait for, where it is less than the bucket's 90 days.
    """

    prefix: str
    days: int
    noncurrent_days: int | None = None
    archive: Archive | None = None


def only_our_key(objects: str, key: str) -> list[Document]:
    """Whoever writes uses the bucket's key, by name or by saying nothing."""
    # A request without encryption headers gets the bucket's default, which is the project's key.
    # `aws:kms` without a key id would mean the account's AWS managed key, hence the second one.
    algorithm = "s3:x-amz-server-side-encryption"
    key_id = "s3:x-amz-server-side-encryption-aws-kms-key-id"
    put = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": objects}
    return [
        {
            "Sid": "NoOtherAlgorithm",
            **put,
            "Condition": {
                "Null": {algorithm: "false"},
                "StringNotEquals": {algorithm: "aws:kms"},
            },
        },
        {
            "Sid": "NoUnnamedKey",
            **put,
            "Condition": {"StringEquals": {algorithm: "aws:kms"}, "Null": {key_id: "true"}},
        },
        {
            "Sid": "NoOtherKey",
            **put,
            "Condition": {"Null": {key_id: "false"}, "StringNotEquals": {key_id: key}},
        },
    ]


def no_refusals(objects: str, key: str) -> list[Document]:
    """For a bucket in which one AWS service writes and chooses its encryption itself."""
    return []


@dataclass(frozen=True)
class BucketArgs:
    """A bucket's name, key, and what distinguishes it from the others."""

    bucket: str
    key_arn: pulumi.Output[str]
    expiries: tuple[Expiry, ...] = ()
    lock: Lock | None = None
    statements: Sequence[Document] = field(default=())
    refusals: Callable[[str, str], list[Document]] = only_our_key


class Bucket(Part):
    """A bucket with everything AWS configures by separate calls."""

    bucket: pulumi.Output[str]
    # The name again, known once the bucket's policy is in force.
    ready: pulumi.Output[str]

    def __init__(self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:storage:Bucket", name, opts)
        self._args = args
        bucket = aws.s3.Bucket(
            self.child("bucket"),
            bucket=args.bucket,
            object_lock_enabled=args.lock is not None,
            opts=self.kept,
        )
        self.bucket = bucket.bucket
        self._make_private()
        self._encrypt()
        self._keep_versions()
        self.register_outputs({"bucket": self.bucket})

    def _make_private(self) -> None:
        aws.s3.BucketOwnershipControls(
            self.child("ownership"),
            bucket=self.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=self.kept,
        )
        blocked = aws.s3.BucketPublicAccessBlock(
            self.child("privacy"),
            bucket=self.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self.kept,
        )
        policy = aws.s3.BucketPolicy(
            self.child("policy"),
            bucket=self.bucket,
            policy=self._args.key_arn.apply(lambda key: bucket_policy(self._args, key)),
            # S3 refuses these two at once: "a conflicting conditional operation is in progress".
            opts=pulumi.ResourceOptions.merge(
                self.kept, pulumi.ResourceOptions(depends_on=[blocked])
            ),
        )
        self.ready = policy.bucket

    def _encrypt(self) -> None:
        default = (
            aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            self.child("encryption"),
            bucket=self.bucket,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=default(
                        sse_algorithm="aws:kms", kms_master_key_id=self._args.key_arn
                    ),
                    bucket_key_enabled=True,
                )
            ],
            opts=self.kept,
        )

    def _keep_versions(self) -> None:
        versioning = aws.s3.BucketVersioning(
            self.child("versioning"),
            bucket=self.bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(
                status="Enabled"
            ),
            opts=self.kept,
        )
        needs_versions = pulumi.ResourceOptions.merge(
            self.kept, pulumi.ResourceOptions(depends_on=[versioning])
        )
        aws.s3.BucketLifecycleConfiguration(
            self.child("lifecycle"),
            bucket=self.bucket,
            rules=lifecycle(self._args.expiries),
            opts=needs_versions,
        )
        if self._args.lock is not None:
            retention = aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                mode=self._args.lock.mode, days=self._args.lock.days
            )
            aws.s3.BucketObjectLockConfiguration(
                self.child("lock"),
                bucket=self.bucket,
                rule=aws.s3.BucketObjectLockConfigurationRuleArgs(default_retention=retention),
                opts=needs_versions,
            )


def lifecycle(
    expiries: Sequence[Expiry],
) -> list[aws.s3.BucketLifecycleConfigurationRuleArgs]:
    """Half-finished uploads and replaced versions go; what has an expiry goes after it."""
    tidy = aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="tidy",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        abort_incomplete_multipart_upload=(
            aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                days_after_initiation=7
            )
        ),
        noncurrent_version_expiration=(
            aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                noncurrent_days=90
            )
        ),
    )
    return [tidy, *(_expiration(expiry) for expiry in expiries)]


def _expiration(expiry: Expiry) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    noncurrent = aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs
    transition = aws.s3.BucketLifecycleConfigurationRuleTransitionArgs
    archive = expiry.archive
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id=f"expire-{expiry.prefix.strip('/') or 'all'}",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=expiry.prefix),
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=expiry.days),
        noncurrent_version_expiration=(
            noncurrent(noncurrent_days=expiry.noncurrent_days) if expiry.noncurrent_days else None
        ),
        transitions=(
            [transition(days=archive.days, storage_class=archive.storage_class)]
            if archive
            else None
        ),
    )


def bucket_policy(args: BucketArgs, key: str) -> str:
    """TLS only, the project's key only, and whatever the bucket adds."""
    bucket = f"arn:aws:s3:::{args.bucket}"
    return document(
        {
            "Sid": "OnlyOverTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket, f"{bucket}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        *args.refusals(f"{bucket}/*", key),
        *args.statements,
    )
