"""Experiments are tracked without a server that idles, and tracking registers no model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policies.evaluation import Policy, PolicySet, Request, evaluate

if TYPE_CHECKING:
    from tests.infra.conftest import EstateOf, Graph

BUCKET = "loans-dev-artifacts-123456789012"


def test_tracking_never_registers_a_model(dev: Graph) -> None:
    (app,) = dev.of(":MlflowApp")
    assert app["inputs"]["modelRegistrationMode"] == "AutoModelRegistrationDisabled"


def test_no_tracking_server_idles(workspaces: dict[str, Graph]) -> None:
    assert [one for graph in workspaces.values() for one in graph.of(":MlflowTrackingServer")] == []


def test_app_belongs_to_the_projects_domain_and_no_other(dev: Graph) -> None:
    (app,), (domain,) = dev.of(":MlflowApp"), dev.of(":Domain")
    assert app["inputs"]["defaultDomainIdLists"] == [domain["outputs"]["id"]]
    assert app["inputs"]["accountDefaultStatus"] == "DISABLED"


def test_app_is_there_without_studio_too(estate_of: EstateOf) -> None:
    (app,) = estate_of(config={"studio": "off"}).workspace("dev").of(":MlflowApp")
    assert "defaultDomainIdLists" not in app["inputs"]


def test_runs_are_tracked_however_they_end(dev: Graph) -> None:
    (rule,) = [
        rule for rule in dev.of(":EventRule") if rule["inputs"]["name"] == "loans-dev-track-on-run"
    ]
    detail = json.loads(rule["inputs"]["eventPattern"])["detail"]
    assert detail["currentPipelineExecutionStatus"] == ["Succeeded", "Failed", "Stopped"]
    (pipeline,) = detail["pipelineArn"]
    assert pipeline.endswith(":pipeline/loans-dev-train")


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_tracking_is_in_dev_only(workspaces: dict[str, Graph], environment: str) -> None:
    assert workspaces[environment].of(":MlflowApp") == []


@pytest.mark.parametrize(
    ("action", "resource", "allowed"),
    [
        ("s3:PutObject", f"arn:aws:s3:::{BUCKET}/mlflow/1/model.pkl", True),
        ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/mlflow/1/model.pkl", True),
        ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/runs/1/model.tar.gz", False),
        ("s3:PutObject", "arn:aws:s3:::loans-dev-evidence-123456789012/reports/x", False),
        ("s3:DeleteObject", f"arn:aws:s3:::{BUCKET}/mlflow/1/model.pkl", False),
        (
            "sagemaker:CreateModelPackage",
            "arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/1",
            False,
        ),
    ],
)
def test_apps_role_reaches_its_own_prefix(
    dev: Graph, action: str, resource: str, allowed: bool
) -> None:
    (app,) = dev.of(":MlflowApp")
    assert app["inputs"]["artifactStoreUri"] == f"s3://{BUCKET}/mlflow"
    policy = dev.named("iam/policy:Policy", "-tracking-role-policy")["inputs"]["policy"]
    request = Request(
        action=action,
        resource=resource,
        principal_arn=app["inputs"]["roleArn"],
        principal_account="123456789012",
        resource_account="123456789012",
    )
    held = PolicySet(identity=(Policy.parse(json.loads(policy), "tracking"),))
    assert evaluate(request, held).allowed is allowed
