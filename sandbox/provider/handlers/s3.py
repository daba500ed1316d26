"""S3 buckets."""

from __future__ import annotations

import re
from typing import Any

from botocore.exceptions import ClientError

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    Live,
    Values,
    names,
    tag_list,
    tag_map,
)
from sandbox.provider.identity import Identity

HOSTED_ZONES = {
    "us-east-1": "Z3AQBSTGFYJSTF",
    "us-east-2": "Z2O1EMRO9K5GLX",
    "us-west-1": "Z2F56UZL2M1ACD",
    "us-west-2": "Z3BJ6K6RIION7M",
    "eu-west-1": "Z1BKCTXD74EZPE",
    "eu-west-2": "Z3GKZC51ZF0DB4",
    "eu-west-3": "Z3R1K369G5AVDG",
    "eu-central-1": "Z21DNDUVLTQW6Q",
    "eu-north-1": "Z3BAZG2TWCNX0D",
    "ap-southeast-1": "Z3O0J2DXBE1FTB",
    "ap-southeast-2": "Z1WCIGYICN2BYD",
    "ap-northeast-1": "Z2M4EHUR26P7ZW",
}


class Bucket(Handler):
    """A bucket; its settings are resources of their own."""

    token = "aws:s3/bucket:Bucket"
    known = names("bucket bucketPrefix forceDestroy objectLockEnabled")
    replaced_by = names("bucket objectLockEnabled")
    tagged = True
    unstated = {"objectLockEnabled": False}
    named_by = "bucket"
    name_pattern = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"

    def validate(self, inputs: Facts) -> None:
        name = inputs["bucket"]
        if ".." in name or re.fullmatch(r"[0-9.]+", name) or name.startswith(("xn--", "sthree-")):
            raise RefusedError(f"InvalidBucketName: {name}")

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        name = inputs["bucket"]
        return {
            "arn": f"arn:{identity.partition}:s3:::{name}",
            "bucketDomainName": f"{name}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{name}.s3.{identity.region}.amazonaws.com",
            "bucketRegion": identity.region,
            "objectLockEnabled": inputs.get("objectLockEnabled", False),
            **(
                {"hostedZoneId": HOSTED_ZONES[identity.region]}
                if identity.region in HOSTED_ZONES
                else {}
            ),
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        s3, request = aws.client("s3"), {"Bucket": inputs["bucket"]}
        _refuse_existing(s3, inputs["bucket"])
        if aws.identity.region != "us-east-1":
            location = {"LocationConstraint": aws.identity.region}
            request = {**request, "CreateBucketConfiguration": location}
        if inputs.get("objectLockEnabled"):
            request = {**request, "ObjectLockEnabledForBucket": True}
        s3.create_bucket(**request)
        return {}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        s3 = aws.client("s3")
        if inputs["tagsAll"]:
            s3.put_bucket_tagging(Bucket=inputs["bucket"], Tagging={"TagSet": tag_list(inputs)})
        else:
            s3.delete_bucket_tagging(Bucket=inputs["bucket"])

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        try:
            tags = aws.client("s3").get_bucket_tagging(Bucket=inputs["bucket"])["TagSet"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchTagSet":
                raise
            # Tags are a second call: a bucket without any is what a broken-off creation leaves.
            return {}, dict(inputs["tagsAll"])
        return {}, tag_map(tags)

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts:
        return {"objectLockEnabled": is_locked(aws, inputs["bucket"])}

    def read(self, aws: Aws, inputs: Values, facts: Values) -> Live | None:
        return super().read(aws, {**inputs, "tagsAll": {}}, facts)

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        s3 = aws.client("s3")
        if inputs.get("forceDestroy"):
            _empty(s3, inputs["bucket"])
        s3.delete_bucket(Bucket=inputs["bucket"])


def is_locked(aws: Aws, bucket: str) -> bool:
    """Whether a bucket was made with Object Lock."""
    try:
        aws.client("s3").get_object_lock_configuration(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ObjectLockConfigurationNotFoundError":
            return False
        raise
    return True


def _refuse_existing(s3: Any, bucket: str) -> None:
    # In us-east-1 creating one's own bucket again succeeds; a second owner must not slip in so.
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return
    raise ClientError(
        {"Error": {"Code": "BucketAlreadyOwnedByYou", "Message": f"{bucket} exists"}},
        "CreateBucket",
    )


def _empty(s3: Any, bucket: str) -> None:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for entry in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
            s3.delete_object(Bucket=bucket, Key=entry["Key"], VersionId=entry["VersionId"])


HANDLERS: tuple[Handler, ...] = (Bucket(),)
