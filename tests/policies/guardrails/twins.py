"""Insecure twins: for each rule, what a good graph looks like with one thing broken."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.policies.guardrails.estates import KEY, resource

Entry = dict[str, Any]
Graph = dict[str, Entry]
Break = Callable[[Graph], None]
ANYBODY: Final = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'
BUCKETS: Final = "aws:s3/bucket"
SAGEMAKER: Final = "aws:sagemaker/"


@dataclass(frozen=True)
class Twin:
    """One breach: the rule that must report it, and how the good graph is broken."""

    rule: str
    what: str
    breaks: Break

    def of(self, good: Mapping[str, Entry]) -> Graph:
        """The good graph, broken."""
        graph = copy.deepcopy(dict(good))
        self.breaks(graph)
        return graph


def only(graph: Mapping[str, Entry], type_: str, name: str) -> Entry:
    """The only resource of a type whose name ends like this."""
    (found,) = [
        each
        for each in graph.values()
        if each["type"].startswith(type_) and each["name"].endswith(name)
    ]
    return found


def states(type_: str, name: str, path: str, value: Any) -> Break:
    """A property states another value; None leaves it out."""

    def breaks(graph: Graph) -> None:
        entry = only(graph, type_, name)
        at = entry["inputs"]
        *steps, last = path.split(".")
        entry["outputs"].pop([*steps, last][0], None)
        for step in steps:
            at = at[int(step)] if isinstance(at, list) else at[step]
        if value is None:
            del at[last]
        else:
            at[last] = value

    return breaks


def lacks(type_: str, name: str) -> Break:
    """A resource is missing."""
    return lambda graph: graph.pop(only(graph, type_, name)["urn"]) and None


def has(type_: str, **inputs: Any) -> Break:
    """A resource is there that should not be."""

    def breaks(graph: Graph) -> None:
        added = resource(type_, "bad", **inputs)
        graph[added["urn"]] = added

    return breaks


def unprotected(type_: str, name: str) -> Break:
    """A resource lost its protection."""

    def breaks(graph: Graph) -> None:
        only(graph, type_, name)["protect"] = False

    return breaks


def says(type_: str, name: str, key: str, sid: str, **elements: Any) -> Break:
    """A statement of a policy document says something else; None removes an element."""

    def breaks(graph: Graph) -> None:
        inputs = only(graph, type_, name)["inputs"]
        document = json.loads(inputs[key])
        (statement,) = [each for each in document["Statement"] if each["Sid"] == sid]
        for element, value in elements.items():
            statement.pop(element, None)
            if value is not None:
                statement[element] = value
        inputs[key] = json.dumps(document)

    return breaks


ENCRYPTION: Final = "rules.0.applyServerSideEncryptionByDefault"
RAW: Final = "dev-storage-raw-"
TWINS: Final = (
    Twin(
        "customer-key",
        "a bucket under AWS's own key",
        states(
            f"{BUCKETS}Server", f"{RAW}encryption", f"{ENCRYPTION}.kmsMasterKeyId", "alias/aws/s3"
        ),
    ),
    Twin(
        "customer-key",
        "a bucket without KMS",
        states(f"{BUCKETS}Server", f"{RAW}encryption", f"{ENCRYPTION}.sseAlgorithm", "AES256"),
    ),
    Twin("customer-key", "a bucket not encrypted", lacks(f"{BUCKETS}Server", f"{RAW}encryption")),
    Twin(
        "customer-key",
        "a log in the clear",
        states("aws:cloudwatch/logGroup", "-starts-log", "kmsKeyId", None),
    ),
    Twin(
        "customer-key",
        "an image in the clear",
        states("aws:ecr/repository:", "-repository", "encryptionConfigurations", None),
    ),
    Twin("customer-key", "a secret", states("aws:ssm/", "good-secret", "keyId", None)),
    Twin("customer-key", "a topic", states("aws:sns/topic:", "alerts-info", "kmsMasterKeyId", "")),
    Twin("public-access", "no block", lacks(f"{BUCKETS}PublicAccessBlock", f"{RAW}privacy")),
    Twin(
        "public-access",
        "half a block",
        states(f"{BUCKETS}PublicAccessBlock", f"{RAW}privacy", "blockPublicPolicy", False),
    ),
    Twin("public-access", "a public list", has("aws:s3/bucketAcl:BucketAcl", acl="public-read")),
    Twin(
        "public-access",
        "an open address",
        states("aws:lambda/functionUrl", "good-address", "authorizationType", "NONE"),
    ),
    Twin(
        "public-access",
        "a confused deputy",
        states("aws:lambda/permission", "good-permission", "sourceArn", None),
    ),
    Twin(
        "public-access",
        "an open role",
        states("aws:iam/role:", "dev-access-pipeline-role", "assumeRolePolicy", ANYBODY),
    ),
    Twin(
        "public-access",
        "an open queue",
        states("aws:sqs/queuePolicy", "dev-undelivered-policy", "policy", ANYBODY),
    ),
    Twin(
        "tls-only",
        "a bucket over HTTP",
        says(
            f"{BUCKETS}Policy",
            f"{RAW}policy",
            "policy",
            "OnlyOverTls",
            Condition=None,
            Effect="Allow",
            Principal={"AWS": "123456789012"},
        ),
    ),
    Twin("tls-only", "a topic over HTTP", lacks("aws:sns/topicPolicy", "alerts-info-policy")),
    Twin(
        "tls-only",
        "a pager over HTTP",
        states("aws:sns/topicSubscription", "good-subscription", "protocol", "http"),
    ),
    Twin("versioning", "no versions", lacks(f"{BUCKETS}Versioning", f"{RAW}versioning")),
    Twin(
        "versioning",
        "suspended",
        states(
            f"{BUCKETS}Versioning",
            f"{RAW}versioning",
            "versioningConfiguration.status",
            "Suspended",
        ),
    ),
    Twin(
        "evidence-retention",
        "no lock",
        states(f"{BUCKETS}:", "prod-storage-evidence-bucket", "objectLockEnabled", False),
    ),
    Twin(
        "evidence-retention",
        "a month",
        states(
            f"{BUCKETS}ObjectLock", "dev-storage-evidence-lock", "rule.defaultRetention.days", 30
        ),
    ),
    Twin(
        "vpc-only",
        "Studio on the internet",
        states(f"{SAGEMAKER}domain:", "good-domain", "appNetworkAccessType", "PublicInternetOnly"),
    ),
    Twin(
        "vpc-only",
        "a model outside",
        states(f"{SAGEMAKER}dataQ", "good-quality", "networkConfig.vpcConfig", None),
    ),
    Twin(
        "network-isolation",
        "a model with a network",
        states(f"{SAGEMAKER}model:", "good-model", "enableNetworkIsolation", False),
    ),
    Twin(
        "network-isolation",
        "talk in the clear",
        states(
            f"{SAGEMAKER}dataQ",
            "good-quality",
            "networkConfig.enableInterContainerTrafficEncryption",
            False,
        ),
    ),
    Twin("no-direct-internet", "a gateway", has("aws:ec2/internetGateway:InternetGateway")),
    Twin("no-direct-internet", "a NAT", has("aws:ec2/natGateway:NatGateway")),
    Twin(
        "no-direct-internet",
        "public addresses",
        states("aws:ec2/subnet", "subnet-a", "mapPublicIpOnLaunch", True),
    ),
    Twin(
        "no-direct-internet",
        "egress to everywhere",
        has("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", cidrIpv4="0.0.0.0/0"),
    ),
    Twin(
        "no-direct-internet",
        "ingress from everywhere",
        has("aws:ec2/securityGroup:SecurityGroup", ingress=[{"ipv6CidrBlocks": ["::/0"]}]),
    ),
    Twin("no-root", "a notebook instance", has(f"{SAGEMAKER}notebookInstance:NotebookInstance")),
    Twin(
        "no-root",
        "root in Studio",
        states(
            f"{SAGEMAKER}app", "good-image", "jupyterLabImageConfig.fileSystemConfig.defaultUid", 0
        ),
    ),
    Twin(
        "instance-allow-list",
        "an accelerator in Studio",
        states(
            f"{SAGEMAKER}domain:",
            "good-domain",
            "defaultUserSettings.jupyterLabAppSettings.defaultResourceSpec.instanceType",
            "ml.p5.48xlarge",
        ),
    ),
    Twin(
        "instance-allow-list",
        "an accelerator in the contract",
        states(
            "aws:ssm/",
            "prod-contract-serving",
            "insecureValue",
            '{"instance_type":"ml.p5.48xlarge","instance_count":2}',
        ),
    ),
    Twin(
        "production-redundancy",
        "one instance in the contract",
        states(
            "aws:ssm/",
            "prod-contract-serving",
            "insecureValue",
            '{"instance_type":"ml.m5.large","instance_count":1}',
        ),
    ),
    Twin(
        "production-redundancy",
        "one instance",
        states(
            f"{SAGEMAKER}endpointC", "good-config", "productionVariants.0.initialInstanceCount", 1
        ),
    ),
    Twin(
        "production-redundancy",
        "one subnet",
        states(f"{SAGEMAKER}model:", "good-model", "vpcConfig.subnets", ["subnet-a"]),
    ),
    Twin(
        "production-redundancy",
        "one zone",
        states("aws:ec2/subnet", "subnet-b", "availabilityZone", "us-east-1a"),
    ),
    Twin(
        "data-capture",
        "nothing captured",
        states(f"{SAGEMAKER}endpointC", "good-config", "dataCaptureConfig", None),
    ),
    Twin(
        "data-capture",
        "a sample",
        states(
            f"{SAGEMAKER}endpointC",
            "good-config",
            "dataCaptureConfig.initialSamplingPercentage",
            10,
        ),
    ),
    Twin(
        "rollback-alarms",
        "no alarm",
        states(f"{SAGEMAKER}endpoint:", "good-endpoint", "deploymentConfig", None),
    ),
    Twin(
        "permission-boundary",
        "no boundary",
        states("aws:iam/role:", "dev-access-pipeline-role", "permissionsBoundary", None),
    ),
    Twin(
        "permission-boundary",
        "another boundary",
        states(
            "aws:iam/role:",
            "dev-access-pipeline-role",
            "permissionsBoundary",
            "arn:aws:iam::aws:policy/AdministratorAccess",
        ),
    ),
    Twin(
        "no-wildcards",
        "every action",
        states(
            "aws:iam/rolePolicy:",
            "good-inline",
            "policy",
            '{"Statement":[{"Effect":"Allow","Action":"sagemaker:*","Resource":"arn:x"}]}',
        ),
    ),
    Twin(
        "no-wildcards",
        "every resource",
        states(
            "aws:iam/rolePolicy:",
            "good-inline",
            "policy",
            '{"Statement":[{"Effect":"Allow","Action":"sns:Publish","Resource":"*"}]}',
        ),
    ),
    Twin(
        "no-wildcards",
        "AWS's own administrator",
        has(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            policyArn="arn:aws:iam::aws:policy/AdministratorAccess",
        ),
    ),
    Twin(
        "no-wildcards",
        "all but",
        states(
            "aws:iam/rolePolicy:",
            "good-inline",
            "policy",
            '{"Statement":[{"Effect":"Allow","NotAction":"iam:CreateUser","Resource":"arn:x"}]}',
        ),
    ),
    Twin(
        "required-tags",
        "no owner",
        states("aws:sns/topic:", "alerts-info", "tagsAll.owner", None),
    ),
    Twin(
        "required-tags",
        "no persona",
        states("aws:iam/role:", "dev-access-pipeline-role", "tagsAll.persona", None),
    ),
    Twin(
        "log-retention",
        "a month of logs",
        states("aws:cloudwatch/logGroup", "-starts-log", "retentionInDays", 30),
    ),
    Twin(
        "log-retention",
        "logs for ever",
        states("aws:cloudwatch/logGroup", "-starts-log", "retentionInDays", None),
    ),
    Twin(
        "immutable-images",
        "movable tags",
        states("aws:ecr/repository:", "-repository", "imageTagMutability", "MUTABLE"),
    ),
    Twin(
        "key-rotation",
        "never rotated",
        states("aws:kms/key", "dev-encryption-key", "enableKeyRotation", False),
    ),
    Twin(
        "key-rotation",
        "gone in a week",
        states("aws:kms/key", "dev-encryption-key", "deletionWindowInDays", 7),
    ),
    Twin(
        "dead-letters",
        "a function that loses events",
        lacks("aws:lambda/functionEventInvokeConfig", "prod-delivery-release-retries"),
    ),
    Twin(
        "dead-letters",
        "a target that loses events",
        states("aws:cloudwatch/eventTarget", "-starts-target", "deadLetterConfig", None),
    ),
    Twin(
        "dead-letters",
        "a schedule that loses calls",
        states("aws:scheduler/schedule", "good-schedule", "target.deadLetterConfig", None),
    ),
    Twin(
        "alarm-actions",
        "nobody hears",
        states("aws:cloudwatch/metricAlarm", "good-alarm", "alarmActions", []),
    ),
    Twin(
        "alarm-actions",
        "switched off",
        states("aws:cloudwatch/metricAlarm", "good-alarm", "actionsEnabled", False),
    ),
    Twin("no-long-lived-credentials", "an access key", has("aws:iam/accessKey:AccessKey")),
    Twin(
        "no-long-lived-credentials",
        "a key in a parameter",
        has(
            "aws:ssm/parameter:Parameter",
            name="/x",
            type="SecureString",
            keyId=KEY,
            value="AKIA" + "ABCDEFGHIJKLMNOP",
        ),
    ),
    Twin("protected-data", "an unprotected bucket", unprotected(f"{BUCKETS}:", f"{RAW}bucket")),
    Twin(
        "protected-data",
        "a bucket that empties itself",
        states(f"{BUCKETS}:", f"{RAW}bucket", "forceDestroy", True),
    ),
    Twin("budget-present", "no budget", lacks("aws:budgets/budget", "dev-budget-budget")),
    Twin(
        "budget-present",
        "a budget without a limit",
        states("aws:budgets/budget", "dev-budget-budget", "limitAmount", "0"),
    ),
    Twin(
        "budget-present",
        "a budget nobody hears of",
        states("aws:budgets/budget", "dev-budget-budget", "notifications", []),
    ),
)
