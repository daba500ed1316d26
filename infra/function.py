"""One Lambda function of the package, with its log, its dead letters and the rules that call it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pulumi
import pulumi_aws as aws

import modelyard
from infra.access import Role
from infra.base import Document, Part, Scope
from infra.dead_letters import DeadLetters

LOG_DAYS = 365
SHIPPED = (
    "__init__.py",
    "errors.py",
    "fairness_gates.py",
    "gates.py",
    "functions/*.py",
    "card/*.py",
    "card/*.json",
)


@dataclass(frozen=True)
class Trigger:
    """A rule that calls the function: on events of a pattern, or by the clock."""

    pattern: Document | None
    description: str
    bus: pulumi.Output[str] | None = None
    schedule: str | None = None


@dataclass(frozen=True)
class FunctionArgs:
    """What runs, as whom, with which key, on which events, and how often at the same time.

    `files` go beside the handlers: reviewed facts too long for a parameter of the contract.
    Whoever makes the queue of dead letters lets the rules of its functions write to it.
    """

    scope: Scope
    what: str
    description: str
    role: Role
    key_arn: pulumi.Output[str]
    dead_letters: DeadLetters
    triggers: Mapping[str, Trigger]
    at_once: int | None = None
    files: Mapping[str, str] = field(default_factory=dict)


class Function(Part):
    """A function that keeps its log a year and loses no event."""

    arn: pulumi.Output[str]
    rules: list[aws.cloudwatch.EventRule]

    def __init__(self, name: str, args: FunctionArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:delivery:Function", name, opts)
        self._args = args
        self._function = self._create()
        self._configure_retries()
        self.rules = [self._call_on(what, trigger) for what, trigger in args.triggers.items()]
        self.arn = self._function.arn
        self.register_outputs({"arn": self.arn})

    def _create(self) -> aws.lambda_.Function:
        args = self._args
        physical = args.scope.name(args.what)
        log = aws.cloudwatch.LogGroup(
            self.child("log"),
            name=f"/aws/lambda/{physical}",
            retention_in_days=LOG_DAYS,
            kms_key_id=args.key_arn,
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )
        return aws.lambda_.Function(
            self.child("function"),
            name=physical,
            description=args.description,
            role=args.role.arn,
            handler=f"modelyard.functions.{args.what.replace('-', '_')}.handler",
            runtime=aws.lambda_.Runtime.PYTHON3D13,
            code=package(args.files),
            memory_size=512,
            timeout=300,
            reserved_concurrent_executions=args.at_once,
            kms_key_arn=args.key_arn,
            environment=aws.lambda_.FunctionEnvironmentArgs(
                variables={
                    "MODELYARD_PROJECT": args.scope.project,
                    "MODELYARD_ENV": args.scope.environment,
                }
            ),
            # Lambda would otherwise create the group itself: unencrypted and kept for ever.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[log]),
        )

    def _configure_retries(self) -> None:
        failed = aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnFailureArgs(
            destination=self._args.dead_letters.queue_arn
        )
        aws.lambda_.FunctionEventInvokeConfig(
            self.child("retries"),
            function_name=self._function.name,
            maximum_retry_attempts=2,
            maximum_event_age_in_seconds=6 * 3600,
            destination_config=aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(
                on_failure=failed
            ),
            # Lambda refuses a destination to which the function's role may not send.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self._args.dead_letters.senders]),
        )

    def _call_on(self, what: str, trigger: Trigger) -> aws.cloudwatch.EventRule:
        rule = aws.cloudwatch.EventRule(
            self.child(f"on-{what}"),
            name=self._args.scope.name(f"{self._args.what}-on-{what}"),
            description=trigger.description,
            event_bus_name=trigger.bus,
            event_pattern=json.dumps(trigger.pattern) if trigger.pattern else None,
            schedule_expression=trigger.schedule,
            opts=self.inside,
        )
        permission = aws.lambda_.Permission(
            self.child(f"called-on-{what}"),
            action="lambda:InvokeFunction",
            function=self._function.name,
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            opts=self.inside,
        )
        aws.cloudwatch.EventTarget(
            self.child(f"target-on-{what}"),
            rule=rule.name,
            event_bus_name=trigger.bus,
            target_id=self._args.what,
            arn=self._function.arn,
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(
                arn=self._args.dead_letters.queue_arn
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )
        return rule


def package(files: Mapping[str, str] | None = None) -> pulumi.AssetArchive:
    """The part of the package that functions import, which needs only boto3 and the library.

    The text itself, not its path, is the asset, so that two checkouts render the same graph.
    """
    home = Path(modelyard.__file__).parent
    shipped: dict[str, pulumi.Asset | pulumi.Archive] = {
        f"modelyard/{file.relative_to(home).as_posix()}": pulumi.StringAsset(file.read_text())
        for pattern in SHIPPED
        for file in sorted(home.glob(pattern))
    }
    for name, text in (files or {}).items():
        shipped[f"modelyard/functions/{name}"] = pulumi.StringAsset(text)
    return pulumi.AssetArchive(shipped)
