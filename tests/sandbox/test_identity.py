"""Signing in by SAML, and what a session carries."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.identity import LoginError, assertion

ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
IF_TAGGED_ALICE = {
    **ANYTHING,
    "Condition": {"StringEquals": {"aws:PrincipalTag/user": "alice"}},
}


def test_a_person_acts_under_their_own_name(account: Any) -> None:
    account.role("scientist", ANYTHING)
    alice = account.client("sts", account.sign_in("scientist", "alice"))
    arn = f"arn:aws:sts::{account.id}:assumed-role/scientist/alice"
    assert alice.get_caller_identity()["Arn"] == arn


def test_the_user_tag_is_the_normalised_person(account: Any) -> None:
    account.role("scientist", IF_TAGGED_ALICE)
    assert account.client("s3", account.sign_in("scientist", " Alice ")).list_buckets()
    with pytest.raises(ClientError, match="AccessDenied"):
        account.client("s3", account.sign_in("scientist", "bob")).list_buckets()


def test_an_unknown_role_is_named_with_the_fix(account: Any) -> None:
    with pytest.raises(LoginError, match=r"alice cannot sign in as nobody.*applied"):
        account.sign_in("nobody", "alice")


def test_a_role_that_trusts_a_service_only_is_not_for_people(account: Any) -> None:
    account.role("machine", ANYTHING, service="lambda.amazonaws.com")
    with pytest.raises(LoginError, match="AssumeRoleWithSAML"):
        account.sign_in("machine", "alice")


def test_a_session_name_that_is_not_the_users_is_refused(account: Any) -> None:
    role = account.role("scientist", ANYTHING)
    provider = f"arn:aws:iam::{account.id}:saml-provider/modelyard"
    import base64

    forged = base64.b64decode(assertion(role, provider, "alice")).decode()
    forged = forged.replace(
        'RoleSessionName"><saml:AttributeValue>alice', 'RoleSessionName"><saml:AttributeValue>bob'
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        account.client("sts").assume_role_with_saml(
            RoleArn=role,
            PrincipalArn=provider,
            SAMLAssertion=base64.b64encode(forged.encode()).decode(),
        )


def test_login_without_an_endpoint_says_how_to_start_one(root: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    command = [sys.executable, "-m", "sandbox", "login", "--env", "dev"]
    ended = subprocess.run(
        [*command, "--persona", "data-scientist", "--user", "alice"],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2
    assert "AWS_ENDPOINT_URL is not set" in ended.stderr
    assert "Traceback" not in ended.stderr
