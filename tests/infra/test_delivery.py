"""Approvals travel from the registry to the consumers, and nothing said on the way gets lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pulumi
import pytest

from infra.function import package

if TYPE_CHECKING:
    from tests.infra.conftest import Estate, EstateOf, Graph


def pattern(graph: Graph, name: str) -> dict[str, Any]:
    """The event pattern of a rule."""
    found: dict[str, Any] = json.loads(graph.named(":EventRule", name)["inputs"]["eventPattern"])
    return found


def test_start_of_a_run_is_recorded(dev: Graph) -> None:
    detail = pattern(dev, "-starts-rule")["detail"]
    assert detail["eventName"] == ["StartPipelineExecution"]
    # A run may be started by the pipeline's name or by its ARN.
    arn = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/loans-dev-train"
    assert detail["requestParameters"] == {"pipelineName": ["loans-dev-train", arn]}
    log = dev.named(":LogGroup", "-starts-log")
    target = dev.named(":EventTarget", "-starts-target")
    assert log["inputs"]["name"] == "/aws/events/loans-dev-starts"
    assert log["inputs"]["retentionInDays"] == 365
    assert log["inputs"]["kmsKeyId"] == dev.of(":Key")[0]["outputs"]["arn"]
    assert target["inputs"]["arn"] == log["outputs"]["arn"]


def test_rules_may_write_the_record(estate: Estate) -> None:
    document = json.loads(estate.region().of(":LogResourcePolicy")[0]["inputs"]["policyDocument"])
    statements = {each["Action"]: each for each in document["Statement"]}
    group = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/*:*"
    assert {each["Resource"] for each in statements.values()} == {group}
    assert statements["logs:PutLogEvents"]["Condition"] == {
        "ArnLike": {"aws:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/*"}
    }


def test_news_goes_once_to_each_bus(dev: Graph, estate_of: EstateOf) -> None:
    assert forwarded(dev) == ["arn:aws:events:us-east-1:123456789012:event-bus/modelyard"]
    assert forwarded(estate_of().workspace("dev")) == [
        "arn:aws:events:us-east-1:222222222222:event-bus/modelyard",
        "arn:aws:events:us-east-1:333333333333:event-bus/modelyard",
    ]


def test_forwarding_role_reaches_exactly_the_buses(estate_of: EstateOf) -> None:
    graph = estate_of().workspace("dev")
    document = json.loads(
        graph.named("iam/policy:Policy", "-event-forwarder-policy")["inputs"]["policy"]
    )
    (statement,) = document["Statement"]
    assert statement["Action"] == "events:PutEvents"
    assert sorted(statement["Resource"]) == forwarded(graph)


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_approval_reaches_the_release_function(
    workspaces: dict[str, Graph], environment: str
) -> None:
    graph = workspaces[environment]
    rule = graph.named(":EventRule", "-on-approval")
    target = graph.named(":EventTarget", "-target-on-approval")
    assert rule["inputs"]["eventBusName"] == "modelyard"
    assert pattern(graph, "-on-approval") == {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "account": ["123456789012"],
        "detail": {
            "ModelPackageGroupName": ["loans"],
            "ModelApprovalStatus": ["Approved", "Rejected"],
        },
    }
    function = graph.named("lambda/function:Function", "-release-function")
    assert target["inputs"]["arn"] == function["outputs"]["arn"]


def test_endpoint_changes_reach_the_release_function(staging: Graph) -> None:
    assert pattern(staging, "-on-endpoint")["detail"] == {"EndpointName": ["loans-staging"]}


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_only_its_rules_call_a_function(workspaces: dict[str, Graph], environment: str) -> None:
    graph = workspaces[environment]
    forwarding = "-findings-rule"
    rules = {
        rule["outputs"]["arn"]
        for rule in graph.of(":EventRule")
        if not rule["name"].endswith(forwarding)
    }
    permissions = graph.of(":Permission")
    assert {each["inputs"]["sourceArn"] for each in permissions} == rules
    assert {each["inputs"]["principal"] for each in permissions} == {"events.amazonaws.com"}


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_failed_calls_are_kept(workspaces: dict[str, Graph], environment: str) -> None:
    graph = workspaces[environment]
    (queue,) = graph.of(":Queue")
    arn = queue["outputs"]["arn"]
    retries = [one["inputs"] for one in graph.of(":FunctionEventInvokeConfig")]
    kept = {one["destinationConfig"]["onFailure"]["destination"] for one in retries}
    assert queue["inputs"]["kmsMasterKeyId"] == graph.of(":Key")[0]["outputs"]["arn"]
    assert len(retries) == len(graph.of("lambda/function:Function"))
    assert kept == {arn}


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_every_functions_role_may_keep_what_it_could_not_take(
    workspaces: dict[str, Graph], environment: str
) -> None:
    graph = workspaces[environment]
    policy = graph.named("iam/policy:Policy", "-undelivered-sending")
    assert graph.of(":Queue")[0]["outputs"]["arn"] in policy["inputs"]["policy"]
    senders = {
        one["inputs"]["role"]
        for one in graph.of(":RolePolicyAttachment")
        if one["inputs"]["policyArn"] == policy["outputs"]["arn"]
    }
    roles = {one["inputs"]["role"] for one in graph.of("lambda/function:Function")}
    assert senders == {arn.rpartition("/")[2] for arn in roles}


@pytest.mark.parametrize(
    ("environment", "what", "role"),
    [
        ("dev", "registrar", "registrar"),
        ("dev", "card", "registrar"),
        ("dev", "retrain", "watcher"),
        ("staging", "release", "deployer"),
        ("prod", "release", "deployer"),
        ("prod", "watch", "watcher"),
        ("prod", "publish-metrics", "watcher"),
    ],
)
def test_function_runs_the_packages_handler_as_its_role(
    workspaces: dict[str, Graph], environment: str, what: str, role: str
) -> None:
    named = f"loans-{environment}-{what}"
    (inputs,) = [
        one["inputs"]
        for one in workspaces[environment].of("lambda/function:Function")
        if one["inputs"]["name"] == named
    ]
    assert inputs["handler"] == f"modelyard.functions.{what.replace('-', '_')}.handler"
    assert inputs["role"] == f"arn:aws:iam::123456789012:role/loans-{environment}-{role}"
    assert inputs["environment"]["variables"] == {
        "MODELYARD_PROJECT": "loans",
        "MODELYARD_ENV": environment,
    }


@pytest.mark.parametrize(
    "what", ["registrar", "release", "watch", "publish_metrics", "retrain", "card"]
)
def test_zip_holds_all_that_a_function_imports(tmp_path: Path, what: str) -> None:
    for name, asset in package().assets.items():
        assert isinstance(asset, pulumi.StringAsset)
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(asset.text)
    # Lambda's runtime brings boto3; whatever else lies in site-packages would be missing there.
    program = (
        f"import sys, boto3; sys.path.insert(0, {str(tmp_path)!r}); brought = set(sys.modules); "
        f"from modelyard.functions.{what} import handler; "
        "new = {sys.modules[name] for name in set(sys.modules) - brought}; "
        "foreign = [m for m in new if 'site-packages' in (m.__spec__.origin or '')]; "
        "print(*(m.__name__ for m in foreign if not m.__name__.startswith('boto')))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == []


def test_card_function_is_told_of_each_package(dev: Graph) -> None:
    assert pattern(dev, "-card-on-package")["detail"] == {"ModelPackageGroupName": ["loans"]}


def test_card_function_alone_brings_what_project_yaml_states(dev: Graph) -> None:
    code = {
        one["inputs"]["name"]: one["inputs"]["code"] for one in dev.of("lambda/function:Function")
    }
    assert code["loans-dev-card"] != code["loans-dev-registrar"] == code["loans-dev-retrain"]


def test_reviewed_files_lie_beside_the_handlers() -> None:
    assert "modelyard/functions/statement.json" in package({"statement.json": "{}"}).assets


def forwarded(graph: Graph) -> list[str]:
    """Where the registry's news goes."""
    return sorted(
        each["inputs"]["arn"]
        for each in graph.of(":EventTarget")
        if "-approvals-to-" in each["name"]
    )


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_events_that_cannot_be_delivered_are_kept(
    workspaces: dict[str, Graph], environment: str
) -> None:
    graph = workspaces[environment]
    arns = {rule["outputs"]["name"]: rule["outputs"]["arn"] for rule in graph.of(":EventRule")}
    kept = {
        (each["inputs"]["deadLetterConfig"]["arn"], arns[each["inputs"]["rule"]])
        for each in graph.of(":EventTarget")
    }
    accepted = {
        (statement["Resource"], rule)
        for policy in graph.of(":QueuePolicy")
        for statement in json.loads(policy["inputs"]["policy"])["Statement"]
        for rule in statement["Condition"]["ArnEquals"]["aws:SourceArn"]
    }
    assert {rule for _, rule in kept} == set(arns.values())
    assert kept == accepted


def test_all_that_moves_a_release_reaches_the_release_function(staging: Graph) -> None:
    function = staging.named("lambda/function:Function", "-delivery-release-function")
    called = {
        target["inputs"]["rule"]
        for target in staging.of(":EventTarget")
        if target["inputs"]["arn"] == function["outputs"]["arn"]
    }
    rules = [rule for rule in staging.of(":EventRule") if rule["outputs"]["name"] in called]
    on = [
        rule["inputs"].get("scheduleExpression") or pattern(staging, rule["name"])["detail-type"][0]
        for rule in rules
    ]
    assert sorted(on) == [
        "CloudWatch Alarm State Change",
        "Modelyard Release Verified",
        "SageMaker Endpoint Deployment State Change",
        "SageMaker Endpoint State Change",
        "SageMaker Model Package State Change",
        "rate(15 minutes)",
    ]


def test_releases_of_a_project_happen_one_at_a_time(prod: Graph) -> None:
    function = prod.named("lambda/function:Function", "-delivery-release-function")
    assert function["inputs"]["reservedConcurrentExecutions"] == 1


def test_only_staging_verifies(workspaces: dict[str, Graph]) -> None:
    verifying = [
        name
        for name, graph in workspaces.items()
        for function in graph.of("lambda/function:Function")
        if function["inputs"]["name"].endswith("-verify")
    ]
    assert verifying == ["staging"]
