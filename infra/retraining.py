"""dev: the function that starts training without a person, and what calls it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.access import Role
from infra.base import Document, Part, Place, Scope
from infra.dead_letters import DeadLetters
from infra.delivery import package_pattern
from infra.function import Function, FunctionArgs, Trigger
from infra.monitoring import SCHEDULED_TIME, Recurrence, function_arn
from infra.watching import failed_run_pattern, findings_pattern
from modelyard.monitoring_section import Retrain

# Files that came while a run was pausing are found once a day.
LATE_DATA = "cron(30 5 * * ? *)"


@dataclass(frozen=True)
class RetrainingArgs:
    """The watcher's role, the bus findings arrive on, the raw bucket, and what is switched on."""

    scope: Scope
    watcher: Role
    key_arn: pulumi.Output[str]
    dead_letters: DeadLetters
    bus: pulumi.Output[str]
    raw_bucket: pulumi.Output[str]
    consumers: Mapping[str, Place]
    retrain: Retrain
    dataset: str


class Retraining(Part):
    """One function; a trigger that is switched off has no rule."""

    function: pulumi.Output[str]
    rules: list[aws.cloudwatch.EventRule]

    def __init__(self, name: str, args: RetrainingArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:monitoring:Retraining", name, opts)
        function = Function(
            self.child("retrain"),
            FunctionArgs(
                scope=args.scope,
                what="retrain",
                description="Starts training where the reviewed rules allow it; never releases",
                role=args.watcher,
                key_arn=args.key_arn,
                dead_letters=args.dead_letters,
                triggers=dict(_triggers(args)),
            ),
            self.inside,
        )
        if "data" in args.retrain.on:
            aws.s3.BucketNotification(
                self.child("raw-events"),
                bucket=args.raw_bucket,
                eventbridge=True,
                opts=self.inside,
            )
        self.function, self.rules = function.arn, function.rules
        self.register_outputs({"function": self.function})


def _triggers(args: RetrainingArgs) -> dict[str, Trigger]:
    scope, on = args.scope, args.retrain.on
    waiting = package_pattern(scope.project)
    waiting["detail"] = waiting["detail"] | {"ModelApprovalStatus": ["PendingManualApproval"]}
    found = {
        "challenger": Trigger(waiting, "A model waits for a decision"),
        "failure": Trigger(failed_run_pattern(scope, "train"), "A run of the pipeline failed"),
    }
    if {"drift", "quality"} & set(on):
        counted = [args.consumers[name].account for name in args.retrain.environments]
        if counted:
            pattern = findings_pattern(scope.project) | {"account": sorted(set(counted))}
            found["finding"] = Trigger(pattern, "Monitoring found something", bus=args.bus)
    if "data" in on:
        found["data"] = Trigger(
            data_pattern(scope.bucket("raw"), args.dataset), "New files in the raw bucket"
        )
    if "code" in on:
        found["code"] = Trigger(published_pattern(scope), "A new pipeline was published")
    return found


def training_by_the_clock(scope: Scope, retrain: Retrain) -> dict[str, Recurrence]:
    """The schedule project.yaml states, and the daily look for files that came in a pause."""
    function = function_arn(scope, "retrain")
    found = {}
    if retrain.schedule:
        found["retrain"] = Recurrence(
            function,
            retrain.schedule,
            "Trains anew on what the raw bucket holds",
            {"trigger": "schedule", "time": SCHEDULED_TIME},
        )
    if "data" in retrain.on:
        found["late-data"] = Recurrence(
            function,
            LATE_DATA,
            "Looks for data that no run has read",
            {"trigger": "data", "time": SCHEDULED_TIME},
        )
    return found


def data_pattern(bucket: str, dataset: str) -> Document:
    """A file of the training data arrived (quarantine is another folder)."""
    return {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [bucket]}, "object": {"key": [{"prefix": f"{dataset}/"}]}},
    }


def published_pattern(scope: Scope) -> Document:
    """Somebody published the training pipeline, as CloudTrail tells it."""
    return {
        "source": ["aws.sagemaker"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": ["sagemaker.amazonaws.com"],
            "eventName": ["CreatePipeline", "UpdatePipeline"],
            "requestParameters": {"pipelineName": [scope.name("train")]},
            "errorCode": [{"exists": False}],
        },
    }
