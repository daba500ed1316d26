"""Security Hub's SageMaker controls, each by its number ("Security Hub controls for SageMaker")."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from modelyard.functions import endpoint
from modelyard.functions.approval import Approved
from policies.evaluation import Policy, PolicySet, Request, evaluate

if TYPE_CHECKING:
    from tests.infra.conftest import Estate, Graph

ENVIRONMENTS = ("dev", "staging", "prod")
NOTEBOOKS = {
    "SageMaker.1": "no direct internet access",
    "SageMaker.2": "in a custom VPC",
    "SageMaker.3": "no root access",
    "SageMaker.8": "a supported platform",
}
# Model Monitor is closed to new customers; our monitoring jobs are Processing jobs.
MONITORS = {
    "SageMaker.9": ":DataQualityJobDefinition",
    "SageMaker.10": ":ModelExplainabilityJobDefinition",
    "SageMaker.11": ":DataQualityJobDefinition",
    "SageMaker.12": ":ModelBiasJobDefinition",
    "SageMaker.13": ":ModelQualityJobDefinition",
    "SageMaker.14": ":MonitoringSchedule",
    "SageMaker.15": ":ModelBiasJobDefinition",
}


class Recorder:
    """A SageMaker client that holds nothing and remembers what it is asked to make."""

    def __init__(self) -> None:
        self.made: dict[str, dict[str, Any]] = {}

    def __getattr__(self, operation: str) -> object:
        def call(**request: object) -> dict[str, object]:
            if operation.startswith("describe_"):
                from botocore.exceptions import ClientError

                raise ClientError(
                    {"Error": {"Code": "ValidationException", "Message": "Could not find it"}},
                    operation,
                )
            self.made[operation] = request
            return {}

        return call


@pytest.fixture
def released(prod: Graph) -> dict[str, dict[str, Any]]:
    """What the release function makes in production, by operation."""
    facts = {
        each["inputs"]["name"].rpartition("/")[2]: each["inputs"]["insecureValue"]
        for each in prod.of(":Parameter")
    }
    package = Approved(
        arn="arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/3",
        version=3,
        image="123456789012.dkr.ecr.us-east-1.amazonaws.com/loans@sha256:0",
        model_uri="s3://loans-dev-artifacts-123456789012/runs/1/model.tar.gz",
        trained_by="alice",
        approved_by="bob",
        gates="",
    )
    client = Recorder()
    endpoint.prepare(client, package, facts, "all-at-once", "")
    return client.made


@pytest.mark.parametrize("control", NOTEBOOKS)
def test_notebook_instances_do_not_exist(
    workspaces: dict[str, Graph], estate: Estate, control: str
) -> None:
    graphs = [*workspaces.values(), estate.region(), estate.account()]
    assert [one for graph in graphs for one in graph.of(":NotebookInstance")] == [], control


@pytest.mark.parametrize("control", NOTEBOOKS)
def test_no_role_can_make_a_notebook_instance(estate: Estate, control: str) -> None:
    policy = estate.account().named("iam/policy:Policy", "modelyard-boundary-policy")
    boundary = json.loads(policy["inputs"]["policy"])
    everything = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"},
    }
    request = Request(
        action="sagemaker:CreateNotebookInstance",
        resource="arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/x",
        principal_arn="arn:aws:iam::123456789012:role/loans-dev-data-scientist",
        principal_account="123456789012",
        resource_account="123456789012",
    )
    held = PolicySet(
        identity=(Policy.parse(everything, "everything"),),
        boundary=Policy.parse(boundary, "boundary"),
    )
    decision = evaluate(request, held)
    assert decision.kind == "explicit deny", control


def test_sagemaker_4_production_has_more_than_one_instance(
    released: dict[str, dict[str, Any]],
) -> None:
    (variant,) = released["create_endpoint_config"]["ProductionVariants"]
    assert variant["InitialInstanceCount"] > 1


def test_sagemaker_5_models_are_network_isolated(released: dict[str, dict[str, Any]]) -> None:
    assert released["create_model"]["EnableNetworkIsolation"] is True
    assert released["create_model"]["VpcConfig"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize(
    ("control", "token"),
    [("SageMaker.6", ":AppImageConfig"), ("SageMaker.7", "sagemaker/image:Image")],
)
def test_studio_images_are_tagged(
    workspaces: dict[str, Graph], environment: str, control: str, token: str
) -> None:
    untagged = [
        one["name"] for one in workspaces[environment].of(token) if not one["inputs"]["tagsAll"]
    ]
    assert untagged == [], control


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("control", MONITORS)
def test_nothing_is_built_on_model_monitor(
    workspaces: dict[str, Graph], environment: str, control: str
) -> None:
    assert workspaces[environment].of(MONITORS[control]) == []
