"""What a project costs while nothing runs, from the programs as they are: the promises of docs."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.cost.estimate import Estimate
from sandbox.cost.rendering import STUDIO_ENDPOINTS, priced

PROJECT = Path(__file__).parents[1] / "provider" / "project.yaml"
JOBS_ONLY = 1.70
WITH_STUDIO = 7.30
SHARING = 20


@pytest.fixture(scope="module")
def estimate() -> Estimate:
    """The three environments of the fixture project and a foundation that carries Studio."""
    return priced(PROJECT, STUDIO_ENDPOINTS)


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_environment_costs_no_more_than_promised(estimate: Estimate, environment: str) -> None:
    assert estimate.idle(estimate.environments[environment]) <= JOBS_ONLY


def test_project_among_twenty_costs_no_more_than_promised(estimate: Estimate) -> None:
    assert estimate.per_project(SHARING) <= WITH_STUDIO


def test_studio_and_its_private_network_are_counted(estimate: Estimate) -> None:
    endpoints = [line for line in estimate.lines if line.price.name == "interface-endpoint"]
    assert len(endpoints) == len(STUDIO_ENDPOINTS)
    assert {line.stack for line in endpoints} <= estimate.shared
    assert any(line.type == "aws:sagemaker/domain:Domain" for line in estimate.lines)


def test_each_environment_keeps_a_key_of_its_own(estimate: Estimate) -> None:
    keys = [line.stack for line in estimate.lines if line.price.name == "kms-key"]
    assert set(estimate.environments.values()) <= set(keys)


def test_nothing_is_without_a_price(estimate: Estimate) -> None:
    assert estimate.unknown == {}


def test_nothing_that_always_runs_is_in_it(estimate: Estimate) -> None:
    dear = {"nat-gateway", "elastic-ip", "mlflow-server-small", "instance-ml-m5-large"}
    assert dear.isdisjoint(line.price.name for line in estimate.lines)
