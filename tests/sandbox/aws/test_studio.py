"""Studio, MLflow Apps and schedules refuse what AWS refuses."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.conftest import Account


class Workbench:
    """An account with a network, a role for SageMaker, and domains on request."""

    def __init__(self, account: Account) -> None:
        self.sagemaker = account.client("sagemaker")
        ec2 = account.client("ec2")
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.0.1.0/24")
        self.subnet = subnet["Subnet"]["SubnetId"]
        self.role = account.role("studio", service="sagemaker.amazonaws.com")
        self.other_role = account.role("function", service="lambda.amazonaws.com")

    def domain(self, **changes: Any) -> str:
        """A new domain's id; `changes` replace parameters."""
        request = {
            "DomainName": "bench",
            "AuthMode": "IAM",
            "VpcId": self.vpc,
            "SubnetIds": [self.subnet],
            "DefaultUserSettings": {"ExecutionRole": self.role},
            **changes,
        }
        arn = self.sagemaker.create_domain(**request)["DomainArn"]
        return str(arn.rpartition("/")[2])

    def profile(self, domain: str, name: str) -> None:
        """A person in a domain."""
        self.sagemaker.create_user_profile(DomainId=domain, UserProfileName=name)

    def space(self, domain: str, name: str, owner: str, sharing: str = "Private") -> None:
        """A space of a person."""
        self.sagemaker.create_space(
            DomainId=domain,
            SpaceName=name,
            OwnershipSettings={"OwnerUserProfileName": owner},
            SpaceSharingSettings={"SharingType": sharing},
        )


@pytest.fixture
def bench(account: Account) -> Workbench:
    """An account in which Studio could be set up."""
    return Workbench(account)


def test_user_profiles_live_in_a_domain(bench: Workbench) -> None:
    client = bench.sagemaker
    with pytest.raises(ClientError, match="does not exist"):
        client.create_user_profile(DomainId="d-none", UserProfileName="alice")
    domain = bench.domain()
    bench.profile(domain, "alice")
    names = [p["UserProfileName"] for p in client.list_user_profiles()["UserProfiles"]]
    assert names == ["alice"]
    client.delete_user_profile(DomainId=domain, UserProfileName="alice")
    with pytest.raises(ClientError, match="does not exist"):
        client.describe_user_profile(DomainId=domain, UserProfileName="alice")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"VpcId": "vpc-0"}, "vpc ID 'vpc-0' does not exist"),
        ({"SubnetIds": ["subnet-0"]}, "subnet ID 'subnet-0' does not exist"),
        ({"DefaultUserSettings": {}}, "An execution role is required"),
        (
            {"DefaultUserSettings": {"ExecutionRole": "arn:aws:iam::123456789012:role/nobody"}},
            "does not exist",
        ),
    ],
)
def test_domain_with_a_dangling_reference_is_refused(
    bench: Workbench, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        bench.domain(**changes)


def test_role_that_sagemaker_cannot_become_is_refused(bench: Workbench) -> None:
    with pytest.raises(ClientError, match=r"does not allow sagemaker\.amazonaws\.com"):
        bench.domain(DefaultUserSettings={"ExecutionRole": bench.other_role})


def test_unknown_security_group_is_refused(bench: Workbench) -> None:
    settings = {"ExecutionRole": bench.role, "SecurityGroups": ["sg-0"]}
    with pytest.raises(ClientError, match="security group 'sg-0' does not exist"):
        bench.domain(DefaultUserSettings=settings)


def test_two_domains_have_two_names_and_two_ids(bench: Workbench) -> None:
    first = bench.domain()
    with pytest.raises(ClientError, match="already exists"):
        bench.domain()
    assert bench.domain(DomainName="other") != first


def test_domain_with_people_is_not_deleted(bench: Workbench) -> None:
    domain = bench.domain()
    bench.profile(domain, "alice")
    with pytest.raises(ClientError, match="it has user profiles or spaces"):
        bench.sagemaker.delete_domain(DomainId=domain)
    bench.sagemaker.delete_user_profile(DomainId=domain, UserProfileName="alice")
    bench.sagemaker.delete_domain(DomainId=domain)
    assert bench.sagemaker.list_domains()["Domains"] == []


def test_change_of_a_domain_keeps_what_it_does_not_name(bench: Workbench) -> None:
    domain = bench.domain()
    bench.sagemaker.update_domain(
        DomainId=domain, DefaultUserSettings={"StudioWebPortal": "DISABLED"}
    )
    settings = bench.sagemaker.describe_domain(DomainId=domain)["DefaultUserSettings"]
    assert settings == {"ExecutionRole": bench.role, "StudioWebPortal": "DISABLED"}


def test_private_space_has_an_owner_of_its_domain(bench: Workbench) -> None:
    domain = bench.domain()
    with pytest.raises(ClientError, match=r"UserProfile .*/alice does not exist"):
        bench.space(domain, "alice", "alice")


def test_space_is_shared_only_where_the_domain_has_settings_for_it(bench: Workbench) -> None:
    domain = bench.domain()
    bench.profile(domain, "alice")
    with pytest.raises(ClientError, match="cannot be shared"):
        bench.space(domain, "all", "alice", sharing="Shared")


def test_profile_stays_while_it_owns_a_space(bench: Workbench) -> None:
    domain = bench.domain()
    bench.profile(domain, "alice")
    bench.space(domain, "alice", "alice")
    with pytest.raises(ClientError, match="it owns the space alice"):
        bench.sagemaker.delete_user_profile(DomainId=domain, UserProfileName="alice")


def test_tags_of_profiles_and_spaces_can_be_read_and_changed(bench: Workbench) -> None:
    domain = bench.domain()
    bench.profile(domain, "alice")
    profile = bench.sagemaker.describe_user_profile(DomainId=domain, UserProfileName="alice")
    arn = profile["UserProfileArn"]
    bench.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "user", "Value": "alice"}])
    tags = bench.sagemaker.list_tags(ResourceArn=arn)["Tags"]
    assert tags == [{"Key": "user", "Value": "alice"}]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Name": "-app"}, "must match"),
        ({"ArtifactStoreUri": "s3://no-such-bucket-here/x"}, "bucket no-such-bucket-here"),
        ({"DefaultDomainIdList": ["d-0"]}, "Domain d-0 does not exist"),
    ],
)
def test_mlflow_app_with_a_dangling_reference_is_refused(
    bench: Workbench, account: Account, changes: dict[str, Any], message: str
) -> None:
    bucket = f"mlflow-{account.id}"
    account.client("s3").create_bucket(Bucket=bucket)
    request = {
        "Name": "app",
        "ArtifactStoreUri": f"s3://{bucket}/mlflow",
        "RoleArn": bench.role,
        **changes,
    }
    with pytest.raises(ClientError, match=message):
        bench.sagemaker.create_mlflow_app(**request)


def test_schedule_whose_role_does_not_trust_the_scheduler_is_refused(
    bench: Workbench, account: Account
) -> None:
    with pytest.raises(ClientError, match="must allow AWS EventBridge Scheduler to assume"):
        account.client("scheduler").create_schedule(
            Name="daily",
            ScheduleExpression="rate(1 day)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={
                "Arn": f"arn:aws:sagemaker:us-east-1:{account.id}:pipeline/x",
                "RoleArn": bench.role,
            },
        )
