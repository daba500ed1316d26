"""Each environment has a budget of its own, and word of it reaches people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policies.evaluation import Policy, PolicySet, Request, evaluate
from tests.infra.conftest import ACCOUNTS

if TYPE_CHECKING:
    from tests.infra.conftest import EstateOf, Graph

ENVIRONMENTS = ("dev", "staging", "prod")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_budget_counts_what_carries_the_tags(
    workspaces: dict[str, Graph], environment: str
) -> None:
    (budget,) = workspaces[environment].of("budgets/budget:Budget")
    inputs = budget["inputs"]
    (filter_,) = inputs["costFilters"]
    assert inputs["name"] == f"loans-{environment}"
    assert (inputs["timeUnit"], inputs["limitUnit"]) == ("MONTHLY", "USD")
    assert filter_["values"] == ["user:project$loans", f"user:env${environment}"]


def test_limit_is_what_project_yaml_says(estate_of: EstateOf) -> None:
    places = {
        name: {"account": account, "region": "us-east-1", "monthly_budget": 120.5}
        for name, account in ACCOUNTS.items()
    }
    (budget,) = estate_of(environments=places).workspace("dev").of("budgets/budget:Budget")
    assert budget["inputs"]["limitAmount"] == "120.50"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_people_hear_at_each_mark_and_of_the_forecast(
    workspaces: dict[str, Graph], environment: str
) -> None:
    graph = workspaces[environment]
    notices = graph.of("budgets/budget:Budget")[0]["inputs"]["notifications"]
    assert [(one["notificationType"], one["threshold"]) for one in notices] == [
        ("ACTUAL", 50),
        ("ACTUAL", 80),
        ("ACTUAL", 100),
        ("FORECASTED", 100),
    ]
    topic = graph.of(":Topic")[0]["outputs"]["arn"]
    assert {tuple(one["subscriberSnsTopicArns"]) for one in notices} == {(topic,)}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("token", [":TopicPolicy", ":Key"])
def test_topic_and_key_let_budgets_publish(
    workspaces: dict[str, Graph], environment: str, token: str
) -> None:
    graph = workspaces[environment]
    document = json.loads(graph.of(token)[0]["inputs"]["policy"])
    asked = {
        ":TopicPolicy": ("sns:Publish", graph.of(":Topic")[0]["outputs"]["arn"]),
        ":Key": ("kms:GenerateDataKey", graph.of(":Key")[0]["outputs"]["arn"]),
    }

    def allowed(account: str) -> bool:
        action, resource = asked[token]
        request = Request(
            action=action,
            resource=resource,
            principal_arn="",
            principal_account="",
            resource_account="123456789012",
            service="budgets.amazonaws.com",
            context={"aws:SourceAccount": account, "aws:SecureTransport": "true"},
        )
        return evaluate(request, PolicySet(resource=Policy.parse(document, token))).allowed

    assert allowed("123456789012")
    assert not allowed("999999999999")
