"""The region's event bus, on which the registry's news arrives, and what rules may log."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Document, Part, Place, document
from infra.delivery import BUS, FORWARDER


@dataclass(frozen=True)
class EventsArgs:
    """The accounts whose registries, and whose models in service, may send here besides ours."""

    place: Place
    registry_accounts: tuple[str, ...]
    consumer_accounts: tuple[str, ...]


class Events(Part):
    """One bus for all projects; each project's rules select its own events."""

    bus_name: pulumi.Output[str]
    bus_arn: pulumi.Output[str]

    def __init__(self, name: str, args: EventsArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:region:Events", name, opts)
        bus = aws.cloudwatch.EventBus(self.child("bus"), name=BUS, opts=self.inside)
        ours = args.place.account
        registries = tuple(dict.fromkeys((ours, *args.registry_accounts)))
        consumers = tuple(dict.fromkeys((ours, *args.consumer_accounts)))
        aws.cloudwatch.EventBusPolicy(
            self.child("policy"),
            event_bus_name=bus.name,
            policy=bus.arn.apply(lambda arn: bus_policy(arn, registries, consumers)),
            opts=self.inside,
        )
        # An account has ten of these policies per region, so one serves every project.
        aws.cloudwatch.LogResourcePolicy(
            self.child("log-policy"),
            policy_name="modelyard-events",
            policy_document=log_policy(args.place),
            opts=self.inside,
        )
        self.bus_name, self.bus_arn = bus.name, bus.arn
        self.register_outputs({"bus_arn": self.bus_arn})


def bus_policy(bus: str, registries: tuple[str, ...], consumers: tuple[str, ...]) -> str:
    """Only forwarding roles put events here: approvals on their way out, alarms on their way back.

    What production finds out about a model (drift, a failing release) reaches the registry's
    account, where a new one is trained.
    """
    return document(
        _forwarders("RegistriesForward", bus, registries, ("dev",)),
        _forwarders("ConsumersReport", bus, consumers, ("staging", "prod")),
    )


def _forwarders(
    sid: str, bus: str, accounts: tuple[str, ...], environments: tuple[str, ...]
) -> Document:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": [f"arn:aws:iam::{account}:root" for account in accounts]},
        "Action": "events:PutEvents",
        "Resource": bus,
        "Condition": {
            "ArnLike": {
                "aws:PrincipalArn": [
                    f"arn:aws:iam::{account}:role/*-{environment}-{FORWARDER}"
                    for account in accounts
                    for environment in environments
                ]
            }
        },
    }


def log_policy(place: Place) -> str:
    """The account's rules write to log groups under /aws/events/, and nothing else does."""
    writers = {
        "Effect": "Allow",
        "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
        "Resource": place.arn("logs", "log-group:/aws/events/*:*"),
    }
    # EventBridge names the rule when it writes, not when it creates a stream.
    of_a_rule = {"ArnLike": {"aws:SourceArn": place.arn("events", "rule/*")}}
    writing = {**writers, "Action": "logs:PutLogEvents", "Condition": of_a_rule}
    return document(
        {"Sid": "RulesOpenStreams", **writers, "Action": "logs:CreateLogStream"},
        {"Sid": "RulesWriteEvents", **writing},
    )
