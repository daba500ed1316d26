"""Policies, names and sessions that AWS refuses are refused here."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

STATEMENT = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize(
    "document",
    [
        "no json",
        "{}",
        policy(**STATEMENT),
        policy(Effect="Allow", Action="sts:AssumeRole", Principal={"Nobody": "x"}),
    ],
)
def test_a_malformed_trust_policy_is_refused(account: Any, document: str) -> None:
    with pytest.raises(ClientError, match="MalformedPolicyDocument"):
        account.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=document)


def test_a_bad_role_name_is_refused(account: Any) -> None:
    trust = json.dumps(account.trust("lambda.amazonaws.com"))
    with pytest.raises(ClientError, match="roleName is invalid"):
        account.client("iam").create_role(RoleName="bad name!", AssumeRolePolicyDocument=trust)


@pytest.mark.parametrize("document", ["{", policy(Effect="Perhaps", Action="s3:*", Resource="*")])
def test_a_malformed_inline_policy_is_refused(account: Any, document: str) -> None:
    account.role("r")
    with pytest.raises(ClientError, match="MalformedPolicyDocument"):
        account.client("iam").put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document)


def test_an_oversized_inline_policy_is_refused(account: Any) -> None:
    account.role("r")
    document = policy(
        **{**STATEMENT, "Resource": [f"arn:aws:s3:::{'b' * 60}{n}" for n in range(200)]}
    )
    with pytest.raises(ClientError, match="10240"):
        account.client("iam").put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document)


def test_a_malformed_bucket_policy_is_refused(account: Any) -> None:
    s3, bucket = account.client("s3"), f"b-{account.id}"
    s3.create_bucket(Bucket=bucket)
    with pytest.raises(ClientError, match="MalformedPolicy"):
        s3.put_bucket_policy(Bucket=bucket, Policy='{"Statement": "none"}')


def token(**claims: Any) -> str:
    parts = ({"alg": "none"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    return ".".join([*encoded, ""])


def ci_role(account: Any) -> str:
    iam, issuer = account.client("iam"), "token.actions.githubusercontent.com"
    provider = iam.create_open_id_connect_provider(
        Url=f"https://{issuer}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["0" * 40]
    )["OpenIDConnectProviderArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                f"{issuer}:aud": "sts.amazonaws.com",
                f"{issuer}:sub": "repo:org/loans:environment:dev",
            }
        },
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    made = iam.create_role(RoleName="ci", AssumeRolePolicyDocument=json.dumps(document))
    return str(made["Role"]["Arn"])


@pytest.mark.parametrize(
    ("subject", "allowed"),
    [("repo:org/loans:environment:dev", True), ("repo:org/loans:ref:refs/heads/x", False)],
)
def test_ci_is_judged_by_its_tokens_claims(account: Any, subject: str, allowed: bool) -> None:
    role, sts = ci_role(account), account.client("sts")
    claims = {"iss": "https://token.actions.githubusercontent.com", "aud": "sts.amazonaws.com"}
    request = {
        "RoleArn": role,
        "RoleSessionName": "run",
        "WebIdentityToken": token(**claims, sub=subject),
    }
    if allowed:
        answer = sts.assume_role_with_web_identity(**request)
        assert answer["SubjectFromWebIdentityToken"] == subject
    else:
        with pytest.raises(ClientError, match="AccessDenied"):
            sts.assume_role_with_web_identity(**request)


def test_a_role_is_assumed_only_by_whom_it_trusts(account: Any) -> None:
    may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    person = account.role("person", may)
    trust = {"Effect": "Allow", "Principal": {"AWS": person}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam = account.client("iam")
    target = iam.create_role(RoleName="target", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    stranger = account.role("stranger", service="lambda.amazonaws.com")
    sts = account.client("sts", account.sign_in("person", "alice"))
    answer = sts.assume_role(RoleArn=target, RoleSessionName="alice")
    assert answer["SourceIdentity"] == "alice"
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=stranger, RoleSessionName="alice")
