"""The region's event bus, on which the registry's news arrives, and what rules may log."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part, Place, document
from infra.delivery import BUS


@dataclass(frozen=True)
class EventsArgs:
    """The accounts whose registries may send here, besides our own."""

    place: Place
    registry_accounts: tuple[str, ...]


class Events(Part):
    """One bus for all projects; each project's rules select its own events."""

    bus_name: pulumi.Output[str]
    bus_arn: pulumi.Output[str]

    def __init__(self, name: str, args: EventsArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:region:Events", name, opts)
        bus = aws.cloudwatch.EventBus(self.child("bus"), name=BUS, opts=self.inside)
        accounts = tuple(dict.fromkeys((args.place.account, *args.registry_accounts)))
        aws.cloudwatch.EventBusPolicy(
            self.child("policy"),
            event_bus_name=bus.name,
            policy=bus.arn.apply(lambda arn: bus_policy(arn, accounts)),
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


def bus_policy(bus: str, accounts: tuple[str, ...]) -> str:
    """Only the forwarding roles of registries put events here."""
    return document(
        {
            "Sid": "RegistriesForward",
            "Effect": "Allow",
            "Principal": {"AWS": [f"arn:aws:iam::{account}:root" for account in accounts]},
            "Action": "events:PutEvents",
            "Resource": bus,
            "Condition": {
                "ArnLike": {
                    "aws:PrincipalArn": [
                        f"arn:aws:iam::{account}:role/*-dev-event-forwarder" for account in accounts
                    ]
                }
            },
        }
    )


def log_policy(place: Place) -> str:
    """The account's rules write to log groups under /aws/events/, and nothing else does."""
    writers = {
        "Effect": "Allow",
        "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
        "Resource": place.arn("logs", "log-group:/aws/events/*:*"),
    }
    # EventBridge names the rule when it writes, not when it creates a stream.
    of_a_rule = {"ArnLike": {"aws:SourceArn": place.arn("events", "rule/*")}}
    return document(
        {"Sid": "OpenStreams", **writers, "Action": "logs:CreateLogStream"},
        {"Sid": "WriteEvents", **writers, "Action": "logs:PutLogEvents", "Condition": of_a_rule},
    )
