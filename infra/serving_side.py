"""The serving side, staging and prod: releases, and what looks at the served model."""

from __future__ import annotations

import json

from infra import images, registry
from infra.capture import EndpointLog, EndpointLogArgs, LogCapture, LogCaptureArgs
from infra.catalog import Catalog, CatalogArgs
from infra.contract import Facts
from infra.ground import Ground, Side
from infra.release import Release, ReleaseArgs
from infra.watching import Watching, WatchingArgs


def serving_side(ground: Ground) -> Side:
    """Where models answer: the release function, and the registry's address elsewhere."""
    settings, project = ground.settings, ground.settings.project
    roles = ground.access.roles
    release = Release(
        ground.child("delivery"),
        ReleaseArgs(
            scope=ground.scope,
            key_arn=ground.key_arn,
            alert_topic=ground.alerts.topic_arn,
            dead_letters=ground.undelivered,
            deployer=roles["deployer"],
            bus=ground.base.event_bus_name,
            registry=settings.registry,
            serving=project.serving.stated_for(settings.environment),
        ),
        ground.inside,
    )
    catalog = Catalog(
        ground.child("catalog"),
        CatalogArgs(ground.scope, ground.storage.name_of("predictions")),
        ground.inside,
    )
    _capture(ground)
    watching = _watching(ground)
    facts = Facts(
        **ground.facts,
        model_package_group=project.name,
        model_package_group_arn=registry.group_arn(settings.registry, project.name),
        repository_uri=images.repository_uri(settings.registry, project.name),
        deployer_role=roles["deployer"].arn,
        serving_role=roles["serving"].arn,
        release_function=release.function,
        release_state=release.state,
        registry_evidence=settings.registry_evidence,
        staging_evidence=settings.staging_evidence,
        rollback_alarms=json.dumps(release.alarms),
        captured_table=catalog.table,
        monitor_role=roles["monitor"].arn,
        watch_function=watching.watch,
    )
    return Side(facts, [*release.rules, *watching.rules])


def _capture(ground: Ground) -> None:
    """The endpoint's log, and its delivery where predictions are captured through it."""
    project = ground.settings.project
    by_log = project.monitoring.capture_door(project.serving.mode) == "log"
    log = EndpointLog(
        ground.child("endpoint-log"),
        EndpointLogArgs(ground.scope, ground.key_arn, by_log),
        ground.inside,
    )
    if by_log:
        LogCapture(
            ground.child("capture"),
            LogCaptureArgs(
                ground.scope,
                log.group,
                ground.key_arn,
                ground.storage.name_of("predictions"),
                ground.base.boundary_arn,
            ),
            ground.inside,
        )


def _watching(ground: Ground) -> Watching:
    """What looks at the served model and tells people."""
    return Watching(
        ground.child("watching"),
        WatchingArgs(
            scope=ground.scope,
            watcher=ground.access.roles["watcher"],
            key_arn=ground.key_arn,
            alert_topic=ground.alerts.topic_arn,
            dead_letters=ground.undelivered,
            boundary_arn=ground.base.boundary_arn,
            registry=ground.settings.registry,
        ),
        ground.inside,
    )
