"""The settings of an S3 bucket, each a resource whose id is the bucket's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.provider.handlers import documents
from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    PutHandler,
    Values,
    capitalised,
    names,
    uncapitalised,
)
from sandbox.provider.handlers.s3 import is_locked
from sandbox.provider.identity import Identity

PUBLIC_ACCESS = (
    "blockPublicAcls",
    "blockPublicPolicy",
    "ignorePublicAcls",
    "restrictPublicBuckets",
)


class BucketSetting(PutHandler):
    """What all settings share."""

    replaced_by = names("bucket")

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(inputs["bucket"])

    def imported(self, id_: str) -> tuple[Facts, Facts]:
        return {"bucket": id_}, {}


class BucketVersioning(BucketSetting):
    """Whether a bucket keeps versions."""

    token = "aws:s3/bucketVersioning:BucketVersioning"
    known = names("bucket versioningConfiguration")

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        self._put(aws, inputs["bucket"], inputs["versioningConfiguration"]["status"])

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts | None:
        status = aws.client("s3").get_bucket_versioning(Bucket=inputs["bucket"]).get("Status")
        return {"versioningConfiguration": {"status": status}} if status else None

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        # Versioning can be suspended, never removed; under Object Lock not even that.
        if not is_locked(aws, inputs["bucket"]):
            self._put(aws, inputs["bucket"], "Suspended")

    def _put(self, aws: Aws, bucket: str, status: str) -> None:
        if status != "Disabled":
            aws.client("s3").put_bucket_versioning(
                Bucket=bucket, VersioningConfiguration={"Status": status}
            )


class BucketEncryption(BucketSetting):
    """Which key encrypts new objects."""

    token = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    known = names("bucket rules")

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        rules = [_encryption_rule(rule) for rule in inputs["rules"]]
        aws.client("s3").put_bucket_encryption(
            Bucket=inputs["bucket"], ServerSideEncryptionConfiguration={"Rules": rules}
        )

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts:
        answer = aws.client("s3").get_bucket_encryption(Bucket=inputs["bucket"])
        rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
        return {"rules": _as_stated(inputs, rules, _encryption_rule, _stated_encryption)}

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("s3").delete_bucket_encryption(Bucket=inputs["bucket"])


class BucketPublicAccessBlock(BucketSetting):
    """No public access."""

    token = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    known = names("bucket skipDestroy") | set(PUBLIC_ACCESS)

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {name: inputs.get(name, False) for name in PUBLIC_ACCESS}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        block = {name: inputs.get(name, False) for name in PUBLIC_ACCESS}
        aws.client("s3").put_public_access_block(
            Bucket=inputs["bucket"], PublicAccessBlockConfiguration=capitalised(block)
        )

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts:
        answer = aws.client("s3").get_public_access_block(Bucket=inputs["bucket"])
        block: Facts = uncapitalised(answer["PublicAccessBlockConfiguration"])
        return block

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("s3").delete_public_access_block(Bucket=inputs["bucket"])


class BucketPolicy(BucketSetting):
    """Who may use a bucket."""

    token = "aws:s3/bucketPolicy:BucketPolicy"
    known = names("bucket policy")

    def validate(self, inputs: Facts) -> None:
        inputs["policy"] = documents.policy(inputs["policy"], documents.BUCKET)

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("s3").put_bucket_policy(Bucket=inputs["bucket"], Policy=inputs["policy"])

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts:
        answer = aws.client("s3").get_bucket_policy(Bucket=inputs["bucket"])
        return {"policy": documents.canonical(answer["Policy"])}

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("s3").delete_bucket_policy(Bucket=inputs["bucket"])


class BucketLifecycle(BucketSetting):
    """When objects move and expire."""

    token = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    known = names("bucket rules expectedBucketOwner transitionDefaultMinimumObjectSize")

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        rules = [_lifecycle_rule(rule) for rule in inputs["rules"]]
        aws.client("s3").put_bucket_lifecycle_configuration(
            Bucket=inputs["bucket"], LifecycleConfiguration={"Rules": rules}
        )

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts:
        s3 = aws.client("s3")
        rules = s3.get_bucket_lifecycle_configuration(Bucket=inputs["bucket"])["Rules"]
        return {"rules": _as_stated(inputs, rules, _lifecycle_rule, _stated_lifecycle)}

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("s3").delete_bucket_lifecycle(Bucket=inputs["bucket"])


class BucketObjectLock(BucketSetting):
    """How long objects cannot be removed."""

    token = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
    known = names("bucket objectLockEnabled rule")

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        configuration = {"ObjectLockEnabled": "Enabled"}
        if inputs.get("rule"):
            configuration = {**configuration, "Rule": capitalised(inputs["rule"])}
        aws.client("s3").put_object_lock_configuration(
            Bucket=inputs["bucket"], ObjectLockConfiguration=configuration
        )

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts:
        answer = aws.client("s3").get_object_lock_configuration(Bucket=inputs["bucket"])
        default = answer["ObjectLockConfiguration"].get("Rule", {}).get("DefaultRetention")
        if not default:
            return {"rule": None}
        # A period is stated in days or in years; the other may be told as nothing.
        stated = {key: value for key, value in uncapitalised(default).items() if value}
        return {"rule": {"defaultRetention": stated}}

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        # The lock itself stays for the bucket's life; the default rule goes.
        self.settle(aws, {"bucket": inputs["bucket"]}, facts)


class BucketOwnershipControls(BucketSetting):
    """Who owns what others write."""

    token = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    known = names("bucket rule")

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("s3").put_bucket_ownership_controls(
            Bucket=inputs["bucket"], OwnershipControls={"Rules": [capitalised(inputs["rule"])]}
        )

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts:
        answer = aws.client("s3").get_bucket_ownership_controls(Bucket=inputs["bucket"])
        return {"rule": uncapitalised(answer["OwnershipControls"]["Rules"][0])}

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("s3").delete_bucket_ownership_controls(Bucket=inputs["bucket"])


class BucketNotification(BucketSetting):
    """Events for what happens in a bucket, to EventBridge."""

    token = "aws:s3/bucketNotification:BucketNotification"
    known = names("bucket eventbridge")

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        configuration: Facts = {}
        if inputs.get("eventbridge"):
            configuration["EventBridgeConfiguration"] = {}
        aws.client("s3").put_bucket_notification_configuration(
            Bucket=inputs["bucket"], NotificationConfiguration=configuration
        )

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts:
        s3 = aws.client("s3")
        told = s3.get_bucket_notification_configuration(Bucket=inputs["bucket"])
        return {"eventbridge": "EventBridgeConfiguration" in told}

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        self.settle(aws, {"bucket": inputs["bucket"]}, facts)


def _as_stated(
    inputs: Values,
    rules: list[Any],
    request: Callable[[Values], Any],
    stated: Callable[[Any], Any],
) -> list[Any]:
    """Rules as the program wrote them where they say the same, else as they are."""
    written = list(inputs.get("rules") or ())
    if [request(rule) for rule in written] == rules:
        return written
    return [stated(rule) for rule in rules]


def _stated_encryption(rule: Values) -> dict[str, Any]:
    default = rule.get("ApplyServerSideEncryptionByDefault") or {}
    shown = {"sseAlgorithm": default.get("SSEAlgorithm")}
    if default.get("KMSMasterKeyID"):
        shown["kmsMasterKeyId"] = default["KMSMasterKeyID"]
    key = {"bucketKeyEnabled": True} if rule.get("BucketKeyEnabled") else {}
    return {"applyServerSideEncryptionByDefault": shown, **key}


def _stated_lifecycle(rule: Values) -> dict[str, Any]:
    rest = {key: value for key, value in rule.items() if key != "ID"}
    return {"id": rule.get("ID"), **uncapitalised(rest)}


def _encryption_rule(rule: Values) -> dict[str, Any]:
    default = rule.get("applyServerSideEncryptionByDefault") or {}
    names_of = {"sseAlgorithm": "SSEAlgorithm", "kmsMasterKeyId": "KMSMasterKeyID"}
    return {
        "ApplyServerSideEncryptionByDefault": {
            names_of[name]: value for name, value in default.items()
        },
        **(
            {"BucketKeyEnabled": rule["bucketKeyEnabled"]}
            if rule.get("bucketKeyEnabled") is not None
            else {}
        ),
    }


def _lifecycle_rule(rule: Values) -> dict[str, Any]:
    request = {key: value for key, value in capitalised(rule).items() if key != "Id"}
    request.setdefault("Filter", {"Prefix": ""})
    return {"ID": rule["id"], **request}


HANDLERS = (
    BucketVersioning(),
    BucketEncryption(),
    BucketPublicAccessBlock(),
    BucketPolicy(),
    BucketLifecycle(),
    BucketObjectLock(),
    BucketOwnershipControls(),
    BucketNotification(),
)
