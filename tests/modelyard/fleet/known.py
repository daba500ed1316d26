"""A project in good order, from which tests change what they are about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from modelyard.fleet.facts import Environment, Measured, Model, Pipeline, Project, Release, Spending
from modelyard.fleet.limits import Now
from modelyard.fleet.projects import Fleet, Gap
from modelyard.fleet.record import Record

ACCOUNT, REGION = "123456789012", "us-east-1"
PLACE = f"{ACCOUNT}/{REGION}"
NEWEST = "0.5.0"
MOMENT = datetime(2026, 6, 30, 12, tzinfo=UTC)
NOW = Now(MOMENT, NEWEST)


def ago(days: float) -> datetime:
    return MOMENT - timedelta(days=days)


def record(environment: Any = "prod", **changes: Any) -> Record:
    stated = {
        "project": "loans",
        "environment": environment,
        "account": ACCOUNT,
        "region": REGION,
        "registry_account": ACCOUNT,
        "registry_region": REGION,
        "owner": "credit-risk",
        "cost_center": "4711",
        "risk": "high",
        "mode": "real-time",
        "monthly_budget": 500.0,
        "drift_limit": 0.2,
        "modelyard": NEWEST,
    }
    return Record.model_validate({**stated, **changes})


def environment(name: Any = "prod", **changes: Any) -> Environment:
    """One that serves version 2 since ten days, watched today, within its budget."""
    kept = {key: changes.pop(key) for key in tuple(changes) if key in Record.model_fields}
    good = Environment(record(name, **kept), ago(200), spending=Spending(500.0, 120.0))
    if name != "dev":
        good = replace(
            good,
            release=Release(2, "done", ago(10)),
            endpoint="InService",
            drift=Measured(0.05, ago(0.5)),
            quality=Measured(0.81, ago(0.5)),
            heartbeat=Measured(0.0, ago(0.5)),
        )
    return replace(good, **changes)


def project(*environments: Environment, **changes: Any) -> Project:
    """Three environments in order unless given, and a registry with two approved versions."""
    good = Project(
        name="loans",
        registry=PLACE,
        environments=environments or tuple(map(environment, ("dev", "staging", "prod"))),
        pipeline=Pipeline(ago(40), ago(20), NEWEST, NEWEST, "c0ffee"),
        models=(
            Model(1, "Approved", ago(60), "Production Approved"),
            Model(2, "Approved", ago(20), "Production Approved"),
        ),
    )
    return replace(good, **changes)


def fleet(*projects: Project, gaps: tuple[Gap, ...] = ()) -> Fleet:
    return Fleet(MOMENT, NEWEST, (PLACE,), projects or (project(),), gaps)
