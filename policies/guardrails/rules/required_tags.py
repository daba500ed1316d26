"""Everything says whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policies.guardrails.resource import BUCKET, Estate, Resource
from policies.guardrails.rule import Rule, Severity

REQUIRED: Final = ("project", "env", "owner", "cost-center", "risk")
# What belongs to no project, such as the role that writes flow logs, is no persona's.
_SHARED: Final = "shared"
_ALWAYS: Final = frozenset(
    {
        BUCKET,
        "aws:cloudwatch/eventRule:EventRule",
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/vpc:Vpc",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "aws:ecr/repository:Repository",
        "aws:iam/policy:Policy",
        "aws:iam/role:Role",
        "aws:kms/key:Key",
        "aws:lambda/function:Function",
        "aws:sagemaker/appImageConfig:AppImageConfig",
        "aws:sagemaker/domain:Domain",
        "aws:sagemaker/endpoint:Endpoint",
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        "aws:sagemaker/image:Image",
        "aws:sagemaker/model:Model",
        "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
        "aws:sagemaker/userProfile:UserProfile",
        "aws:sns/topic:Topic",
        "aws:sqs/queue:Queue",
        "aws:ssm/parameter:Parameter",
    }
)


def check(resource: Resource, _: Estate) -> Iterator[str]:
    """All five, on what AWS can tag; a project's roles also name their persona."""
    tags = resource.tags
    if not tags and resource.type not in _ALWAYS:
        return
    missing = [name for name in REQUIRED if not tags.get(name)]
    of_a_project = tags.get("env") != _SHARED
    if resource.type == "aws:iam/role:Role" and of_a_project and not tags.get("persona"):
        missing.append("persona")
    if missing:
        yield f"tags are missing: {', '.join(missing)}"


RULE = Rule(
    id="required-tags",
    control="Everything carries its project, environment, owner, cost center and risk tier.",
    severity=Severity.MEDIUM,
    owner="platform",
    rationale="Permissions, budgets and the auditor's inventory all read the tags.",
    remedy="Create it with the program's provider, whose default tags these are.",
    references=(
        "Security Hub SageMaker.6",
        "Security Hub SageMaker.7",
        "ISO/IEC 42001 A.4",
        "NIST AI RMF GOVERN 1.6",
        "SR 26-2 inventory",
    ),
    effective=date(2026, 11, 21),
    types=frozenset(),
    check=check,
)
