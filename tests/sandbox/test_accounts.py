"""Between accounts nothing is allowed unless both sides say so, root included."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.conftest import Account

OWNER_ROOT = "arn:aws:iam::{}:root"
READ = {"Effect": "Allow", "Action": ["s3:GetObject", "kms:Decrypt"], "Resource": "*"}


def statement(account: str, *actions: str, on: str = "*") -> dict[str, Any]:
    """A consent of a resource to another account."""
    principal = {"AWS": OWNER_ROOT.format(account)}
    return {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": on}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def refused(call: Any, /, **parameters: Any) -> str:
    """The message of AWS's refusal."""
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response["Error"]
    assert error["Code"].startswith("AccessDenied"), error
    return str(error["Message"])


def shared_object(owner: Account, reader: Account) -> tuple[str, str]:
    """An object under a customer key, which bucket and key share with the reader's account."""
    own = statement(owner.id, "kms:*")
    key = owner.client("kms").create_key(Policy=policy(own, statement(reader.id, "kms:Decrypt")))
    arn, bucket = key["KeyMetadata"]["Arn"], f"models-{owner.id}"
    s3 = owner.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(
        Bucket=bucket, Key="m", Body=b"1", ServerSideEncryption="aws:kms", SSEKMSKeyId=arn
    )
    consent = statement(reader.id, "s3:GetObject", on=f"arn:aws:s3:::{bucket}/*")
    s3.put_bucket_policy(Bucket=bucket, Policy=policy(consent))
    return bucket, arn


def test_reader_owner_and_key_agree(account: Account, owner: Account) -> None:
    bucket, _ = shared_object(owner, account)
    account.role("reader", READ)
    s3 = account.client("s3", account.sign_in("reader", "alice"))
    assert s3.get_object(Bucket=bucket, Key="m")["Body"].read() == b"1"


def without_identity_policy(owner: Account, reader: Account, bucket: str, key: str) -> None:
    reader.client("iam").delete_role_policy(RoleName="reader", PolicyName="own")


def without_bucket_policy(owner: Account, reader: Account, bucket: str, key: str) -> None:
    owner.client("s3").delete_bucket_policy(Bucket=bucket)


def without_key_policy(owner: Account, reader: Account, bucket: str, key: str) -> None:
    own = policy(statement(owner.id, "kms:*"))
    owner.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=own)


@pytest.mark.parametrize(
    "remove", [without_identity_policy, without_bucket_policy, without_key_policy]
)
def test_each_missing_consent_refuses(account: Account, owner: Account, remove: Any) -> None:
    bucket, key = shared_object(owner, account)
    account.role("reader", READ)
    remove(owner, account, bucket, key)
    refused(
        account.client("s3", account.sign_in("reader", "alice")).get_object, Bucket=bucket, Key="m"
    )


def test_root_of_another_account_needs_the_owners_consent(account: Account, owner: Account) -> None:
    bucket, _ = shared_object(owner, account)
    assert account.client("s3").get_object(Bucket=bucket, Key="m")["Body"].read() == b"1"
    owner.client("s3").delete_bucket_policy(Bucket=bucket)
    refused(account.client("s3").get_object, Bucket=bucket, Key="m")


def registry(owner: Account) -> tuple[str, str]:
    """A group with one package; their ARNs."""
    sagemaker = owner.client("sagemaker")
    group = sagemaker.create_model_package_group(ModelPackageGroupName="loans")
    package = sagemaker.create_model_package(ModelPackageGroupName="loans")["ModelPackageArn"]
    return str(group["ModelPackageGroupArn"]), str(package)


def test_registry_is_listed_by_arn_where_its_policy_agrees(
    account: Account, owner: Account
) -> None:
    group, package = registry(owner)
    read = ("sagemaker:ListModelPackages", "sagemaker:DescribeModelPackageGroup")
    account.role("reader", {"Effect": "Allow", "Action": list(read), "Resource": "*"})
    sagemaker = account.client("sagemaker", account.sign_in("reader", "alice"))
    refused(sagemaker.list_model_packages, ModelPackageGroupName=group)
    owner.client("sagemaker").put_model_package_group_policy(
        ModelPackageGroupName="loans", ResourcePolicy=policy(statement(account.id, *read, on=group))
    )
    listed = sagemaker.list_model_packages(ModelPackageGroupName=group)["ModelPackageSummaryList"]
    assert [found["ModelPackageArn"] for found in listed] == [package]
    described = sagemaker.describe_model_package_group(ModelPackageGroupName=group)
    assert described["ModelPackageGroupArn"] == group
    assert account.client("sagemaker").list_model_packages()["ModelPackageSummaryList"] == []


@pytest.fixture
def infrastructure(account: Account, owner: Account) -> str:
    """A role of the owner's that the other account may assume with the external id."""
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": OWNER_ROOT.format(account.id)},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "ours"}},
    }
    made = owner.client("iam").create_role(
        RoleName="infrastructure", AssumeRolePolicyDocument=policy(trust)
    )
    return str(made["Role"]["Arn"])


def test_external_id_opens_a_role_of_another_account(
    account: Account, owner: Account, infrastructure: str
) -> None:
    answer = account.client("sts").assume_role(
        RoleArn=infrastructure, RoleSessionName="ci", ExternalId="ours"
    )
    assert answer["AssumedRoleUser"]["Arn"].split(":")[4] == owner.id


@pytest.mark.parametrize("given", [{}, {"ExternalId": "theirs"}])
def test_wrong_external_id_opens_nothing(
    account: Account, infrastructure: str, given: dict[str, str]
) -> None:
    sts = account.client("sts")
    refused(sts.assume_role, RoleArn=infrastructure, RoleSessionName="ci", **given)


def processing(role: str, key: str) -> dict[str, Any]:
    """A processing job whose volumes are encrypted with a key."""
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
    return {
        "ProcessingJobName": "prepare",
        "RoleArn": role,
        "AppSpecification": {"ImageUri": "1.dkr.ecr.us-east-1.amazonaws.com/x:y"},
        "ProcessingResources": {"ClusterConfig": {**cluster, "VolumeKmsKeyId": key}},
    }


FOR_AWS = {
    "Effect": "Allow",
    "Action": "kms:CreateGrant",
    "Resource": "*",
    "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
}
START = {
    "Effect": "Allow",
    "Action": ["sagemaker:CreateProcessingJob", "iam:PassRole"],
    "Resource": "*",
}


@pytest.mark.parametrize("holder", ["starter", "job"])
def test_volume_key_is_granted_by_caller_or_job(account: Account, holder: str) -> None:
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    grants = {holder: [FOR_AWS]}
    account.role("starter", START, *grants.get("starter", []))
    role = account.role("job", *grants.get("job", []), service="sagemaker.amazonaws.com")
    sagemaker = account.client("sagemaker", account.sign_in("starter", "alice"))
    assert sagemaker.create_processing_job(**processing(role, key))["ProcessingJobArn"]


def test_a_job_carries_the_name_of_who_started_it(account: Account) -> None:
    """ "Any role that the domain's execution role assumes must have the sts:SetSourceIdentity
    permission in the trust policy" ("Turn on sourceIdentity in CloudTrail logs")."""
    account.role("starter", START, FOR_AWS)
    role = account.role("job", service="sagemaker.amazonaws.com")
    statement = account.trust("sagemaker.amazonaws.com")["Statement"][0]
    trust = {"Version": "2012-10-17", "Statement": [statement | {"Action": "sts:AssumeRole"}]}
    account.client("iam").update_assume_role_policy(
        RoleName="job", PolicyDocument=json.dumps(trust)
    )
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    sagemaker = account.client("sagemaker", account.sign_in("starter", "alice"))
    with pytest.raises(ClientError, match="sts:SetSourceIdentity"):
        sagemaker.create_processing_job(**processing(role, key))


def test_volume_key_that_nobody_may_grant_refuses_the_job(account: Account) -> None:
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    account.role("starter", START)
    role = account.role("job", service="sagemaker.amazonaws.com")
    sagemaker = account.client("sagemaker", account.sign_in("starter", "alice"))
    message = refused(sagemaker.create_processing_job, **processing(role, key))
    assert f"kms:CreateGrant on resource: {key}" in message
