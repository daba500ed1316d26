"""Studio's condition keys and tags, as policies see them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.test_authorization import allow, refused

TRUST = "sagemaker.amazonaws.com"


@pytest.fixture
def domain(account: Any) -> str:
    """A Studio domain with profiles for alice and carol; alice works in a role of her own."""
    vpc = account.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = account.client("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")
    role = account.role("anybody", service=TRUST)
    client = account.client("sagemaker")
    made = client.create_domain(
        DomainName="studio",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": role},
        SubnetIds=[subnet["Subnet"]["SubnetId"]],
        VpcId=vpc,
    )
    name = str(made["DomainArn"].rsplit("/", 1)[1])
    for user in ("alice", "carol"):
        client.create_user_profile(
            DomainId=name, UserProfileName=user, Tags=[{"Key": "user", "Value": user}]
        )
    return name


def test_a_profiles_tags_decide_who_opens_it(account: Any, domain: str) -> None:
    own: Any = {"StringEquals": {"aws:ResourceTag/user": "${aws:PrincipalTag/user}"}}
    account.role("member", allow("sagemaker:CreatePresignedDomainUrl", **own))
    client = account.client("sagemaker", account.sign_in("member", "alice"))
    opened = client.create_presigned_domain_url(DomainId=domain, UserProfileName="alice")
    assert opened["AuthorizedUrl"].startswith(f"https://{domain}.")
    theirs = {"DomainId": domain, "UserProfileName": "carol"}
    assert "CreatePresignedDomainUrl" in refused(client.create_presigned_domain_url, **theirs)


def test_a_space_states_its_owner_and_how_it_is_shared(account: Any, domain: str) -> None:
    profile = f"arn:aws:sagemaker:us-east-1:{account.id}:user-profile/{domain}/alice"
    private: Any = {
        "ArnEquals": {"sagemaker:OwnerUserProfileArn": profile},
        "StringEquals": {"sagemaker:SpaceSharingType": "Private"},
        "Null": {"sagemaker:StudioLifecycleConfigArns": "true", "sagemaker:RemoteAccess": "true"},
    }
    account.role("member", allow("sagemaker:CreateSpace", "sagemaker:DeleteSpace", **private))
    client = account.client("sagemaker", account.sign_in("member", "alice"))
    space: dict[str, Any] = {
        "DomainId": domain,
        "SpaceName": "mine",
        "OwnershipSettings": {"OwnerUserProfileName": "alice"},
        "SpaceSharingSettings": {"SharingType": "Private"},
    }
    config = f"arn:aws:sagemaker:us-east-1:{account.id}:studio-lifecycle-config/x"
    for change in (
        {"OwnershipSettings": {"OwnerUserProfileName": "carol"}},
        {"SpaceSharingSettings": {"SharingType": "Shared"}},
        {"SpaceSettings": {"RemoteAccess": "ENABLED"}},
        {"SpaceSettings": {"JupyterServerAppSettings": {"LifecycleConfigArns": [config]}}},
    ):
        assert "CreateSpace" in refused(client.create_space, **{**space, **change})
    client.create_space(**space)
    client.delete_space(DomainId=domain, SpaceName="mine")
