"""The workspace of one project in one environment, composed in the order a reader would ask."""

from __future__ import annotations

import json

import pulumi
import pulumi_aws as aws

from infra import borrowing, foundation, images, instances, registry, sharing
from infra.access import Access, AccessArgs, Role, repository_values
from infra.alerts import Alerts, AlertsArgs
from infra.base import Part
from infra.batch import scoring_by_the_clock
from infra.budget import Budget, BudgetArgs
from infra.capture import EndpointLog, EndpointLogArgs, LogCapture, LogCaptureArgs
from infra.catalog import Catalog, CatalogArgs
from infra.chat import Channels, ChannelsArgs
from infra.contract import Facts
from infra.datasets import DataSets, DataSetsArgs
from infra.dead_letters import NAME as UNDELIVERED
from infra.dead_letters import DeadLetters, DeadLettersArgs
from infra.delivery import Registration, RegistrationArgs
from infra.encryption import Encryption, EncryptionArgs
from infra.foundation import Foundation
from infra.images import Images, ImagesArgs
from infra.monitoring import Monitoring, MonitoringArgs, Recurrence
from infra.network import JobNetwork, JobNetworkArgs
from infra.registry import Registry, RegistryArgs
from infra.release import Release, ReleaseArgs
from infra.retraining import Retraining, RetrainingArgs, training_by_the_clock
from infra.settings import Settings
from infra.storage import Storage, StorageArgs
from infra.studio import Studio, StudioArgs
from infra.tracking import Tracking, TrackingArgs
from infra.watching import Watching, WatchingArgs, watching_by_the_clock
from modelyard.card.facts import statement


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
        self._storage = Storage(
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
            JobNetworkArgs(scope, base.vpc_id, base.s3_prefix_list_id),
            self.inside,
        )
        self._alerts = Alerts(
            self.child("alerts"), AlertsArgs(scope, key_arn, settings.routes), self.inside
        )
        if settings.routes.slack:
            Channels(self.child("channels"), self._channels_args(), self.inside)
        self._access = Access(self.child("access"), self._access_args(), self.inside)
        self._undelivered = DeadLetters(
            self.child(UNDELIVERED),
            DeadLettersArgs(scope, self._senders(), key_arn, self._alerts.topic_arn),
            self.inside,
        )
        Budget(
            self.child("budget"),
            BudgetArgs(scope, settings.monthly_budget, self._alerts.topic_arn),
            self.inside,
        )
        self._rules: list[aws.cloudwatch.EventRule] = []
        self.facts = self._build_side() if settings.holds_registry else self._serving_side()
        Monitoring(
            self.child("monitoring"),
            MonitoringArgs(
                scope,
                self._access.roles["scheduler"],
                self._undelivered.queue_arn,
                recurring(settings),
            ),
            self.inside,
        )
        self._undelivered.accept_from(self._rules)
        self.register_outputs({"key_arn": key_arn})

    def _senders(self) -> dict[str, Role]:
        """The roles of the functions there are here."""
        personas = ("registrar", "deployer", "watcher")
        roles = self._access.roles
        return {persona: roles[persona] for persona in personas if persona in roles}

    def _build_side(self) -> Facts:
        """dev: the registry, the images and the registrar."""
        settings, scope, key_arn = self._settings, self._settings.scope, self._encryption.key_arn
        group = Registry(
            self.child("registry"), RegistryArgs(scope, settings.consumers), self.inside
        )
        DataSets(
            self.child("data"),
            DataSetsArgs(
                scope,
                settings.project,
                self._storage.name_of("raw"),
                {loan.dataset.name: loan.terms for loan in self._loans},
            ),
            self.inside,
        )
        repository = Images(
            self.child("images"), ImagesArgs(scope, key_arn, settings.consumers), self.inside
        )
        registration = Registration(
            self.child("registration"),
            RegistrationArgs(
                scope=scope,
                key_arn=key_arn,
                dead_letters=self._undelivered,
                boundary_arn=self._base.boundary_arn,
                registrar=self._access.roles["registrar"],
                consumers=settings.consumers,
                statement=statement(settings.project),
            ),
            self.inside,
        )
        self._rules += registration.rules
        return Facts(
            **self._common(),
            model_package_group=group.group_name,
            model_package_group_arn=group.group_arn,
            repository_uri=repository.repository_uri,
            pipeline_role=self._access.roles["pipeline"].arn,
            registrar_function=registration.registrar,
            starts_log_group=registration.starts_log_group,
            tracking_app=self._workbench(),
            borrowed=borrowing.fact(self._loans),
            retrain_function=self._retraining(),
        )

    def _serving_side(self) -> Facts:
        """staging and prod: the release function, and the registry's address elsewhere."""
        settings, project = self._settings, self._settings.project.name
        release = Release(
            self.child("delivery"),
            ReleaseArgs(
                scope=settings.scope,
                key_arn=self._encryption.key_arn,
                alert_topic=self._alerts.topic_arn,
                dead_letters=self._undelivered,
                deployer=self._access.roles["deployer"],
                bus=self._base.event_bus_name,
                registry=settings.registry,
                serving=settings.project.serving.stated_for(settings.environment),
            ),
            self.inside,
        )
        self._rules += release.rules
        return Facts(
            **self._common(),
            model_package_group=project,
            model_package_group_arn=registry.group_arn(settings.registry, project),
            repository_uri=images.repository_uri(settings.registry, project),
            deployer_role=self._access.roles["deployer"].arn,
            serving_role=self._access.roles["serving"].arn,
            release_function=release.function,
            release_state=release.state,
            registry_evidence=settings.registry_evidence,
            staging_evidence=settings.staging_evidence,
            rollback_alarms=json.dumps(release.alarms),
            captured_table=self._captured_table(),
            monitor_role=self._access.roles["monitor"].arn,
            watch_function=self._watching(),
        )

    def _workbench(self) -> pulumi.Output[str]:
        """dev: Studio for the people who train, unless it is switched off, and their tracking."""
        settings, scope, base = self._settings, self._settings.scope, self._base
        studio = None
        if settings.studio:
            studio = Studio(
                self.child("studio"),
                StudioArgs(
                    scope=scope,
                    key_arn=self._encryption.key_arn,
                    boundary_arn=base.boundary_arn,
                    vpc_id=base.vpc_id,
                    subnets=(base.subnet_a, base.subnet_b),
                    s3_prefix_list_id=base.s3_prefix_list_id,
                    instance_types=instances.of_studio(settings.project),
                    people=settings.people_in_studio,
                    roles=self._access.roles,
                ),
                self.inside,
            )
        tracking = Tracking(
            self.child("tracking"),
            TrackingArgs(
                scope=scope,
                key_arn=self._encryption.key_arn,
                boundary_arn=base.boundary_arn,
                bucket=self._storage.name_of("artifacts"),
                domain_id=studio.domain_id if studio else None,
                watcher=self._access.roles["watcher"],
                dead_letters=self._undelivered,
            ),
            self.inside,
        )
        self._rules += tracking.rules
        return tracking.app_arn

    def _retraining(self) -> pulumi.Output[str]:
        """dev: what starts training without a person."""
        settings = self._settings
        retraining = Retraining(
            self.child("retraining"),
            RetrainingArgs(
                scope=settings.scope,
                watcher=self._access.roles["watcher"],
                key_arn=self._encryption.key_arn,
                dead_letters=self._undelivered,
                bus=self._base.event_bus_name,
                raw_bucket=self._storage.name_of("raw"),
                consumers=settings.consumers,
                retrain=settings.project.training.retrain,
                dataset=settings.project.dataset.name,
            ),
            self.inside,
        )
        self._rules += retraining.rules
        return retraining.function

    def _watching(self) -> pulumi.Output[str]:
        """staging and prod: what looks at the served model, and how it is captured."""
        project = self._settings.project
        scope, key_arn = self._settings.scope, self._encryption.key_arn
        by_log = project.monitoring.capture_door(project.serving.mode) == "log"
        log = EndpointLog(
            self.child("endpoint-log"), EndpointLogArgs(scope, key_arn, by_log), self.inside
        )
        if by_log:
            LogCapture(
                self.child("capture"),
                LogCaptureArgs(
                    scope,
                    log.group,
                    key_arn,
                    self._storage.name_of("predictions"),
                    self._base.boundary_arn,
                ),
                self.inside,
            )
        watching = Watching(
            self.child("watching"),
            WatchingArgs(
                scope=self._settings.scope,
                watcher=self._access.roles["watcher"],
                key_arn=self._encryption.key_arn,
                alert_topic=self._alerts.topic_arn,
                dead_letters=self._undelivered,
                boundary_arn=self._base.boundary_arn,
                registry=self._settings.registry,
            ),
            self.inside,
        )
        self._rules += watching.rules
        return watching.watch

    def _captured_table(self) -> pulumi.Output[str]:
        catalog = Catalog(
            self.child("catalog"),
            CatalogArgs(self._settings.scope, self._storage.name_of("predictions")),
            self.inside,
        )
        return catalog.table

    def _common(self) -> dict[str, pulumi.Output[str]]:
        return {
            "key_arn": self._encryption.key_arn,
            **{f"bucket_{kind}": self._storage.name_of(kind) for kind in self._storage.buckets},
            "subnet_a": self._base.subnet_a,
            "subnet_b": self._base.subnet_b,
            "security_group": self._network.security_group,
            "alert_topic": self._alerts.topic_arn,
        }

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
