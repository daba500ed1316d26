"""The project's customer key: who may use it, for what, and only through which service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from infra import sharing
from infra.base import Document, Part, Place, Scope, document, role_arn
from modelyard.project import DataSet

CONSUMING_PERSONAS = ("deployer", "serving", "monitor")
# Who reads what an environment before it has found out about a release.
READING_PERSONAS = ("deployer",)
# Who follows a prediction back to what its model was made of, from another account.
TRACING_PERSONAS = ("auditor", "model-operator")
AUDITING_PERSONAS = ("auditor",)
_USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]


@dataclass(frozen=True)
class EncryptionArgs:
    """The environments in other accounts that read what the key protects: models, or verdicts;
    and the data sets, of which other projects may read some.
    """

    scope: Scope
    consumers: Mapping[str, Place]
    readers: Mapping[str, Place] = field(default_factory=dict)
    datasets: tuple[DataSet, ...] = ()


class Encryption(Part):
    """A rotating customer key and its alias."""

    key_arn: pulumi.Output[str]
    key_id: pulumi.Output[str]

    def __init__(self, name: str, args: EncryptionArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:encryption:Encryption", name, opts)
        scope = args.scope
        key = aws.kms.Key(
            self.child("key"),
            description=f"Everything of {scope.project} in {scope.environment}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=key_policy(args),
            opts=self.kept,
        )
        aws.kms.Alias(
            self.child("alias"),
            name=f"alias/{scope.prefix}",
            target_key_id=key.key_id,
            opts=self.inside,
        )
        self.key_arn = key.arn
        self.key_id = key.key_id
        self.register_outputs({"key_arn": self.key_arn})


def key_policy(args: EncryptionArgs) -> str:
    """The key's policy; within the account, identity policies decide (the first statement)."""
    scope = args.scope
    return document(
        account_decides(scope.place.account),
        logs_may_use(
            scope.place,
            f"/aws/lambda/{scope.prefix}-*",
            f"/aws/events/{scope.prefix}-*",
            f"/aws/sagemaker/Endpoints/{scope.prefix}",
        ),
        alarms_may_use(scope.place.account),
        budgets_may_use(scope.place.account),
        events_may_use(),
        *(
            _may_read(scope, environment, place, personas)
            for environments, personas in (
                (args.consumers, (*CONSUMING_PERSONAS, *TRACING_PERSONAS)),
                (args.readers, (*READING_PERSONAS, *AUDITING_PERSONAS)),
            )
            for environment, place in environments.items()
            if place.account != scope.place.account
        ),
        *sharing.key_consents(scope, args.datasets),
    )


def account_decides(account: str) -> Document:
    """Delegation to IAM; without it a key nobody can administer would be possible."""
    return {
        "Sid": "AccountDecides",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }


def logs_may_use(place: Place, *groups: str) -> Document:
    """CloudWatch Logs states the log group as encryption context, which narrows its grant."""
    return {
        "Sid": "LogsOfOurGroups",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{place.region}.amazonaws.com"},
        "Action": _USE,
        "Resource": "*",
        "Condition": {
            "ArnLike": {
                "kms:EncryptionContext:aws:logs:arn": [
                    place.arn("logs", f"log-group:{group}") for group in groups
                ]
            }
        },
    }


def alarms_may_use(account: str) -> Document:
    """CloudWatch alarms publish on our encrypted topics."""
    return {
        "Sid": "Alarms",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }


def budgets_may_use(account: str) -> Document:
    """AWS Budgets publishes on our encrypted topic ("Creating an Amazon SNS topic for budget
    notifications", AWS Cost Management User Guide).
    """
    return {
        "Sid": "Budgets",
        "Effect": "Allow",
        "Principal": {"Service": "budgets.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }


def events_may_use() -> Document:
    """EventBridge puts events on our encrypted topics, and undelivered ones on our queues.

    Conditions on aws:SourceAccount or aws:SourceArn are "not supported for EventBridge-to-encrypted
    topics" ("Enable compatibility between event sources from AWS services and encrypted topics",
    Amazon SNS): they would drop every event in silence. A queue's own policy names the rules; a
    topic's cannot.
    """
    return {
        "Sid": "Events",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
    }


def _may_read(scope: Scope, environment: str, place: Place, personas: Sequence[str]) -> Document:
    # A role that does not exist yet cannot be a principal; a condition on its ARN can name it.
    return {
        "Sid": f"ReadBy{environment.capitalize()}",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{place.account}:root"},
        "Action": ["kms:Decrypt", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {
            "ArnEquals": {
                "aws:PrincipalArn": [
                    role_arn(place.account, scope.project, environment, persona)
                    for persona in personas
                ]
            },
            "StringEquals": {"kms:ViaService": f"s3.{scope.place.region}.amazonaws.com"},
        },
    }
