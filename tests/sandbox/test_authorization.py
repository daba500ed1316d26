"""IAM that bites: identity, boundary, resource policies and request context, over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError


def allow(*actions: str, on: str = "*", **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": on}
    return {**statement, "Condition": condition} if condition else statement


def deny(*actions: str, on: str = "*", **condition: Any) -> dict[str, Any]:
    return {**allow(*actions, on=on, **condition), "Effect": "Deny"}


def refused(call: Any, /, **parameters: Any) -> str:
    """The message of AWS's refusal."""
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response["Error"]
    assert error["Code"] in ("AccessDenied", "AccessDeniedException"), error
    return str(error["Message"])


def test_a_role_may_do_nothing_by_itself(account: Any) -> None:
    account.role("nobody")
    client = account.client("sagemaker", account.sign_in("nobody", "alice"))
    assert refused(client.list_models) == (
        f"User: arn:aws:sts::{account.id}:assumed-role/nobody/alice is not authorized to perform: "
        "sagemaker:ListModels on resource: * because no identity-based policy allows the "
        "sagemaker:ListModels action"
    )


def test_an_explicit_deny_says_so(account: Any) -> None:
    account.role("half", allow("s3:*"), deny("s3:ListAllMyBuckets"))
    client = account.client("s3", account.sign_in("half", "alice"))
    assert refused(client.list_buckets).endswith(
        "with an explicit deny in an identity-based policy"
    )


def test_a_resource_is_told_from_its_neighbour(account: Any) -> None:
    prefix = f"arn:aws:ssm:us-east-1:{account.id}:parameter"
    account.role("reader", allow("ssm:GetParameter", on=f"{prefix}/a/*"))
    root = account.client("ssm")
    root.put_parameter(Name="/a/x", Value="1", Type="String")
    root.put_parameter(Name="/b/x", Value="2", Type="String")
    client = account.client("ssm", account.sign_in("reader", "alice"))
    assert client.get_parameter(Name="/a/x")["Parameter"]["Value"] == "1"
    assert f"{prefix}/b/x" in refused(client.get_parameter, Name="/b/x")


def test_the_boundary_limits_what_policies_allow(account: Any) -> None:
    iam = account.client("iam")
    document = {"Version": "2012-10-17", "Statement": [allow("s3:*")]}
    boundary = iam.create_policy(PolicyName="b", PolicyDocument=json.dumps(document))["Policy"]
    account.role("bound", allow("*"))
    iam.put_role_permissions_boundary(RoleName="bound", PermissionsBoundary=boundary["Arn"])
    session = account.sign_in("bound", "alice")
    assert account.client("s3", session).list_buckets()
    message = refused(account.client("sagemaker", session).list_models)
    assert message.endswith("no permissions boundary allows the sagemaker:ListModels action")


def test_a_bucket_policy_denies_what_the_role_allows(account: Any) -> None:
    s3, bucket = account.client("s3"), f"b-{account.id}"
    s3.create_bucket(Bucket=bucket)
    tls_only = {
        **deny("s3:*", on=f"arn:aws:s3:::{bucket}/*", Bool={"aws:SecureTransport": "false"}),
        "Principal": "*",
    }
    not_secret = {**deny("s3:GetObject", on=f"arn:aws:s3:::{bucket}/secret"), "Principal": "*"}
    policy = {"Version": "2012-10-17", "Statement": [tls_only, not_secret]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    account.role("reader", allow("s3:*"))
    client = account.client("s3", account.sign_in("reader", "alice"))
    client.put_object(Bucket=bucket, Key="open", Body=b"1")
    client.put_object(Bucket=bucket, Key="secret", Body=b"2")
    assert client.get_object(Bucket=bucket, Key="open")["Body"].read() == b"1"
    message = refused(client.get_object, Bucket=bucket, Key="secret")
    assert message.endswith("with an explicit deny in a resource-based policy")


def test_objects_under_a_key_need_the_key(account: Any) -> None:
    kms, s3, bucket = account.client("kms"), account.client("s3"), f"k-{account.id}"
    key = kms.create_key()["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket=bucket)
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": default}]
        },
    )
    s3.put_object(Bucket=bucket, Key="x", Body=b"1")
    through_s3: dict[str, Any] = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    account.role("with-key", allow("s3:*"), allow("kms:Decrypt", on=key, **through_s3))
    account.role("without-key", allow("s3:*"))
    allowed = account.client("s3", account.sign_in("with-key", "alice"))
    assert allowed.get_object(Bucket=bucket, Key="x")["Body"].read() == b"1"
    assert "kms:GenerateDataKey" in refused(allowed.put_object, Bucket=bucket, Key="y", Body=b"")
    client = account.client("s3", account.sign_in("without-key", "alice"))
    assert "kms:Decrypt" in refused(client.get_object, Bucket=bucket, Key="x")


def test_passing_a_role_is_a_permission_of_its_own(account: Any) -> None:
    passed = account.role("passed", service="sagemaker.amazonaws.com")
    account.role("creator", allow("sagemaker:*"))
    client = account.client("sagemaker", account.sign_in("creator", "alice"))
    definition = {"Version": "2020-12-01", "Parameters": [], "Steps": []}
    message = refused(
        client.create_pipeline,
        PipelineName="p",
        PipelineDefinition=json.dumps(definition),
        ClientRequestToken="t" * 32,
        RoleArn=passed,
    )
    assert f"iam:PassRole on resource: {passed}" in message


def test_tags_in_a_request_need_the_right_to_tag(account: Any) -> None:
    account.role("creator", allow("sagemaker:CreateModelPackageGroup"))
    client = account.client("sagemaker", account.sign_in("creator", "alice"))
    client.create_model_package_group(ModelPackageGroupName="plain")
    message = refused(
        client.create_model_package_group,
        ModelPackageGroupName="tagged",
        Tags=[{"Key": "a", "Value": "b"}],
    )
    assert "sagemaker:AddTags" in message


def test_request_and_stored_metadata_are_condition_keys(account: Any) -> None:
    own: dict[str, Any] = {
        "StringEquals": {
            "sagemaker:CurrentCustomerMetadataProperties/trained_by": "${aws:PrincipalTag/user}"
        }
    }
    to_approved: dict[str, Any] = {"StringEquals": {"sagemaker:ModelApprovalStatus": "Approved"}}
    account.role(
        "approver",
        allow("sagemaker:UpdateModelPackage", **to_approved),
        deny("sagemaker:UpdateModelPackage", **own),
    )
    root = account.client("sagemaker")
    root.create_model_package_group(ModelPackageGroupName="loans")
    arn = root.create_model_package(
        ModelPackageGroupName="loans", CustomerMetadataProperties={"trained_by": "alice"}
    )["ModelPackageArn"]
    alice = account.client("sagemaker", account.sign_in("approver", "alice"))
    bob = account.client("sagemaker", account.sign_in("approver", "bob"))
    approve = {"ModelPackageArn": arn, "ModelApprovalStatus": "Approved"}
    assert "explicit deny" in refused(alice.update_model_package, **approve)
    rejected = {**approve, "ModelApprovalStatus": "Rejected"}
    assert "no identity-based policy" in refused(bob.update_model_package, **rejected)
    assert bob.update_model_package(**approve)["ModelPackageArn"] == arn


def test_anonymous_requests_are_refused(account: Any) -> None:
    from botocore import UNSIGNED
    from botocore.config import Config

    bucket = f"p-{account.id}"
    account.client("s3").create_bucket(Bucket=bucket)
    import boto3

    anonymous = boto3.client(
        "s3",
        endpoint_url=account.url,
        region_name="us-east-1",
        config=Config(signature_version=UNSIGNED),
    )
    refused(anonymous.list_objects_v2, Bucket=bucket)


def test_a_subscription_hands_its_role_to_cloudwatch_logs(account: Any) -> None:
    service = {"StringEquals": {"iam:PassedToService": "firehose.amazonaws.com"}}
    account.role("plumber", allow("logs:*"), allow("iam:PassRole", **service))
    role = account.role("writer", service="logs.amazonaws.com")
    logs = account.client("logs", account.sign_in("plumber", "alice"))
    arn = f"arn:aws:firehose:us-east-1:{account.id}:deliverystream/capture"
    said = refused(
        logs.put_subscription_filter,
        logGroupName="g",
        filterName="f",
        filterPattern="",
        destinationArn=arn,
        roleArn=role,
    )
    assert "iam:PassRole" in said


def test_a_delivery_stream_is_told_from_its_neighbour(account: Any) -> None:
    arn = f"arn:aws:firehose:us-east-1:{account.id}:deliverystream/loans-dev-*"
    account.role("reader", allow("firehose:DescribeDeliveryStream", on=arn))
    client = account.client("firehose", account.sign_in("reader", "alice"))
    said = refused(client.describe_delivery_stream, DeliveryStreamName="taxes-dev-capture")
    assert "deliverystream/taxes-dev-capture" in said
