"""Foundations with every option come up on a sandbox, once, and do what they say."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from sandbox.provider.apply import StackResult, apply_stack
from sandbox.provider.crud import Accesses, Crud
from sandbox.provider.program import Program, Stack
from sandbox.provider.state import StateStore
from tests.infra import test_account, test_organization, test_region
from tests.infra.conftest import METADATA, ROOT

pytestmark = pytest.mark.timeout(240)
_NUMBERS = itertools.count(600_000_000_000 + (os.getpid() % 100_000) * 100)


@dataclass(frozen=True)
class Live:
    """One account of the running sandbox."""

    url: str
    account: str

    def apply(self, program: str, stack: str, config: Mapping[str, Any]) -> StackResult:
        """Bring a foundation program's stack to what `config` says."""
        stated = {"account": self.account, "region": "us-east-1", **config}
        texts = {
            f"modelyard:{key}": value if isinstance(value, str) else json.dumps(value)
            for key, value in stated.items()
        }
        return apply_stack(
            Stack(Program(ROOT / "infra" / program), stack, texts),
            self.account,
            StateStore(self.url),
            Crud(Accesses(self.url)),
            (self.account,),
        )

    def client(self, service: str) -> Any:
        """A client as the account's root."""
        return botocore.session.Session().create_client(
            service,
            region_name="us-east-1",
            endpoint_url=self.url,
            aws_access_key_id=self.account,
            aws_secret_access_key="sandbox",
        )


@pytest.fixture(scope="module")
def live(sandbox_url: str) -> Live:
    """An account that no other test uses."""
    return Live(sandbox_url, str(next(_NUMBERS)))


@pytest.fixture(scope="module")
def applied(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Live:
    """Account and region with every option, twice: the second time changes nothing."""
    metadata = tmp_path_factory.mktemp("saml") / "metadata.xml"
    metadata.write_text(METADATA)
    options = {"samlMetadataFile": str(metadata), **test_account.EVERYTHING}
    for program, stack, config in (
        ("account", live.account, options),
        ("region", f"{live.account}.us-east-1", test_region.EVERYTHING),
    ):
        assert set(live.apply(program, stack, config).counts) == {"created"}
        assert set(live.apply(program, stack, config).counts) == {"unchanged"}
    return live


def test_trail_logs_and_validates(applied: Live) -> None:
    trails = applied.client("cloudtrail")
    (trail,) = trails.describe_trails()["trailList"]
    assert trail["IsMultiRegionTrail"] is trail["LogFileValidationEnabled"] is True
    assert trails.get_trail_status(Name=trail["Name"])["IsLogging"] is True
    selectors = trails.get_event_selectors(TrailName=trail["Name"])["AdvancedEventSelectors"]
    assert [one["Name"] for one in selectors] == ["Management events", "Objects of the projects"]


def test_trails_files_cannot_be_deleted(applied: Live) -> None:
    s3, bucket = applied.client("s3"), f"modelyard-trail-us-east-1-{applied.account}"
    put = s3.put_object(Bucket=bucket, Key="AWSLogs/x.json.gz", Body=b"x")
    with pytest.raises(ClientError) as refused:
        s3.delete_object(Bucket=bucket, Key="AWSLogs/x.json.gz", VersionId=put["VersionId"])
    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_network_is_watched(applied: Live) -> None:
    (log,) = applied.client("ec2").describe_flow_logs()["FlowLogs"]
    assert (log["TrafficType"], log["FlowLogStatus"]) == ("ALL", "ACTIVE")


def test_slack_channel_hears_what_it_should(applied: Live) -> None:
    chatbot = applied.client("chatbot")
    (channel,) = chatbot.describe_slack_channel_configurations()["SlackChannelConfigurations"]
    assert [arn.rpartition("-")[2] for arn in channel["SnsTopicArns"]] == ["warning", "critical"]


def test_account_is_private_and_asks_for_sessions(applied: Live) -> None:
    defaults = applied.client("ec2").get_instance_metadata_defaults()["AccountLevel"]
    assert defaults == {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}
    assert applied.client("ec2").get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is True


def test_existing_network_is_left_as_it_is(sandbox_url: str) -> None:
    live = Live(sandbox_url, str(next(_NUMBERS)))
    ec2 = live.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    zones = {"10.7.0.0/20": "us-east-1a", "10.7.16.0/20": "us-east-1b"}
    first, second = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for block, zone in zones.items()
    )
    within = [{"Name": "vpc-id", "Values": [vpc]}]
    table = ec2.describe_route_tables(Filters=within)["RouteTables"][0]["RouteTableId"]
    config = {"vpcId": vpc, "subnetA": first, "subnetB": second, "routeTables": [table]}

    result = live.apply("region", f"{live.account}.us-east-1", config)

    assert (result.outputs["vpc_id"], result.outputs["subnet_a"]) == (vpc, first)
    assert len(ec2.describe_subnets(Filters=within)["Subnets"]) == 2
    (gateway,) = ec2.describe_vpc_endpoints(Filters=within)["VpcEndpoints"]
    assert gateway["RouteTableIds"] == [table]


def test_organization_comes_up_and_stays(sandbox_url: str, tmp_path: Path) -> None:
    live = Live(sandbox_url, str(next(_NUMBERS)))
    organizations = live.client("organizations")
    organizations.create_organization()
    root = organizations.list_roots()["Roots"][0]["Id"]
    config = {**test_organization.EVERYTHING, "serviceControlTargets": [root]}

    created = live.apply("organization", "example", config)
    again = live.apply("organization", "example", config)

    assert set(created.counts) == {"created"}
    assert set(again.counts) == {"unchanged"}
    covered = organizations.list_policies_for_target(
        TargetId=root, Filter="SERVICE_CONTROL_POLICY"
    )["Policies"]
    assert "modelyard" in [policy["Name"] for policy in covered]
    tags = live.client("ce").list_cost_allocation_tags(Status="Active")["CostAllocationTags"]
    assert len(tags) == 5
