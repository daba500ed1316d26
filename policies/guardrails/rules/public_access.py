"""Nothing answers to strangers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policies.guardrails.resource import BUCKET, Estate, Resource
from policies.guardrails.rule import Rule, Severity
from policies.guardrails.statements import is_open

_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_ACCOUNT_BLOCK: Final = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
_FUNCTION_URL: Final = "aws:lambda/functionUrl:FunctionUrl"
_PERMISSION: Final = "aws:lambda/permission:Permission"
_BUCKET_ACL: Final = "aws:s3/bucketAcl:BucketAcl"
_SWITCHES: Final = (
    "blockPublicAcls",
    "blockPublicPolicy",
    "ignorePublicAcls",
    "restrictPublicBuckets",
)
_DOCUMENT_AT: Final = {
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "policy",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws:kms/key:Key": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": "resourcePolicy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
}


def check(resource: Resource, estate: Estate) -> Iterator[str]:
    """Each way AWS knows of opening something to the world."""
    if resource.type == BUCKET:
        if not estate.settings_of(resource, _BLOCK):
            yield "nothing blocks public access to the bucket"
    elif resource.type in (_BLOCK, _ACCOUNT_BLOCK):
        off = [name for name in _SWITCHES if resource.value(name) is not True]
        if off:
            yield f"public access is not blocked: {', '.join(off)}"
    elif resource.type == _BUCKET_ACL:
        if str(resource.value("acl") or "").startswith(("public", "authenticated")):
            yield "the bucket's access list lets the public in"
    elif resource.type == _FUNCTION_URL:
        if resource.value("authorizationType") != "AWS_IAM":
            yield "anybody can call the function by its address"
    elif resource.type == _PERMISSION:
        yield from _permission(resource)
    else:
        yield from _opened(resource)


def _permission(resource: Resource) -> Iterator[str]:
    if resource.value("principal") == "*" and resource.value("principalOrgId") is None:
        yield "anybody may call the function"
    elif str(resource.value("principal")).endswith(".amazonaws.com") and not (
        resource.refers("sourceArn") or resource.refers("sourceAccount")
    ):
        yield "the service may call the function for anybody's resource; name the source"


def _opened(resource: Resource) -> Iterator[str]:
    for statement in resource.document(_DOCUMENT_AT[resource.type]):
        if is_open(statement):
            yield f"statement {statement.get('Sid', 'without a name')} lets anybody in"


RULE = Rule(
    id="public-access",
    control="Nothing can be read, called or assumed by somebody outside the organisation.",
    severity=Severity.CRITICAL,
    owner="platform-security",
    rationale="Most reported leaks of cloud data were storage or roles open to everybody.",
    remedy="Block public access, and name accounts, roles or sources in every policy.",
    references=(
        "Security Hub S3.1",
        "Security Hub S3.2",
        "Security Hub S3.8",
        "Security Hub Lambda.1",
        "EU AI Act Art. 15",
        "NIST AI RMF MEASURE 2.7",
    ),
    effective=date(2026, 11, 21),
    types=frozenset(
        {BUCKET, _BLOCK, _ACCOUNT_BLOCK, _BUCKET_ACL, _FUNCTION_URL, _PERMISSION, *_DOCUMENT_AT}
    ),
    check=check,
    across=frozenset({BUCKET}),
)
