"""The KMS permissions that S3 and SageMaker exercise for a caller on what is encrypted."""

from __future__ import annotations

from typing import Any

from sandbox.api_call import ApiCall

READS = frozenset({"GetObject", "HeadObject"})
WRITES = frozenset(
    {"PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "CopyObject"}
)


def key_needs(call: ApiCall) -> list[tuple[str, str, dict[str, Any]]]:
    """Actions on the customer-managed key that encrypts the object ("Using server-side encryption
    with AWS KMS keys", S3 User Guide); none for a bucket without one."""
    if call.service != "s3" or call.operation not in READS | WRITES:
        return []
    from moto.s3.models import s3_backends

    name = call.parameters.get("Bucket")
    buckets = (partitions["aws"].buckets.get(name) for partitions in list(s3_backends.values()))
    bucket = next((found for found in buckets if found is not None), None)
    if bucket is None:
        return []
    account = str(bucket.account_id)
    asked = call.parameters.get("SSEKMSKeyId") if call.operation in WRITES else None
    key = asked or _object_key(bucket, call) or _default_key(bucket)
    if not key or str(key).endswith("alias/aws/s3"):
        return []
    region = bucket.region_name
    arn = _arn(str(key), account, region)
    context = {
        "kms:ViaService": f"s3.{region}.amazonaws.com",
        "kms:CallerAccount": call.account,
        "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{name}",
    }
    needs = [] if call.operation in READS else [("kms:GenerateDataKey", arn, context)]
    if call.operation in READS | {"UploadPart", "CompleteMultipartUpload"}:
        needs.append(("kms:Decrypt", arn, context))
    return needs


def card_key_needs(call: ApiCall) -> list[tuple[str, str, dict[str, Any]]]:
    """Actions on the key of a model card. DescribeModelCard "requires kms:Decrypt permission when a
    customer-managed key is configured" (SageMaker API reference); that writing content asks for
    kms:GenerateDataKey is our reading of how services encrypt, and unverified."""
    if call.service != "sagemaker":
        return []
    given = call.parameters
    context = {
        "kms:ViaService": f"sagemaker.{call.region}.amazonaws.com",
        "kms:CallerAccount": call.account,
    }
    if call.operation == "CreateModelCard":
        key = (given.get("SecurityConfig") or {}).get("KmsKeyId")
        actions = ["kms:GenerateDataKey"]
    elif call.operation == "DescribeModelCard" and given.get("IncludedData") != "MetadataOnly":
        key, actions = _card_key(call), ["kms:Decrypt"]
    elif call.operation == "UpdateModelCard" and given.get("Content") is not None:
        key, actions = _card_key(call), ["kms:Decrypt", "kms:GenerateDataKey"]
    else:
        return []
    arn = _arn(str(key), call.account, call.region) if key else ""
    return [(action, arn, context) for action in actions if arn]


def _card_key(call: ApiCall) -> str | None:
    from moto.sagemaker.models import sagemaker_backends

    name = str(call.parameters.get("ModelCardName")).rsplit("/", 1)[-1]
    versions = sagemaker_backends[call.account][call.region].model_cards.get(name) or []
    key: str | None = (versions[-1].security_config or {}).get("KmsKeyId") if versions else None
    return key


def _object_key(bucket: Any, call: ApiCall) -> str | None:
    if call.operation not in READS:
        return None
    stored = bucket.keys.get(str(call.parameters.get("Key")))
    return getattr(stored, "kms_key_id", None) if stored else None


def _default_key(bucket: Any) -> str | None:
    rules = ((bucket.encryption or {}).get("Rule")) or {}
    rule = rules[0] if isinstance(rules, list) else rules
    default = rule.get("ApplyServerSideEncryptionByDefault") or {}
    if default.get("SSEAlgorithm") not in ("aws:kms", "aws:kms:dsse"):
        return None
    key: str | None = default.get("KMSMasterKeyID")
    return key


def _arn(key: str, account: str, region: str) -> str:
    if key.startswith("arn:"):
        return key
    if key.startswith("alias/"):
        from moto.kms.models import kms_backends

        key = kms_backends[account][region].get_key_id_from_alias(key) or key
    return f"arn:aws:kms:{region}:{account}:key/{key}"
