"""The log door of capture: the same lines in the same place, and two roles that can do no more."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from policies.exemptions import load
from policies.guardrails.catalogue import all_rules
from policies.guardrails.judgement import judge
from policies.guardrails.resource import from_graph

if TYPE_CHECKING:
    from tests.infra.conftest import EstateOf, Graph


@pytest.fixture(scope="module")
def logged(estate_of: EstateOf) -> Graph:
    """A workspace that captures by the log."""
    return estate_of(monitoring={"capture": "log"}).workspace("staging")


@pytest.mark.parametrize(("capture", "days"), [("log", 30), ("endpoint", 365)])
def test_endpoints_log_group_exists_encrypted_whatever_captures(
    estate_of: EstateOf, capture: str, days: int
) -> None:
    graph = estate_of(monitoring={"capture": capture}).workspace("staging")
    group = graph.named(":LogGroup", "-endpoint-log-group")["inputs"]
    assert group["name"] == "/aws/sagemaker/Endpoints/loans-staging"
    assert group["retentionInDays"] == days
    assert group["kmsKeyId"] == graph.of(":Key")[0]["outputs"]["arn"]


def test_guardrails_let_the_log_door_pass(logged: Graph) -> None:
    today = date.today()
    found = judge(from_graph(logged.resources), all_rules(), load(today), today).findings
    assert [f"{each.rule.id}: {each.resource.name}" for each in found] == []


def test_captured_lines_and_nothing_else_go_to_the_stream(logged: Graph) -> None:
    (subscription,) = logged.of(":LogSubscriptionFilter")
    (stream,) = logged.of(":FirehoseDeliveryStream")
    assert subscription["inputs"]["destinationArn"] == stream["outputs"]["arn"]
    assert "$.eventVersion" in subscription["inputs"]["filterPattern"]


def test_lines_lie_where_data_capture_would_put_them(logged: Graph) -> None:
    configuration = logged.of(":FirehoseDeliveryStream")[0]["inputs"]["extendedS3Configuration"]
    assert configuration["bucketArn"] == "arn:aws:s3:::loans-staging-predictions-222222222222"
    assert configuration["prefix"] == "capture/loans-staging/main/!{timestamp:yyyy/MM/dd/HH}/"
    steps = [one["type"] for one in configuration["processingConfiguration"]["processors"]]
    assert steps == ["Decompression", "CloudWatchLogProcessing", "AppendDelimiterToRecord"]


@pytest.mark.parametrize(
    ("role", "service", "actions"),
    [
        ("log-shipper", "logs", {"firehose"}),
        ("log-writer", "firehose", {"s3", "kms"}),
    ],
)
def test_each_role_serves_one_service_and_does_one_thing(
    logged: Graph, role: str, service: str, actions: set[str]
) -> None:
    trust = json.loads(logged.named("iam/role:Role", f"-{role}-role")["inputs"]["assumeRolePolicy"])
    (statement,) = trust["Statement"]
    policy = logged.named("iam/policy:Policy", f"-{role}-policy")["inputs"]["policy"]
    allowed = [action for one in json.loads(policy)["Statement"] for action in one["Action"]]
    assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
    assert {action.split(":")[0] for action in allowed} == actions
    assert "s3:GetObject" not in allowed


def test_nobody_pays_for_a_stream_where_sagemaker_captures(staging: Graph) -> None:
    assert staging.of(":FirehoseDeliveryStream") == []
