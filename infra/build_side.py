"""The build side, dev: registry, images, Studio and tracking, and what starts training."""

from __future__ import annotations

from infra import borrowing, instances
from infra.contract import Facts
from infra.datasets import DataSets, DataSetsArgs
from infra.delivery import Registration, RegistrationArgs
from infra.ground import Ground, Side
from infra.images import Images, ImagesArgs
from infra.registry import Registry, RegistryArgs
from infra.retraining import Retraining, RetrainingArgs
from infra.studio import Studio, StudioArgs
from infra.tracking import Tracking, TrackingArgs
from modelyard.card.facts import statement


def build_side(ground: Ground) -> Side:
    """Where models are made: the registry, the images and the registrar first."""
    settings, scope, key_arn = ground.settings, ground.scope, ground.key_arn
    group = Registry(
        ground.child("registry"), RegistryArgs(scope, settings.consumers), ground.inside
    )
    DataSets(
        ground.child("data"),
        DataSetsArgs(
            scope,
            settings.project,
            ground.storage.name_of("raw"),
            {loan.dataset.name: loan.terms for loan in ground.loans},
        ),
        ground.inside,
    )
    repository = Images(
        ground.child("images"), ImagesArgs(scope, key_arn, settings.consumers), ground.inside
    )
    registration = Registration(
        ground.child("registration"),
        RegistrationArgs(
            scope=scope,
            key_arn=key_arn,
            dead_letters=ground.undelivered,
            boundary_arn=ground.base.boundary_arn,
            registrar=ground.access.roles["registrar"],
            consumers=settings.consumers,
            statement=statement(settings.project),
        ),
        ground.inside,
    )
    tracking, retraining = _workbench(ground), _retraining(ground)
    facts = Facts(
        **ground.facts,
        model_package_group=group.group_name,
        model_package_group_arn=group.group_arn,
        repository_uri=repository.repository_uri,
        pipeline_role=ground.access.roles["pipeline"].arn,
        registrar_function=registration.registrar,
        starts_log_group=registration.starts_log_group,
        tracking_app=tracking.app_arn,
        borrowed=borrowing.fact(ground.loans),
        retrain_function=retraining.function,
    )
    return Side(facts, [*registration.rules, *tracking.rules, *retraining.rules])


def _workbench(ground: Ground) -> Tracking:
    """Studio for the people who train, unless it is switched off, and their tracking."""
    settings, base = ground.settings, ground.base
    studio = None
    if settings.studio:
        studio = Studio(
            ground.child("studio"),
            StudioArgs(
                scope=ground.scope,
                key_arn=ground.key_arn,
                boundary_arn=base.boundary_arn,
                vpc_id=base.vpc_id,
                subnets=(base.subnet_a, base.subnet_b),
                s3_prefix_list_id=base.s3_prefix_list_id,
                instance_types=instances.of_studio(settings.project),
                people=settings.people_in_studio,
                roles=ground.access.roles,
            ),
            ground.inside,
        )
    return Tracking(
        ground.child("tracking"),
        TrackingArgs(
            scope=ground.scope,
            key_arn=ground.key_arn,
            boundary_arn=base.boundary_arn,
            bucket=ground.storage.name_of("artifacts"),
            domain_id=studio.domain_id if studio else None,
            watcher=ground.access.roles["watcher"],
            dead_letters=ground.undelivered,
        ),
        ground.inside,
    )


def _retraining(ground: Ground) -> Retraining:
    """What starts training without a person."""
    settings = ground.settings
    return Retraining(
        ground.child("retraining"),
        RetrainingArgs(
            scope=ground.scope,
            watcher=ground.access.roles["watcher"],
            key_arn=ground.key_arn,
            dead_letters=ground.undelivered,
            bus=ground.base.event_bus_name,
            raw_bucket=ground.storage.name_of("raw"),
            consumers=settings.consumers,
            retrain=settings.project.training.retrain,
            dataset=settings.project.dataset.name,
        ),
        ground.inside,
    )
