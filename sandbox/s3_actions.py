"""S3's operations as the IAM actions they need and the buckets and objects they touch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from sandbox.api_call import ApiCall

# IAM names many S3 actions otherwise than the API ("Actions, resources, and condition keys for
# Amazon S3", Service Authorization Reference).
ACTIONS = {
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "GetObjectAttributes": "GetObject",
    "ListObjectVersions": "ListBucketVersions",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListParts": "ListMultipartUploadParts",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "DeleteObjects": "DeleteObject",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "PutBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "PutBucketCors": "PutBucketCORS",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketTagging": "PutBucketTagging",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
}
VERSIONED = {"GetObject": "GetObjectVersion", "DeleteObject": "DeleteObjectVersion"}


def s3_resources(call: ApiCall) -> list[str]:
    """The bucket, or the objects, a call touches."""
    return [resource for _, resource in s3_needs(call)]


def s3_needs(call: ApiCall) -> list[tuple[str, str]]:
    """Pairs of IAM action and resource that a call must be allowed."""
    given = call.parameters
    bucket = given.get("Bucket")
    action = ACTIONS.get(call.operation, call.operation)
    if not bucket:
        return [(f"s3:{action}", "*")]
    arn = f"arn:aws:s3:::{bucket}"
    if call.operation == "DeleteObjects":
        objects = (given.get("Delete") or {}).get("Objects") or []
        needs = [_deletion(arn, one) for one in objects] or [("s3:DeleteObject", f"{arn}/*")]
    elif given.get("Key") is not None:
        if given.get("VersionId"):
            action = VERSIONED.get(action, action)
        needs = [(f"s3:{action}", f"{arn}/{given['Key']}")]
    else:
        needs = [(f"s3:{action}", arn)]
    return [*needs, *_further(call, needs[0][1])]


def _deletion(arn: str, one: Mapping[str, Any]) -> tuple[str, str]:
    action = "DeleteObjectVersion" if one.get("VersionId") else "DeleteObject"
    return f"s3:{action}", f"{arn}/{one.get('Key')}"


def _further(call: ApiCall, resource: str) -> list[tuple[str, str]]:
    given, needs = call.parameters, []
    if call.operation in ("CopyObject", "UploadPartCopy"):
        source, _, version = unquote(str(given.get("CopySource", ""))).lstrip("/").partition("?")
        action = "s3:GetObjectVersion" if version else "s3:GetObject"
        needs.append((action, f"arn:aws:s3:::{source}"))
    if call.operation in ("PutObject", "CreateMultipartUpload", "CopyObject"):
        if given.get("Tagging"):
            needs.append(("s3:PutObjectTagging", resource))
        if given.get("ObjectLockMode"):
            needs.append(("s3:PutObjectRetention", resource))
        if given.get("ObjectLockLegalHoldStatus"):
            needs.append(("s3:PutObjectLegalHold", resource))
    if given.get("BypassGovernanceRetention"):
        needs.append(("s3:BypassGovernanceRetention", resource))
    return needs
