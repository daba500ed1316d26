"""What could not be delivered in an environment, kept for two weeks: nothing gets lost unheard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.access import Role
from infra.base import Part, Scope, document

KEPT_SECONDS = 14 * 24 * 3600
NAME = "undelivered"


@dataclass(frozen=True)
class DeadLettersArgs:
    """The roles of the functions that send letters, the key of both, and who is told."""

    scope: Scope
    roles: Mapping[str, Role]
    key_arn: pulumi.Output[str]
    alert_topic: pulumi.Output[str]


class DeadLetters(Part):
    """One queue for an environment's functions, rules and schedules, and one alarm over it."""

    queue_arn: pulumi.Output[str]
    senders: Sequence[aws.iam.RolePolicyAttachment]

    def __init__(self, name: str, args: DeadLettersArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:delivery:DeadLetters", name, opts)
        self._queue = aws.sqs.Queue(
            self.child("queue"),
            name=args.scope.name(NAME),
            message_retention_seconds=KEPT_SECONDS,
            kms_master_key_id=args.key_arn,
            opts=self.inside,
        )
        policy = aws.iam.Policy(
            self.child("sending"),
            name=args.scope.name(f"{NAME}-delivery"),
            description="Send dead letters, and encrypt what is sent",
            policy=pulumi.Output.all(self._queue.arn, args.key_arn).apply(
                lambda arns: sending_policy(args.scope.place.region, *arns)
            ),
            opts=self.inside,
        )
        self.senders = [
            aws.iam.RolePolicyAttachment(
                self.child(f"sender-{name}"),
                role=role.name,
                policy_arn=policy.arn,
                opts=self.inside,
            )
            for name, role in args.roles.items()
        ]
        self.queue_arn = self._queue.arn
        self._tell(args)
        self.register_outputs({"queue_arn": self.queue_arn})

    def _tell(self, args: DeadLettersArgs) -> None:
        """A queue that holds nothing for six hours publishes nothing: that is no breach."""
        aws.cloudwatch.MetricAlarm(
            self.child("alarm"),
            name=args.scope.name(NAME),
            alarm_description="Something could not be delivered, and waits for a person",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": self._queue.name},
            statistic="Maximum",
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            period=300,
            evaluation_periods=1,
            treat_missing_data="notBreaching",
            alarm_actions=[args.alert_topic],
            ok_actions=[args.alert_topic],
            opts=self.inside,
        )

    def accept_from(self, rules: Sequence[aws.cloudwatch.EventRule]) -> None:
        """Let these rules put the events here that they could not deliver."""
        aws.sqs.QueuePolicy(
            self.child("policy"),
            queue_url=self._queue.url,
            policy=pulumi.Output.all(self._queue.arn, *(rule.arn for rule in rules)).apply(
                lambda arns: queue_policy(arns[0], arns[1:])
            ),
            opts=self.inside,
        )


def sending_policy(region: str, queue: str, key: str) -> str:
    """What sending takes beside the persona's own work; Lambda checks it before it agrees."""
    return document(
        {
            "Sid": "DeadLetters",
            "Effect": "Allow",
            "Action": "sqs:SendMessage",
            "Resource": queue,
        },
        {
            "Sid": "KeyOfQueuesAndTopics",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": key,
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": [
                        f"sns.{region}.amazonaws.com",
                        f"sqs.{region}.amazonaws.com",
                    ]
                }
            },
        },
    )


def queue_policy(queue: str, rules: list[str]) -> str:
    """These rules, and nobody else's, put events here."""
    return document(
        {
            "Sid": "UndeliveredEvents",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue,
            "Condition": {"ArnEquals": {"aws:SourceArn": rules}},
        }
    )
