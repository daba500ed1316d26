"""staging and prod: the functions that watch a served model, and the word they send to dev."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.access import Role, RoleArgs, compact
from infra.base import Document, Part, Place, Scope, document
from infra.dead_letters import DeadLetters
from infra.delivery import FORWARDER, bus_arn
from infra.function import Function, FunctionArgs, Trigger
from infra.monitoring import SCHEDULED_TIME, Recurrence, function_arn, pipeline_arn
from modelyard.functions.findings import EVENT, HEARTBEAT, NAMESPACE, SOURCE
from policies import documents

OVERDUE = "monitor-overdue"
_DAY = 86_400


@dataclass(frozen=True)
class WatchingArgs:
    """The watcher's role, the key and topic, and where models are trained."""

    scope: Scope
    watcher: Role
    key_arn: pulumi.Output[str]
    alert_topic: pulumi.Output[str]
    dead_letters: DeadLetters
    boundary_arn: pulumi.Output[str]
    registry: Place


class Watching(Part):
    """Two functions, the way out for their findings, and an alarm when they are quiet.

    Watching finds the windows and starts the runs; publishing ends each run with metrics, alarms in
    words, and the word to dev.
    """

    watch: pulumi.Output[str]
    rules: list[aws.cloudwatch.EventRule]

    def __init__(self, name: str, args: WatchingArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:monitoring:Watching", name, opts)
        self._args = args
        failed = Trigger(
            failed_run_pattern(args.scope, "monitor", "batch"), "A monitoring or batch run failed"
        )
        watch = self._function("watch", "Starts a monitoring run per window", {"failure": failed})
        publish = self._function("publish-metrics", "Publishes reports, tells who should know", {})
        self.rules = [*watch.rules, *publish.rules, self._forward_findings()]
        self._miss_heartbeat()
        self.watch = watch.arn
        self.register_outputs({"watch": self.watch})

    def _function(self, what: str, description: str, triggers: dict[str, Trigger]) -> Function:
        args = self._args
        return Function(
            self.child(what),
            FunctionArgs(
                scope=args.scope,
                what=what,
                description=description,
                role=args.watcher,
                key_arn=args.key_arn,
                dead_letters=args.dead_letters,
                triggers=triggers,
            ),
            self.inside,
        )

    def _forward_findings(self) -> aws.cloudwatch.EventRule:
        """Findings go to the account that trains, as approvals come from it."""
        scope, registry = self._args.scope, self._args.registry
        rule = aws.cloudwatch.EventRule(
            self.child("findings-rule"),
            name=scope.name("findings"),
            description="Tells the registry's environment what training may cure",
            event_pattern=json.dumps(findings_pattern(scope.project)),
            opts=self.inside,
        )
        forwarder = Role(
            self.child(FORWARDER),
            RoleArgs(
                role=scope.name(FORWARDER),
                persona=FORWARDER,
                trust=compact(documents.render_trust("events", {"account": scope.place.account})),
                permissions={"": pulumi.Output.from_input(forwarding_permissions(registry))},
                boundary_arn=self._args.boundary_arn,
            ),
            self.inside,
        )
        aws.cloudwatch.EventTarget(
            self.child("findings-to-registry"),
            rule=rule.name,
            target_id="registry",
            arn=bus_arn(registry),
            role_arn=forwarder.arn,
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(
                arn=self._args.dead_letters.queue_arn
            ),
            opts=self.inside,
        )
        return rule

    def _miss_heartbeat(self) -> None:
        """Nobody watches the watcher but this: no word for two days, or windows left over.

        Silence is told by the way into INSUFFICIENT_DATA: that is where a new alarm begins, so a
        workspace that was never watched alarms nobody.
        """
        scope = self._args.scope
        aws.cloudwatch.MetricAlarm(
            self.child("overdue"),
            name=scope.name(OVERDUE),
            alarm_description="Monitoring did not run, or does not keep up with its windows",
            namespace=NAMESPACE,
            metric_name=HEARTBEAT,
            dimensions={"Project": scope.project, "Environment": scope.environment},
            statistic="Minimum",
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            period=_DAY,
            evaluation_periods=2,
            datapoints_to_alarm=2,
            treat_missing_data="missing",
            alarm_actions=[self._args.alert_topic],
            insufficient_data_actions=[self._args.alert_topic],
            ok_actions=[self._args.alert_topic],
            opts=self.inside,
        )


def watching_by_the_clock(scope: Scope, expression: str) -> Recurrence:
    """The schedule of monitoring, which says when it was due."""
    return Recurrence(
        function_arn(scope, "watch"),
        expression,
        "Looks at every window of traffic that nobody has looked at",
        {"time": SCHEDULED_TIME},
    )


def failed_run_pattern(scope: Scope, *pipelines: str) -> Document:
    """A run of one of the environment's pipelines failed."""
    return {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Building Pipeline Execution Status Change"],
        "detail": {
            "currentPipelineExecutionStatus": ["Failed"],
            "pipelineArn": [pipeline_arn(scope.place, scope.name(one)) for one in pipelines],
        },
    }


def findings_pattern(project: str) -> Document:
    """Monitoring found something of the project that training may cure."""
    return {
        "source": [SOURCE],
        "detail-type": [EVENT],
        "detail": {"project": [project]},
    }


def forwarding_permissions(registry: Place) -> str:
    """What the forwarding rule's role may do: put events on the registry's bus."""
    return document(
        {
            "Sid": "ForwardFindings",
            "Effect": "Allow",
            "Action": "events:PutEvents",
            "Resource": bus_arn(registry),
        }
    )
