"""What starts by the clock: schedules that name a pipeline of the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.access import Role
from infra.base import Part, Place, Scope
from infra.dead_letters import DeadLetters, DeadLettersArgs

# Pipelines that `modelyard publish` knows how to make; a schedule for another would fail each time.
PIPELINES: Mapping[str, tuple[str, ...]] = {"dev": ("train",), "staging": (), "prod": ()}
# A run that could not start within an hour waits for the next time.
RETRY_SECONDS, RETRIES = 3600, 10


@dataclass(frozen=True)
class Recurrence:
    """A pipeline of the environment and when it runs, as an EventBridge Scheduler expression."""

    pipeline: str
    expression: str
    description: str


@dataclass(frozen=True)
class MonitoringArgs:
    """The scheduler's role, the key and topic of what could not start, and what recurs by name."""

    scope: Scope
    scheduler: Role
    key_arn: pulumi.Output[str]
    alert_topic: pulumi.Output[str]
    recurring: Mapping[str, Recurrence]


class Monitoring(Part):
    """A group of schedules, by which policies recognise the project's; empty where none recurs."""

    group: pulumi.Output[str]

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:monitoring:Monitoring", name, opts)
        self._args = args
        group = aws.scheduler.ScheduleGroup(
            self.child("group"), name=args.scope.prefix, opts=self.inside
        )
        self.group = group.name
        if args.recurring:
            lost = DeadLetters(
                self.child("dead-letters"),
                DeadLettersArgs(
                    args.scope, "schedules", args.scheduler, args.key_arn, args.alert_topic
                ),
                self.inside,
            )
            for what, recurrence in args.recurring.items():
                self._schedule(what, recurrence, lost)
        self.register_outputs({"group": self.group})

    def _schedule(self, what: str, recurrence: Recurrence, lost: DeadLetters) -> None:
        scope = self._args.scope
        aws.scheduler.Schedule(
            self.child(what),
            name=scope.name(what),
            group_name=self.group,
            description=recurrence.description,
            schedule_expression=recurrence.expression,
            schedule_expression_timezone="UTC",
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(
                mode="FLEXIBLE", maximum_window_in_minutes=15
            ),
            target=aws.scheduler.ScheduleTargetArgs(
                arn=pipeline_arn(scope.place, scope.name(recurrence.pipeline)),
                role_arn=self._args.scheduler.arn,
                dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(
                    arn=lost.queue_arn
                ),
                retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_event_age_in_seconds=RETRY_SECONDS, maximum_retry_attempts=RETRIES
                ),
            ),
            opts=self.inside,
        )


def pipeline_arn(place: Place, name: str) -> str:
    """The ARN of a pipeline, which `modelyard publish` makes after the workspace."""
    return place.arn("sagemaker", f"pipeline/{name}")
