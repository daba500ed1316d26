"""What starts by the clock: schedules that call a function or start a pipeline."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from infra.access import Role
from infra.base import Part, Place, Scope

# A run that could not start within an hour waits for the next time.
RETRY_SECONDS, RETRIES = 3600, 10
# Replaced by the scheduler with when it was due, which is not when it came.
SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"


@dataclass(frozen=True)
class Recurrence:
    """What is called, when (an EventBridge Scheduler expression), and with what."""

    target: str
    expression: str
    description: str
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MonitoringArgs:
    """The scheduler's role, the queue of what could not start, and what recurs by name."""

    scope: Scope
    scheduler: Role
    lost: pulumi.Output[str]
    recurring: Mapping[str, Recurrence]


class Monitoring(Part):
    """A group of schedules, by which policies recognise the project's."""

    group: pulumi.Output[str]

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:monitoring:Monitoring", name, opts)
        self._args = args
        group = aws.scheduler.ScheduleGroup(
            self.child("group"), name=args.scope.prefix, opts=self.inside
        )
        self.group = group.name
        for what, recurrence in args.recurring.items():
            self._schedule(what, recurrence)
        self.register_outputs({"group": self.group})

    def _schedule(self, what: str, recurrence: Recurrence) -> None:
        aws.scheduler.Schedule(
            self.child(what),
            name=self._args.scope.name(what),
            group_name=self.group,
            description=recurrence.description,
            schedule_expression=recurrence.expression,
            schedule_expression_timezone="UTC",
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(
                mode="FLEXIBLE", maximum_window_in_minutes=15
            ),
            target=aws.scheduler.ScheduleTargetArgs(
                arn=recurrence.target,
                role_arn=self._args.scheduler.arn,
                input=json.dumps(dict(recurrence.given)) if recurrence.given else None,
                dead_letter_config=aws.scheduler.ScheduleTargetDeadLetterConfigArgs(
                    arn=self._args.lost
                ),
                retry_policy=aws.scheduler.ScheduleTargetRetryPolicyArgs(
                    maximum_event_age_in_seconds=RETRY_SECONDS, maximum_retry_attempts=RETRIES
                ),
            ),
            opts=self.inside,
        )


def pipeline_arn(place: Place, name: str) -> str:
    """The ARN of a pipeline, which is made after the workspace."""
    return place.arn("sagemaker", f"pipeline/{name}")


def function_arn(scope: Scope, what: str) -> str:
    """The ARN of one of the environment's functions."""
    return scope.place.arn("lambda", f"function:{scope.name(what)}")
