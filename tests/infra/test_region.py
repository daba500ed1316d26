"""What a region's stack makes, with nothing asked for, with everything, and beside what exists."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from infra.region.dashboard import CHARTS
from infra.region.trail import watched
from policies.evaluation import Policy, PolicySet, Request, evaluate
from sandbox.provider.graph import draw
from sandbox.provider.program import Program, Stack
from tests.infra.conftest import ROOT, Graph

if TYPE_CHECKING:
    from sandbox.provider.realiser import StackOutputs

ACCOUNT = "123456789012"
PAGER = "https://events.pagerduty.com/integration/0123abcd/enqueue"
EVERYTHING = {
    "zones": ["us-east-1a", "us-east-1b", "us-east-1c"],
    "interfaceEndpoints": ["sagemaker.api", "studio", "sts"],
    "endpointZones": "2",
    "registryAccounts": ["111111111111"],
    "consumerAccounts": ["222222222222"],
    "auditedProjects": ["loans", "cards"],
    "alerts": {
        "critical": ["oncall@example.com", PAGER, "slack:C0123ABCD"],
        "warning": ["slack:C0123ABCD"],
    },
    "slackWorkspace": "T0123ABCD",
}
EXISTING = {
    "vpcId": "vpc-0123456789abcdef0",
    "subnetA": "subnet-0123456789abcdef0",
    "subnetB": "subnet-0123456789abcdef1",
    "s3PrefixList": "pl-63a5400a",
    "flowLogs": "existing",
    "adoptTrail": "arn:aws:cloudtrail:us-east-1:444444444444:trail/organization",
}


def region(**config: Any) -> Graph:
    """The graph of a region's stack."""
    stated = {"account": ACCOUNT, "region": "us-east-1", **config}
    texts = {
        f"modelyard:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in stated.items()
    }
    name = f"{ACCOUNT}.us-east-1"
    known: dict[tuple[str, str], StackOutputs] = {}
    resources = draw(Stack(Program(ROOT / "infra/region"), name, texts), known)
    return Graph(resources, known[("modelyard-region", name)].values)


@pytest.fixture(scope="module")
def plain() -> Graph:
    """Nothing asked for."""
    return region()


@pytest.fixture(scope="module")
def full() -> Graph:
    """Everything asked for."""
    return region(**EVERYTHING)


@pytest.fixture(scope="module")
def beside() -> Graph:
    """A region that adopts what exists."""
    return region(**EXISTING)


def test_nothing_idles_for_money_but_a_key_and_a_dashboard(plain: Graph) -> None:
    assert len(plain.of(":Key")) == 1
    assert len(plain.of(":Dashboard")) == 2  # the component and its one resource
    kinds = [each["inputs"]["vpcEndpointType"] for each in plain.of(":VpcEndpoint")]
    assert kinds == ["Gateway"]
    assert plain.of(":SlackChannelConfiguration") == []


def test_three_zones_give_three_private_subnets(full: Graph) -> None:
    blocks = {each["inputs"]["cidrBlock"] for each in full.of(":Subnet")}
    assert blocks == {"10.42.0.0/20", "10.42.16.0/20", "10.42.32.0/20"}
    assert {each["inputs"]["mapPublicIpOnLaunch"] for each in full.of(":Subnet")} == {False}
    assert full.exports["subnet_c"].startswith("subnet-")


def test_interface_endpoints_are_private_and_only_those_asked_for(full: Graph) -> None:
    found = [
        each["inputs"]
        for each in full.of(":VpcEndpoint")
        if each["inputs"]["vpcEndpointType"] == "Interface"
    ]
    assert {one["serviceName"] for one in found} == {
        "com.amazonaws.us-east-1.sagemaker.api",
        "aws.sagemaker.us-east-1.studio",
        "com.amazonaws.us-east-1.sts",
    }
    group = full.of(":SecurityGroup")[0]["outputs"]["id"]
    for one in found:
        assert one["privateDnsEnabled"] is True
        assert one["securityGroupIds"] == [group]
        assert one["subnetIds"] == [full.exports["subnet_a"], full.exports["subnet_b"]]
        (statement,) = json.loads(one["policy"])["Statement"]
        assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}
        assert statement["Action"] != "*"


def test_only_tls_from_the_network_reaches_endpoints(full: Graph) -> None:
    (rule,) = full.of(":SecurityGroupIngressRule")
    assert (rule["inputs"]["fromPort"], rule["inputs"]["toPort"]) == (443, 443)
    assert rule["inputs"]["cidrIpv4"] == "10.42.0.0/16"
    assert full.of(":SecurityGroupEgressRule") == []


def test_flow_logs_are_encrypted_and_kept_for_a_year(plain: Graph) -> None:
    group = plain.named(":LogGroup", "flow-logs-group")
    assert group["inputs"]["retentionInDays"] == 365
    assert group["inputs"]["kmsKeyId"] == plain.exports["key_arn"]
    assert group["protect"] is True
    (log,) = plain.of(":FlowLog")
    assert log["inputs"]["trafficType"] == "ALL"
    assert log["inputs"]["logDestination"] == group["outputs"]["arn"]
    assert log["inputs"]["vpcId"] == plain.exports["vpc_id"]


def test_flow_logs_can_go_to_a_central_bucket() -> None:
    graph = region(flowLogs="arn:aws:s3:::central-flow-logs")
    (log,) = graph.of(":FlowLog")
    assert log["inputs"]["logDestinationType"] == "s3"
    assert log["inputs"]["logDestination"] == "arn:aws:s3:::central-flow-logs"
    assert graph.of(":LogGroup") == graph.of(":RolePolicy") == []


def test_every_role_is_bounded_and_grants_no_wildcard(full: Graph) -> None:
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/modelyard-boundary"
    roles = full.of("iam/role:Role")
    assert {each["inputs"]["permissionsBoundary"] for each in roles} == {boundary}
    assert {each["inputs"]["name"] for each in roles} == {
        "modelyard-flow-logs-us-east-1",
        "modelyard-chat-us-east-1",
    }
    for policy in full.of(":RolePolicy"):
        for statement in json.loads(policy["inputs"]["policy"])["Statement"]:
            assert "*" not in statement["Resource"]
            assert not [action for action in statement["Action"] if "*" in action]


def test_trail_is_validated_encrypted_and_sees_every_region(full: Graph) -> None:
    trail = full.named(":Trail", "trail-trail")
    inputs = trail["inputs"]
    assert inputs["isMultiRegionTrail"] is True
    assert inputs["enableLogFileValidation"] is True
    assert inputs["kmsKeyId"] == full.exports["key_arn"]
    assert trail["protect"] is True


def test_trail_keeps_management_events_and_the_projects_data_only(full: Graph) -> None:
    selectors = full.named(":Trail", "trail-trail")["inputs"]["advancedEventSelectors"]
    management, data = (
        {field["field"]: field for field in selector["fieldSelectors"]} for selector in selectors
    )
    assert management["eventCategory"]["equals"] == ["Management"]
    assert data["resources.ARN"]["startsWiths"] == watched(("loans", "cards"))
    assert "arn:aws:s3:::loans-prod-" in watched(("loans",))
    assert not any(prefix.endswith(":::") for prefix in data["resources.ARN"]["startsWiths"])


def test_without_projects_no_data_event_is_paid_for(plain: Graph) -> None:
    (only,) = plain.named(":Trail", "trail-trail")["inputs"]["advancedEventSelectors"]
    assert only["name"] == "Management events"


def test_trails_files_are_locked(plain: Graph) -> None:
    bucket = plain.named("s3/bucket:Bucket", "trail-bucket-bucket")
    assert bucket["inputs"]["objectLockEnabled"] is True
    assert bucket["protect"] is True
    lock = plain.named(":BucketObjectLockConfiguration", "trail-bucket-lock")
    assert lock["inputs"]["rule"]["defaultRetention"] == {"mode": "GOVERNANCE", "days": 365}


@pytest.mark.parametrize(
    ("source", "path", "allowed"),
    [
        ("modelyard-us-east-1", f"AWSLogs/{ACCOUNT}/CloudTrail/x.json.gz", True),
        ("another", f"AWSLogs/{ACCOUNT}/CloudTrail/x.json.gz", False),
        ("modelyard-us-east-1", "AWSLogs/999999999999/CloudTrail/x.json.gz", False),
    ],
)
def test_only_this_trail_writes_its_files(
    plain: Graph, source: str, path: str, allowed: bool
) -> None:
    bucket = plain.named("s3/bucket:Bucket", "trail-bucket-bucket")["outputs"]["arn"]
    policy = plain.named(":BucketPolicy", "trail-bucket-policy")["inputs"]["policy"]
    request = Request(
        action="s3:PutObject",
        resource=f"{bucket}/{path}",
        principal_arn="",
        principal_account=ACCOUNT,
        resource_account=ACCOUNT,
        service="cloudtrail.amazonaws.com",
        context={
            "aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/{source}",
            "aws:SecureTransport": "true",
            "s3:x-amz-acl": "bucket-owner-full-control",
        },
    )
    found = evaluate(request, PolicySet(resource=Policy.parse(policy, "the bucket's policy")))
    assert found.allowed is allowed


def test_central_bucket_is_used_and_not_made() -> None:
    graph = region(trailBucket="central-trail")
    assert graph.named(":Trail", "trail-trail")["inputs"]["s3BucketName"] == "central-trail"
    assert [each["name"] for each in graph.of("s3/bucket:Bucket") if "trail" in each["name"]] == []


def test_alerts_reach_mail_pager_and_slack(full: Graph) -> None:
    heard = {
        (each["inputs"]["protocol"], each["inputs"]["topic"].rpartition("-")[2])
        for each in full.of(":TopicSubscription")
    }
    assert heard == {("email", "critical"), ("https", "critical")}
    (channel,) = full.of(":SlackChannelConfiguration")
    assert channel["inputs"]["snsTopicArns"] == [
        full.exports["topic_warning"],
        full.exports["topic_critical"],
    ]
    assert channel["inputs"]["guardrailPolicyArns"] == ["arn:aws:iam::aws:policy/AWSDenyAll"]


def test_rules_are_heard_on_one_topic_and_without_a_condition(plain: Graph) -> None:
    """EventBridge states no source to a topic: a condition would drop the message in silence."""
    heard = {}
    for severity in ("info", "warning", "critical"):
        policy = plain.named(":TopicPolicy", f"alerts-{severity}-policy")["inputs"]["policy"]
        heard[severity] = [
            statement
            for statement in json.loads(policy)["Statement"]
            if statement["Principal"] == {"Service": "events.amazonaws.com"}
        ]
    assert heard["info"] == heard["warning"] == []
    (rules,) = heard["critical"]
    assert rules["Action"] == "sns:Publish"
    assert "Condition" not in rules


def test_pagers_key_is_a_secret(full: Graph) -> None:
    assert "0123abcd" not in json.dumps([full.resources, dict(full.exports)])


def test_query_results_are_encrypted_whatever_the_client_asks(plain: Graph) -> None:
    settings = plain.named(":Workgroup", "queries-workgroup")["inputs"]["configuration"]
    assert settings["enforceWorkgroupConfiguration"] is True
    assert settings["resultConfiguration"]["encryptionConfiguration"] == {
        "encryptionOption": "SSE_KMS",
        "kmsKeyArn": plain.exports["key_arn"],
    }
    assert settings["bytesScannedCutoffPerQuery"] == 100 * 1024**3


def test_dashboard_finds_projects_by_search(plain: Graph) -> None:
    body = json.loads(plain.named("dashboard:Dashboard", "dashboard")["inputs"]["dashboardBody"])
    expressions = [
        metric["expression"]
        for widget in body["widgets"]
        for row in widget["properties"]["metrics"]
        for metric in row
    ]
    assert len(expressions) == len(CHARTS)
    assert all(expression.startswith("SEARCH(") for expression in expressions)
    wanted = ("Invocations", "DriftScore", "Quality", "ExecutionFailed", "EstimatedCharges")
    assert [word for word in wanted if not any(word in text for text in expressions)] == []


def test_existing_network_and_trail_are_adopted(beside: Graph) -> None:
    made = {each["type"].rpartition(":")[2] for each in beside.aws}
    assert made.isdisjoint({"Vpc", "Subnet", "RouteTable", "VpcEndpoint", "FlowLog", "Trail"})
    assert {key: beside.exports[key] for key in ("vpc_id", "subnet_a", "subnet_b")} == {
        "vpc_id": EXISTING["vpcId"],
        "subnet_a": EXISTING["subnetA"],
        "subnet_b": EXISTING["subnetB"],
    }
    assert beside.exports["s3_prefix_list_id"] == "pl-63a5400a"


def test_existing_network_gets_an_s3_gateway_where_it_has_none() -> None:
    config = {**EXISTING, "routeTables": ["rtb-0123456789abcdef0"]}
    del config["s3PrefixList"]
    (gateway,) = region(**config).of(":VpcEndpoint")
    assert gateway["inputs"]["vpcId"] == EXISTING["vpcId"]
    assert gateway["inputs"]["routeTableIds"] == ["rtb-0123456789abcdef0"]


@pytest.mark.parametrize(
    ("sender", "allowed"),
    [
        ("arn:aws:iam::111111111111:role/loans-dev-event-forwarder", True),
        ("arn:aws:iam::222222222222:role/loans-prod-event-forwarder", True),
        ("arn:aws:iam::222222222222:role/loans-dev-event-forwarder", False),
        ("arn:aws:iam::222222222222:role/loans-prod-deployer", False),
        ("arn:aws:iam::999999999999:role/loans-dev-event-forwarder", False),
    ],
)
def test_events_travel_both_ways_by_forwarders_only(
    full: Graph, sender: str, allowed: bool
) -> None:
    policy = full.of(":EventBusPolicy")[0]["inputs"]["policy"]
    everything = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*"}
    request = Request(
        action="events:PutEvents",
        resource=full.exports["event_bus_arn"],
        principal_arn=sender,
        principal_account=sender.split(":")[4],
        resource_account=ACCOUNT,
        context={"aws:PrincipalArn": sender},
    )
    held = Policy.parse({"Version": "2012-10-17", "Statement": [everything]}, "the sender's")
    found = evaluate(
        request, PolicySet(identity=(held,), resource=Policy.parse(policy, "the bus's"))
    )
    assert found.allowed is allowed


@pytest.mark.parametrize("made", [region, lambda: region(**EVERYTHING)])
def test_everything_shared_is_tagged_as_the_platforms(made: Callable[[], Graph]) -> None:
    expected = {"project": "modelyard", "env": "shared", "owner": "platform"}
    tagged = [each for each in made().aws if "tagsAll" in each["outputs"]]
    assert len(tagged) > 10
    assert [
        each["name"]
        for each in tagged
        if not expected.items() <= each["outputs"]["tagsAll"].items()
    ] == []
