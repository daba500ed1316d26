"""The serving section: sensible where nothing is stated, refused early where AWS would refuse."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from modelyard.errors import ProjectError
from modelyard.project import json_schema, load, parse
from modelyard.serving_section import Serving


def stated(**serving: Any) -> Serving:
    return Serving.model_validate(serving)


def test_production_begins_with_a_canary_on_two_instances() -> None:
    contract = Serving().stated_for("prod")
    assert contract["instance_count"] == 2
    assert contract["rollout"]["strategy"] == "canary"
    assert contract["rollout"]["percent"] == 10


def test_staging_changes_at_once_and_waits_for_nothing() -> None:
    contract = stated(rollout="canary").stated_for("staging")
    assert contract["instance_count"] == 1
    assert contract["rollout"]["strategy"] == "all-at-once"
    assert contract["rollout"]["bake_minutes"] == 0


def test_one_instance_on_purpose_is_no_canary() -> None:
    rollout = stated(instance_count=1).stated_for("prod")["rollout"]
    assert rollout["strategy"] == "all-at-once"


@pytest.mark.parametrize("strategy", ["all-at-once", "canary", "linear", "shadow", "ab"])
def test_a_word_stands_for_a_strategy_with_its_defaults(strategy: str) -> None:
    assert stated(rollout=strategy) == stated(rollout={"strategy": strategy})


@pytest.mark.parametrize(
    ("serving", "carried"),
    [
        ({"mode": "serverless"}, {"memory_mb", "max_concurrency"}),
        ({"mode": "asynchronous"}, {"instance_type", "instance_count"}),
        (
            {"mode": "batch", "schedule": "rate(1 day)"},
            {"instance_type", "instance_count", "schedule"},
        ),
        (
            {"max_instance_count": 4, "target_invocations": 600},
            {"instance_type", "instance_count", "max_instance_count", "target_invocations"},
        ),
    ],
)
def test_contract_carries_what_the_mode_has(serving: dict[str, Any], carried: set[str]) -> None:
    assert set(stated(**serving).stated_for("prod")) == carried | {"mode", "rollout"}


REFUSED = [
    ("mode: serverless", "serving.mode: serverless endpoints have no network isolation"),
    ("mode: realtime", "serving.mode: 'realtime' is not one of real-time, serverless"),
    ("mode: serverless, instance_count: 2", "serving: instance_count means nothing where mode is"),
    ("memory_mb: 2048", "serving: memory_mb means nothing where mode is real-time; remove it"),
    ("schedule: rate(1 day)", "serving: schedule means nothing where mode is real-time"),
    ("mode: batch, rollout: canary", "serving: rollout means nothing where mode is batch"),
    (
        "mode: asynchronous, rollout: ab",
        "serving: rollout ab cannot be: asynchronous requests wait in a queue",
    ),
    (
        "mode: asynchronous, rollout: shadow",
        "serving: rollout shadow cannot be: asynchronous requests",
    ),
    (
        "mode: serverless, rollout: shadow",
        "serving: rollout shadow cannot be: a serverless variant has no instances",
    ),
    (
        "rollout: canary, instance_count: 1",
        "serving: rollout canary needs two instances: AWS moves half of the capacity at most",
    ),
    ("rollout: {strategy: canary, share: 60}", "serving.rollout: share 60: AWS lets a canary take"),
    ("rollout: {strategy: canary, share: 1}", "serving.rollout: share 1: AWS lets a canary take"),
    ("rollout: {strategy: linear, step: 5}", "serving.rollout.step: "),
    ("rollout: {strategy: linear, step: 60}", "serving.rollout.step: "),
    ("rollout: {strategy: canary, step: 20}", "serving.rollout: canary has no step; remove it"),
    ("rollout: {strategy: linear, share: 20}", "serving.rollout: linear has no share; remove it"),
    ("rollout: {strategy: canary, bake_minutes: 61}", "serving.rollout.bake_minutes: "),
    (
        "rollout: {strategy: linear, step: 10, bake_minutes: 60}",
        "serving.rollout: bake_minutes 60 at step 10 take 600 minutes, and AWS ends a deployment",
    ),
    ("rollout: {strategie: canary}", "serving.rollout.strategie: unknown key; did you mean 'str"),
    ("rollout: canarry", "serving.rollout.strategy: 'canarry' is not one of all-at-once, canary"),
    ("max_instance_count: 4", "serving: max_instance_count and target_invocations (requests a min"),
    (
        "instance_count: 5, max_instance_count: 4, target_invocations: 9",
        "serving: max_instance_count 4 is below instance_count 5; raise it",
    ),
]


@pytest.mark.parametrize(("serving", "problem"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_cannot_be_is_refused_with_key_reason_and_fix(
    project_file: Path, serving: str, problem: str
) -> None:
    with project_file.open("a") as file:
        file.write(f"serving: {{{serving}}}\n")
    with pytest.raises(ProjectError) as refused:
        load(project_file)
    assert any(line.startswith(f"{project_file}: {problem}") for line in refused.value.problems)


def test_a_limited_risk_may_be_served_without_isolation(project_file: Path) -> None:
    document = yaml.safe_load(project_file.read_text())
    document |= {"risk": {"tier": "limited", "decision": "assisted"}}
    assert parse(document | {"serving": {"mode": "serverless"}}).serving.mode == "serverless"


@pytest.mark.parametrize("rollout", ["canary", {"strategy": "linear", "step": 25}])
def test_editors_accept_both_spellings(project_file: Path, rollout: Any) -> None:
    document = yaml.safe_load(project_file.read_text()) | {"serving": {"rollout": rollout}}
    jsonschema.validate(document, json_schema())
