"""Everything stored is encrypted with the project's own key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policies.guardrails.resource import BUCKET, Estate, Resource
from policies.guardrails.rule import Rule, Severity

_ENCRYPTION: Final = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
)
_REPOSITORY: Final = "aws:ecr/repository:Repository"
_PARAMETER: Final = "aws:ssm/parameter:Parameter"
_KEY_AT: Final = {
    "aws:athena/workgroup:Workgroup": (
        "configuration",
        "resultConfiguration",
        "encryptionConfiguration",
        "kmsKeyArn",
    ),
    "aws:cloudtrail/trail:Trail": ("kmsKeyId",),
    "aws:cloudwatch/logGroup:LogGroup": ("kmsKeyId",),
    "aws:sagemaker/domain:Domain": ("kmsKeyId",),
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": ("kmsKeyArn",),
    "aws:secretsmanager/secret:Secret": ("kmsKeyId",),
    "aws:sns/topic:Topic": ("kmsMasterKeyId",),
    "aws:sqs/queue:Queue": ("kmsMasterKeyId",),
}


def check(resource: Resource, estate: Estate) -> Iterator[str]:
    """Where each type names its key; AWS's own keys (`alias/aws/...`) are not ours."""
    if resource.type == BUCKET:
        if not estate.settings_of(resource, _ENCRYPTION):
            yield "the bucket has no encryption configuration"
    elif resource.type == _ENCRYPTION:
        for rule in resource.each("rules"):
            yield from _bucket_rule(rule)
    elif resource.type == _REPOSITORY:
        settings = list(resource.each("encryptionConfigurations"))
        if not settings or not all(_is_ours(each, "kmsKey") for each in settings):
            yield "the repository's images are not encrypted with a customer key"
    elif resource.type == _PARAMETER:
        if resource.value("type") == "SecureString" and not _is_ours(resource, "keyId"):
            yield "the parameter is not encrypted with a customer key"
    elif not _is_ours(resource, *_KEY_AT[resource.type]):
        yield f"{'.'.join(_KEY_AT[resource.type])} names no customer key"


def _bucket_rule(rule: Resource) -> Iterator[str]:
    default = "applyServerSideEncryptionByDefault"
    if rule.value(default, "sseAlgorithm") not in ("aws:kms", "aws:kms:dsse"):
        yield "the bucket's objects are not encrypted by KMS"
    elif not _is_ours(rule, default, "kmsMasterKeyId"):
        yield "the bucket's objects are not encrypted with a customer key"


def _is_ours(resource: Resource, *path: str) -> bool:
    return resource.refers(*path) and "alias/aws/" not in resource.text(*path)


RULE = Rule(
    id="customer-key",
    control="Data, images, logs and messages are encrypted with the project's own key.",
    severity=Severity.HIGH,
    owner="platform-security",
    rationale="Whoever may use the key decides who reads the data, whatever other policies say; "
    "a key of AWS's answers to nobody of ours.",
    remedy="Name the environment's key (the contract's key_arn).",
    references=(
        "Security Hub S3.17",
        "Security Hub SNS.1",
        "Security Hub SQS.1",
        "EU AI Act Art. 15",
        "ISO/IEC 42001 A.7",
    ),
    effective=date(2026, 11, 21),
    types=frozenset({BUCKET, _ENCRYPTION, _REPOSITORY, _PARAMETER, *_KEY_AT}),
    check=check,
    across=frozenset({BUCKET}),
)
