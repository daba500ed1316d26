"""Policies that resources carry themselves, as decisions over a rendered graph read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policies.graph import Graph
from policies.landscape import Place, Question, judge

ACCOUNT, OTHER = "123456789012", "210987654321"
HERE = Place("loans", "dev", ACCOUNT, "us-east-1")
RULE = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/loans-dev-starts"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:lost"
BUS = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/modelyard"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:loans-dev-registrar"
LOGS = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/events/"
REPOSITORY = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/loans"
GROUP = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package-group/loans"
CONSUMER = f"arn:aws:iam::{OTHER}:role/loans-staging-deployer"


def entry(type_: str, inputs: dict[str, Any], **outputs: str) -> dict[str, Any]:
    urn = f"urn:pulumi:{ACCOUNT}::estate::{type_}::one"
    named = {"urn": urn, "type": type_, "name": type_.rsplit(":", 1)[1]}
    return {**named, "inputs": inputs, "outputs": outputs}


def policy(principal: dict[str, str], action: str | list[str], resource: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **more}]})


EVENTS = {"Service": "events.amazonaws.com"}
THEM = {"AWS": f"arn:aws:iam::{OTHER}:root"}
MAY = json.dumps(
    {
        "Statement": [
            {
                "Effect": "Allow",
                "Action": [
                    "ecr:BatchGetImage",
                    "events:PutEvents",
                    "sagemaker:DescribeModelPackage",
                ],
                "Resource": "*",
            }
        ]
    }
)


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    of_rule = {"Condition": {"ArnEquals": {"aws:SourceArn": RULE}}}
    resources = [
        entry("aws:sqs/queue:Queue", {}, url="https://lost", arn=QUEUE),
        entry(
            "aws:sqs/queuePolicy:QueuePolicy",
            {
                "queueUrl": "https://lost",
                "policy": policy(EVENTS, "sqs:SendMessage", QUEUE, **of_rule),
            },
        ),
        entry("aws:cloudwatch/eventBus:EventBus", {}, name="modelyard", arn=BUS),
        entry(
            "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
            {"eventBusName": "modelyard", "policy": policy(THEM, "events:PutEvents", BUS)},
        ),
        entry("aws:lambda/function:Function", {}, name="loans-dev-registrar", arn=FUNCTION),
        entry(
            "aws:lambda/permission:Permission",
            {
                "function": "loans-dev-registrar",
                "principal": "events.amazonaws.com",
                "action": "lambda:InvokeFunction",
                "sourceArn": RULE,
            },
        ),
        entry(
            "aws:lambda/permission:Permission",
            {
                "function": "loans-dev-registrar",
                "principal": "sns.amazonaws.com",
                "action": "lambda:InvokeFunction",
                "sourceAccount": ACCOUNT,
            },
        ),
        entry(
            "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
            {"policyDocument": policy(EVENTS, "logs:PutLogEvents", f"{LOGS}*:*", **of_rule)},
        ),
        entry("aws:ecr/repository:Repository", {}, name="loans", arn=REPOSITORY),
        entry(
            "aws:ecr/repositoryPolicy:RepositoryPolicy",
            {"repository": "loans", "policy": policy(THEM, "ecr:BatchGetImage", "*")},
        ),
        entry(
            "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
            {},
            modelPackageGroupName="loans",
            arn=GROUP,
        ),
        entry(
            "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
            {
                "modelPackageGroupName": "loans",
                "resourcePolicy": policy(THEM, "sagemaker:DescribeModelPackage", "*"),
            },
        ),
        entry(
            "aws:iam/role:Role",
            {"assumeRolePolicy": policy(EVENTS, "sts:AssumeRole", "*")},
            name="loans-staging-deployer",
            arn=CONSUMER,
        ),
        entry(
            "aws:iam/rolePolicy:RolePolicy",
            {"role": "loans-staging-deployer", "policy": MAY},
        ),
    ]
    file = tmp_path / "graph.json"
    file.write_text(json.dumps({"resources": resources}))
    return Graph.load([file])


SOURCE = {"aws:SourceArn": RULE, "aws:SourceAccount": ACCOUNT}
STRANGER = {"aws:SourceArn": RULE.replace(ACCOUNT, OTHER), "aws:SourceAccount": OTHER}


@pytest.mark.parametrize(
    ("principal", "action", "resource"),
    [
        ("events.amazonaws.com", "sqs:SendMessage", QUEUE),
        ("events.amazonaws.com", "lambda:InvokeFunction", FUNCTION),
        ("sns.amazonaws.com", "lambda:InvokeFunction", FUNCTION),
        ("events.amazonaws.com", "logs:PutLogEvents", f"{LOGS}loans-dev-starts:log-stream:x"),
    ],
)
def test_a_service_acts_where_the_resource_lets_it_for_our_source_only(
    graph: Graph, principal: str, action: str, resource: str
) -> None:
    assert judge(Question(principal, action, resource, SOURCE), HERE, graph).allowed
    assert not judge(Question(principal, action, resource, STRANGER), HERE, graph).allowed


@pytest.mark.parametrize(
    ("principal", "action", "resource"),
    [
        ("sns.amazonaws.com", "sqs:SendMessage", QUEUE),
        ("scheduler.amazonaws.com", "lambda:InvokeFunction", FUNCTION),
        ("events.amazonaws.com", "logs:DeleteLogGroup", f"{LOGS}loans-dev-starts:log-stream:x"),
        ("events.amazonaws.com", "logs:PutLogEvents", f"{LOGS.replace('events', 'lambda')}x:*"),
        ("events.amazonaws.com", "events:PutEvents", BUS),
    ],
)
def test_no_other_service_does_and_nothing_else(
    graph: Graph, principal: str, action: str, resource: str
) -> None:
    assert not judge(Question(principal, action, resource, SOURCE), HERE, graph).allowed


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("events:PutEvents", BUS),
        ("ecr:BatchGetImage", REPOSITORY),
        ("sagemaker:DescribeModelPackage", GROUP.replace("-group/", "/") + "/7"),
    ],
)
def test_another_account_needs_the_owners_consent(graph: Graph, action: str, resource: str) -> None:
    assert judge(Question(CONSUMER, action, resource), HERE, graph).allowed
    elsewhere = resource.replace("modelyard", "other").replace("loans", "other")
    assert not judge(Question(CONSUMER, action, elsewhere), HERE, graph).allowed


def test_roles_of_one_name_in_two_accounts_hold_their_own(tmp_path: Path) -> None:
    def role(account: str, action: str) -> list[dict[str, Any]]:
        may = {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
        arn = f"arn:aws:iam::{account}:role/modelyard-break-glass"
        made = [
            entry("aws:iam/role:Role", {}, name="modelyard-break-glass", arn=arn),
            entry(
                "aws:iam/rolePolicy:RolePolicy",
                {"role": "modelyard-break-glass", "policy": json.dumps(may)},
            ),
        ]
        return [{**one, "urn": one["urn"].replace(ACCOUNT, account)} for one in made]

    file = tmp_path / "graph.json"
    resources = [*role(ACCOUNT, "s3:GetObject"), *role(OTHER, "s3:PutObject")]
    file.write_text(json.dumps({"resources": resources}))
    graph = Graph.load([file])
    ours = f"arn:aws:iam::{ACCOUNT}:role/modelyard-break-glass"
    assert judge(Question(ours, "s3:GetObject", "*"), HERE, graph).allowed
    assert not judge(Question(ours, "s3:PutObject", "*"), HERE, graph).allowed
