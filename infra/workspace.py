"""The workspace of one project in one environment, composed in the order a reader would ask."""

from __future__ import annotations

import pulumi

from infra import borrowing, foundation, sharing
from infra.access import Access, AccessArgs, Role, repository_values
from infra.alerts import Alerts, AlertsArgs
from infra.base import Part
from infra.batch import scoring_by_the_clock
from infra.budget import Budget, BudgetArgs
from infra.build_side import build_side
from infra.chat import Channels, ChannelsArgs
from infra.contract import Facts
from infra.dead_letters import NAME as UNDELIVERED
from infra.dead_letters import DeadLetters, DeadLettersArgs
from infra.encryption import Encryption, EncryptionArgs
from infra.foundation import Foundation
from infra.ground import Ground
from infra.monitoring import Monitoring, MonitoringArgs, Recurrence
from infra.network import JobNetwork
from infra.retraining import training_by_the_clock
from infra.security_groups import NetworkArgs
from infra.serving_side import serving_side
from infra.settings import Settings
from infra.storage import Storage, StorageArgs
from infra.watching import watching_by_the_clock


class Workspace(Part):
    """Everything a project has in one environment; `facts` is what others may rely on."""

    facts: Facts
    offered: pulumi.Output[str]

    def __init__(
        self, settings: Settings, base: Foundation, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        scope = settings.scope
        super().__init__("modelyard:workspace:Workspace", scope.prefix, opts)
        self._settings, self._base = settings, base
        consumers = settings.consumers if settings.holds_registry else {}
        self._loans = borrowing.loans(scope, settings.project)
        self._encryption = Encryption(
            self.child("encryption"),
            EncryptionArgs(scope, consumers, settings.readers, settings.project.data),
            self.inside,
        )
        key_arn = self._encryption.key_arn
        self.offered = sharing.offered(scope, settings.project, key_arn)
        storage = Storage(
            self.child("storage"),
            StorageArgs(
                scope,
                key_arn,
                consumers,
                settings.administrator,
                settings.readers,
                settings.project.data,
            ),
            self.inside,
        )
        self._network = JobNetwork(
            self.child("network"),
            NetworkArgs(scope, base.vpc_id, base.s3_prefix_list_id),
            self.inside,
        )
        self._alerts = Alerts(
            self.child("alerts"), AlertsArgs(scope, key_arn, settings.routes), self.inside
        )
        if settings.routes.slack:
            Channels(self.child("channels"), self._channels_args(), self.inside)
        self._access = Access(self.child("access"), self._access_args(), self.inside)
        undelivered = DeadLetters(
            self.child(UNDELIVERED),
            DeadLettersArgs(scope, self._senders(), key_arn, self._alerts.topic_arn),
            self.inside,
        )
        Budget(
            self.child("budget"),
            BudgetArgs(scope, settings.monthly_budget, self._alerts.topic_arn),
            self.inside,
        )
        ground = Ground(
            settings=settings,
            base=base,
            loans=self._loans,
            key_arn=key_arn,
            storage=storage,
            network=self._network,
            alerts=self._alerts,
            access=self._access,
            undelivered=undelivered,
            child=self.child,
            inside=self.inside,
        )
        side = build_side(ground) if settings.holds_registry else serving_side(ground)
        self.facts = side.facts
        Monitoring(
            self.child("monitoring"),
            MonitoringArgs(
                scope, self._access.roles["scheduler"], undelivered.queue_arn, recurring(settings)
            ),
            self.inside,
        )
        undelivered.accept_from(side.rules)
        self.register_outputs({"key_arn": key_arn})

    def _senders(self) -> dict[str, Role]:
        """The roles of the functions there are here."""
        personas = ("registrar", "deployer", "watcher")
        roles = self._access.roles
        return {persona: roles[persona] for persona in personas if persona in roles}

    def _channels_args(self) -> ChannelsArgs:
        return ChannelsArgs(
            scope=self._settings.scope,
            boundary_arn=self._base.boundary_arn,
            routes=self._settings.routes,
            alert_topic=self._alerts.topic_arn,
            chat_topics=self._alerts.chat_topics,
        )

    def _access_args(self) -> AccessArgs:
        settings, key_arn = self._settings, self._encryption.key_arn
        at_registry = settings.holds_registry
        return AccessArgs(
            scope=settings.scope,
            mode=settings.project.serving.mode,
            boundary_arn=self._base.boundary_arn,
            repository=settings.repository,
            fixed=_fixed_values(settings),
            borrowed={loan.dataset.name: loan.values for loan in self._loans},
            known_later={
                "key": key_arn,
                "registry_key": (
                    key_arn if at_registry else foundation.key_of(settings.project.name, "dev")
                ),
                "staging_key": (
                    foundation.key_of(settings.project.name, "staging")
                    if settings.environment == "prod"
                    else key_arn
                ),
                "subnet_a": self._base.subnet_a,
                "subnet_b": self._base.subnet_b,
                "security_group": self._network.security_group,
            },
        )


def recurring(settings: Settings) -> dict[str, Recurrence]:
    """What runs by the clock: training and batch scoring where asked for, monitoring anyway."""
    if settings.holds_registry:
        return training_by_the_clock(settings.scope, settings.project.training.retrain)
    serving, monitoring = settings.project.serving, settings.project.monitoring
    watching = {"monitor": watching_by_the_clock(settings.scope, monitoring.schedule)}
    return {**watching, **scoring_by_the_clock(settings.scope, serving.schedule)}


def _fixed_values(settings: Settings) -> dict[str, str]:
    """The values of the personas' documents that are known before anything exists."""
    values = {
        "project": settings.project.name,
        "env": settings.environment,
        "account": settings.place.account,
        "region": settings.place.region,
        "registry_account": settings.registry.account,
        "registry_region": settings.registry.region,
        "staging_account": settings.staging.account,
        "staging_region": settings.staging.region,
    }
    return values | repository_values(settings.repository)
