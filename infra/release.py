"""The release of one environment: the function that turns an approval into an endpoint, what calls
it, what undoes it, and what it remembers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.access import Role
from infra.alarms import ReleaseAlarms, ReleaseAlarmsArgs
from infra.base import Document, Part, Place, Scope
from infra.dead_letters import DeadLetters
from infra.delivery import package_pattern
from infra.function import Function, FunctionArgs, Trigger
from modelyard.functions.release_state import NO_RELEASE

# One release at a time: Lambda keeps every further call waiting, or turns it away.
ONE_AT_A_TIME = 1
RECONCILE = "rate(15 minutes)"


@dataclass(frozen=True)
class ReleaseArgs:
    """The deployer's role, the key, the bus on which approvals arrive, where they come from, and
    how the project serves and rolls out here.
    """

    scope: Scope
    key_arn: pulumi.Output[str]
    alert_topic: pulumi.Output[str]
    dead_letters: DeadLetters
    deployer: Role
    bus: pulumi.Output[str]
    registry: Place
    serving: Mapping[str, Any]


class Release(Part):
    """staging and prod: the release function; in staging also the one that verifies."""

    function: pulumi.Output[str]
    alarms: tuple[str, ...]
    state: pulumi.Output[str]
    rules: list[aws.cloudwatch.EventRule]

    def __init__(self, name: str, args: ReleaseArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:delivery:Release", name, opts)
        self._args = args
        scope = args.scope
        self.alarms = ReleaseAlarms(
            self.child("alarms"),
            ReleaseAlarmsArgs(scope, args.alert_topic, args.serving),
            self.inside,
        ).names
        self.state = self._memory(scope)
        verifies = scope.environment == "staging"
        if verifies:
            self._function("verify", "Verifies a release before anybody relies on it", {})
        release = self._function(
            "release",
            "Deploys approved models, records the release and tells the operators",
            triggers(args, self.alarms, verifies=verifies),
            at_once=ONE_AT_A_TIME,
        )
        self.function, self.rules = release.arn, release.rules
        self.register_outputs({"function": self.function})

    def _function(
        self,
        what: str,
        description: str,
        called_on: Mapping[str, Trigger],
        at_once: int | None = None,
    ) -> Function:
        args = self._args
        return Function(
            self.child(what),
            FunctionArgs(
                scope=args.scope,
                what=what,
                description=description,
                role=args.deployer,
                key_arn=args.key_arn,
                dead_letters=args.dead_letters,
                triggers=called_on,
                at_once=at_once,
            ),
            self.inside,
        )

    def _memory(self, scope: Scope) -> pulumi.Output[str]:
        """What the release is in the middle of: the function writes it, this makes room.

        It lies outside the contract, which nobody but this program writes.
        """
        state = aws.ssm.Parameter(
            self.child("state"),
            name=state_name(scope),
            description="The release that is under way, or the last one",
            type="String",
            insecure_value=NO_RELEASE,
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["insecure_value"]),
        )
        return state.name


def triggers(
    args: ReleaseArgs, alarms: tuple[str, ...], *, verifies: bool
) -> Mapping[str, Trigger]:
    """What calls the release function; the clock finds whatever an event did not bring."""
    scope = args.scope
    decided = package_pattern(scope.project) | {"account": [args.registry.account]}
    decided["detail"] = decided["detail"] | {"ModelApprovalStatus": ["Approved", "Rejected"]}
    called_on = {
        "approval": Trigger(decided, "A model was approved, or its approval withdrawn", args.bus),
        "clock": Trigger(None, "Looks for what no event has brought", schedule=RECONCILE),
    }
    if verifies:
        called_on["verdict"] = Trigger(verdict_pattern(scope), "Verification came to a verdict")
    if args.serving["mode"] == "batch":
        return called_on
    called_on["endpoint"] = Trigger(
        endpoint_pattern(scope), "The project's endpoint changed its state"
    )
    called_on["deployment"] = Trigger(
        deployment_pattern(scope), "A deployment of the project's endpoint went a step further"
    )
    called_on["alarm"] = Trigger(alarm_pattern(alarms), "An alarm undoes the release")
    return called_on


def state_name(scope: Scope) -> str:
    """The parameter in which the release function remembers."""
    return f"/modelyard-releases/{scope.project}/{scope.environment}/state"


def endpoint_pattern(scope: Scope) -> Document:
    """The environment's endpoint came into service, failed or was rolled back."""
    return {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Endpoint State Change"],
        "detail": {"EndpointName": [scope.prefix]},
    }


def deployment_pattern(scope: Scope) -> Document:
    """Traffic moved: only now do alarms judge, `abort` among them.

    The endpoint is the event's only resource ("Events that Amazon SageMaker AI sends to Amazon
    EventBridge").
    """
    return {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Endpoint Deployment State Change"],
        "resources": [scope.place.arn("sagemaker", f"endpoint/{scope.prefix}")],
    }


def alarm_pattern(alarms: tuple[str, ...]) -> Document:
    """One of the alarms that roll a release back went off."""
    return {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": list(alarms), "state": {"value": ["ALARM"]}},
    }


def verdict_pattern(scope: Scope) -> Document:
    """Verification of a release of this environment ended."""
    return {
        "source": ["modelyard"],
        "detail-type": ["Modelyard Release Verified"],
        "detail": {"project": [scope.project], "environment": [scope.environment]},
    }
