"""AWS knows the private services we name, and events cross to where releases happen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from infra.region.endpoints import SERVICES, service_name
from sandbox.cost.rendering import STUDIO_ENDPOINTS

if TYPE_CHECKING:
    from tests.smoke_aws.road import Road


def test_studio_endpoints_are_services_we_offer() -> None:
    assert set(STUDIO_ENDPOINTS) <= set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_private_service_exists(road: Road, service: str) -> None:
    if not road.on_aws:
        pytest.skip("the sandbox does not keep AWS's list of private services")
    name = service_name(service, road.workspace.region)
    found = road.client("ec2").describe_vpc_endpoint_services(ServiceNames=[name])
    assert found["ServiceNames"] == [name]


def test_approvals_are_sent_to_the_bus_that_releases(road: Road) -> None:
    events = road.client("events")
    targets = [
        target["Arn"]
        for rule in events.list_rules(NamePrefix=f"{road.project.name}-dev-")["Rules"]
        for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    ]
    place = road.project.environments["staging"]
    assert f"arn:aws:events:{place.region}:{place.account}:event-bus/modelyard" in targets


def test_rule_matches_the_event_aws_documents(road: Road) -> None:
    events = road.client("events")
    facts = road.workspace
    event = {
        "id": "1",
        "account": facts.account,
        "region": facts.region,
        "time": "2026-11-21T09:00:00Z",
        "source": "aws.sagemaker",
        "detail-type": "SageMaker Model Package State Change",
        "resources": [f"{facts.model_package_group_arn}/1"],
        "detail": {
            "ModelPackageGroupName": facts.model_package_group,
            "ModelApprovalStatus": "Approved",
        },
    }
    patterns = [
        rule["EventPattern"]
        for rule in events.list_rules(NamePrefix=f"{road.project.name}-dev-")["Rules"]
        if "Model Package" in rule.get("EventPattern", "")
    ]
    assert patterns
    if not road.on_aws:
        pytest.skip("the sandbox has no TestEventPattern; the journey's release shows the match")
    for pattern in patterns:
        assert events.test_event_pattern(EventPattern=pattern, Event=json.dumps(event))["Result"]
