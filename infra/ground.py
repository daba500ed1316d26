"""What a project has in every environment: the ground on which each side is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.access import Access
from infra.alerts import Alerts
from infra.base import Scope
from infra.borrowing import Loan
from infra.contract import Facts
from infra.dead_letters import DeadLetters
from infra.foundation import Foundation
from infra.network import JobNetwork
from infra.settings import Settings
from infra.storage import Storage


@dataclass(frozen=True)
class Ground:
    """The parts that both sides stand on.

    Attributes:
        child: the logical name of a part of the workspace.
        inside: the options that make a resource part of the workspace.
    """

    settings: Settings
    base: Foundation
    loans: tuple[Loan, ...]
    key_arn: pulumi.Output[str]
    storage: Storage
    network: JobNetwork
    alerts: Alerts
    access: Access
    undelivered: DeadLetters
    child: Callable[[str], str]
    inside: pulumi.ResourceOptions

    @property
    def scope(self) -> Scope:
        """The project in its environment."""
        return self.settings.scope

    @property
    def facts(self) -> Mapping[str, pulumi.Output[str]]:
        """What every environment's contract states."""
        return {
            "key_arn": self.key_arn,
            **{f"bucket_{kind}": self.storage.name_of(kind) for kind in self.storage.buckets},
            "subnet_a": self.base.subnet_a,
            "subnet_b": self.base.subnet_b,
            "security_group": self.network.security_group,
            "alert_topic": self.alerts.topic_arn,
        }


@dataclass(frozen=True)
class Side:
    """What stands on the ground: the whole contract, and the rules that wake functions."""

    facts: Facts
    rules: list[aws.cloudwatch.EventRule]
