"""What model repos and the fleet may rely on: one typed object, written as SSM parameters."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part, Scope
from infra.settings import Settings
from modelyard.card.facts import statement
from modelyard.card.required import missing
from modelyard.fleet import record

Fact = str | pulumi.Output[str]


@dataclass(frozen=True)
class Facts:
    """The facts that only AWS knows; those of other environments are absent."""

    key_arn: Fact
    bucket_raw: Fact
    bucket_curated: Fact
    bucket_artifacts: Fact
    bucket_predictions: Fact
    bucket_evidence: Fact
    subnet_a: Fact
    subnet_b: Fact
    security_group: Fact
    alert_topic: Fact
    model_package_group: Fact
    model_package_group_arn: Fact
    repository_uri: Fact
    pipeline_role: Fact | None = None
    registrar_function: Fact | None = None
    starts_log_group: Fact | None = None
    tracking_app: Fact | None = None
    deployer_role: Fact | None = None
    serving_role: Fact | None = None
    release_function: Fact | None = None
    release_state: Fact | None = None
    registry_evidence: Fact | None = None
    staging_evidence: Fact | None = None
    rollback_alarms: Fact | None = None
    captured_table: Fact | None = None
    monitor_role: Fact | None = None
    watch_function: Fact | None = None
    retrain_function: Fact | None = None
    borrowed: Fact | None = None


class Contract(Part):
    """One SSM parameter per fact, under /modelyard/<project>/<env>/, and one for the fleet."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        facts: Facts,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("modelyard:contract:Contract", name, opts)
        for key, value in parameters(settings, facts).items():
            aws.ssm.Parameter(
                self.child(key),
                name=parameter_name(settings.scope, key),
                type="String",
                # Not a secret: a diff of the contract should be readable.
                insecure_value=value,
                opts=self.inside,
            )
        known = record.of(settings.project, settings.environment)
        aws.ssm.Parameter(
            self.child("fleet"),
            name=f"{record.path(settings.environment)}/{settings.project.name}",
            type="String",
            insecure_value=known.model_dump_json(),
            opts=self.inside,
        )
        self.register_outputs({})


def parameter_name(scope: Scope, key: str) -> str:
    """Where a fact of the contract lies."""
    return f"/modelyard/{scope.project}/{scope.environment}/{key}"


def parameters(settings: Settings, facts: Facts) -> dict[str, Fact]:
    """Every key of the contract with its value: what AWS knows and what was reviewed."""
    known = {field.name: getattr(facts, field.name) for field in dataclasses.fields(facts)}
    return {
        **{key: value for key, value in known.items() if value is not None},
        **reviewed(settings),
    }


def reviewed(settings: Settings) -> Mapping[str, str]:
    """What project.yaml says: functions judge by this, not by what a pipeline claims."""
    project, scope = settings.project, settings.scope
    common = {
        "account": settings.place.account,
        "region": settings.place.region,
        "environment": settings.environment,
        "project": project.name,
        "risk_tier": project.risk.tier,
        "decision_mode": project.risk.decision,
        "gates": _json(project.model.gate_bounds),
        "fairness": _json(project.model.fairness_bounds),
        "card_gaps": _json(missing(statement(project))),
        "problem": project.model.problem,
        "target": project.model.target,
        "alerts": _json(project.monitoring.alerts.model_dump(mode="json")),
        "registry_account": settings.registry.account,
        "registry_region": settings.registry.region,
    }
    if settings.holds_registry:
        training = project.training
        retrain = training.retrain.reviewed(training.max_runtime_minutes)
        return {
            **common,
            "train_pipeline": scope.name("train"),
            "retrain": _json(retrain),
            "pseudonymised": _json(sorted(project.dataset.pseudonymise)),
        }
    serving = project.serving.stated_for(settings.environment)
    return {
        **common,
        "endpoint": scope.prefix,
        "serving": _json(serving),
        "monitoring": _json(project.reviewed_monitoring),
        "monitor_pipeline": scope.name("monitor"),
    }


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
