"""The way of a model into the registry: who registers it, and how its approval travels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.access import Role, RoleArgs, compact
from infra.base import Document, Part, Place, Scope, document
from infra.dead_letters import DeadLetters
from infra.function import LOG_DAYS, Function, FunctionArgs, Trigger
from infra.monitoring import pipeline_arn
from policies import documents

BUS = "modelyard"
FORWARDER = "event-forwarder"


@dataclass(frozen=True)
class RegistrationArgs:
    """The registrar's role, the key, where approvals travel, and what model cards say."""

    scope: Scope
    key_arn: pulumi.Output[str]
    dead_letters: DeadLetters
    boundary_arn: pulumi.Output[str]
    registrar: Role
    consumers: Mapping[str, Place]
    statement: Document


class Registration(Part):
    """dev: the registrar, model cards, who started a run, and the way out for approvals."""

    registrar: pulumi.Output[str]
    starts_log_group: pulumi.Output[str]
    rules: list[aws.cloudwatch.EventRule]

    def __init__(self, name: str, args: RegistrationArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:delivery:Registration", name, opts)
        self._args = args
        function = Function(
            self.child("registrar"),
            FunctionArgs(
                scope=args.scope,
                what="registrar",
                description="Registers what a pipeline execution proves about itself",
                role=args.registrar,
                key_arn=args.key_arn,
                dead_letters=args.dead_letters,
                triggers={},
            ),
            self.inside,
        )
        cards = self._keep_cards()
        self.registrar = function.arn
        self.starts_log_group, starts = self._record_starts()
        self.rules = [starts, self._forward_approvals(), *cards.rules]
        self.register_outputs({"registrar": self.registrar})

    def _keep_cards(self) -> Function:
        args = self._args
        return Function(
            self.child("card"),
            FunctionArgs(
                scope=args.scope,
                what="card",
                description="Keeps each package's model card as the package is",
                role=args.registrar,
                key_arn=args.key_arn,
                dead_letters=args.dead_letters,
                triggers={
                    "package": Trigger(
                        package_pattern(args.scope.project),
                        "A package was registered, or a decision about one was made",
                    )
                },
                files={"statement.json": json.dumps(args.statement, sort_keys=True, indent=1)},
            ),
            self.inside,
        )

    def _record_starts(self) -> tuple[pulumi.Output[str], aws.cloudwatch.EventRule]:
        scope = self._args.scope
        log = aws.cloudwatch.LogGroup(
            self.child("starts-log"),
            name=f"/aws/events/{scope.name('starts')}",
            retention_in_days=LOG_DAYS,
            kms_key_id=self._args.key_arn,
            opts=self.kept,
        )
        rule = aws.cloudwatch.EventRule(
            self.child("starts-rule"),
            name=scope.name("starts"),
            description="Keeps who started which run of the training pipeline",
            event_pattern=json.dumps(starts_pattern(scope)),
            opts=self.inside,
        )
        aws.cloudwatch.EventTarget(
            self.child("starts-target"),
            rule=rule.name,
            target_id="log",
            arn=log.arn,
            dead_letter_config=self._dead_letter_config(),
            opts=self.inside,
        )
        return log.name, rule

    def _forward_approvals(self) -> aws.cloudwatch.EventRule:
        scope = self._args.scope
        rule = aws.cloudwatch.EventRule(
            self.child("approvals-rule"),
            name=scope.name("approvals"),
            description="Tells the consuming environments what changed in the registry",
            event_pattern=json.dumps(package_pattern(scope.project)),
            opts=self.inside,
        )
        forwarder = self._forwarder()
        for place in dict.fromkeys(self._args.consumers.values()):
            where = f"{place.account}-{place.region}"
            aws.cloudwatch.EventTarget(
                self.child(f"approvals-to-{where}"),
                rule=rule.name,
                target_id=where,
                arn=bus_arn(place),
                role_arn=forwarder.arn,
                dead_letter_config=self._dead_letter_config(),
                opts=self.inside,
            )
        return rule

    def _dead_letter_config(self) -> aws.cloudwatch.EventTargetDeadLetterConfigArgs:
        return aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=self._args.dead_letters.queue_arn)

    def _forwarder(self) -> Role:
        scope, consumers = self._args.scope, self._args.consumers
        trust = documents.render_trust("events", {"account": scope.place.account})
        return Role(
            self.child(FORWARDER),
            RoleArgs(
                role=scope.name(FORWARDER),
                persona=FORWARDER,
                trust=compact(trust),
                permissions={"": pulumi.Output.from_input(forwarding_permissions(consumers))},
                boundary_arn=self._args.boundary_arn,
            ),
            self.inside,
        )


def bus_arn(place: Place) -> str:
    """The bus of a place's region program."""
    return place.arn("events", f"event-bus/{BUS}")


def starts_pattern(scope: Scope) -> Document:
    """Someone started the project's training pipeline, as CloudTrail tells it.

    PipelineName is "the name or Amazon Resource Name (ARN) of the pipeline"
    (StartPipelineExecution, SageMaker API reference), and the trail keeps it as it was said.
    """
    name = scope.name("train")
    return {
        "source": ["aws.sagemaker"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": ["sagemaker.amazonaws.com"],
            "eventName": ["StartPipelineExecution"],
            "requestParameters": {"pipelineName": [name, pipeline_arn(scope.place, name)]},
        },
    }


def package_pattern(project: str) -> Document:
    """A package of the project's group was created or changed."""
    return {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelPackageGroupName": [project]},
    }


def forwarding_permissions(consumers: Mapping[str, Place]) -> str:
    """What the forwarding rule's role may do: put events on the consumers' buses."""
    return document(
        {
            "Sid": "ForwardApprovals",
            "Effect": "Allow",
            "Action": "events:PutEvents",
            "Resource": [bus_arn(place) for place in dict.fromkeys(consumers.values())],
        }
    )
