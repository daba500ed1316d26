"""Accounts of their own on the shared sandbox, so that tests cannot meet."""

from __future__ import annotations

import io
import itertools
import json
import os
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sandbox.identity import login

REGION = "us-east-1"
_accounts = itertools.count(100_000_000_000 + (os.getpid() % 100_000) * 1_000_000)
_config = Config(retries={"total_max_attempts": 1}, proxies={})


@dataclass(frozen=True)
class Account:
    """One account of the sandbox, seen as its root, and the people who sign in to it."""

    url: str
    id: str
    root_folder: Path

    def client(self, name: str, session: boto3.Session | None = None) -> Any:
        maker: Any = session or boto3.Session(self.id, "sandbox", region_name=REGION)
        return maker.client(name, endpoint_url=self.url, config=_config)

    def role(self, name: str, *statements: dict[str, Any], service: str | None = None) -> str:
        """A role for a service, or for people who sign in through the SAML provider."""
        iam = self.client("iam")
        trust = self.trust(service) if service else self.saml_trust()
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"][
            "Arn"
        ]
        if statements:
            document = {"Version": "2012-10-17", "Statement": list(statements)}
            iam.put_role_policy(
                RoleName=name, PolicyName="own", PolicyDocument=json.dumps(document)
            )
        return str(arn)

    def trust(self, service: str) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Principal": {"Service": service}}
        return {
            "Version": "2012-10-17",
            "Statement": [{**statement, "Action": "sts:AssumeRole"}],
        }

    def saml_trust(self) -> dict[str, Any]:
        text = (self.root_folder / "policies/trust/saml.json").read_text()
        document: dict[str, Any] = json.loads(text.replace("${account}", self.id))
        return document

    def sign_in(self, role: str, user: str) -> boto3.Session:
        return login(self.url, self.id, role, user, REGION)

    def function(self, name: str, code: str, *statements: dict[str, Any], **settings: Any) -> str:
        """A function whose module `app` holds this code; its own logs are allowed."""
        logs = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
        role = self.role(f"{name}-role", logs, *statements, service="lambda.amazonaws.com")
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as files:
            files.writestr("app.py", code)
        created = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=role,
            Handler="app.handle",
            Code={"ZipFile": archive.getvalue()},
            **settings,
        )
        return str(created["FunctionArn"])


@pytest.fixture
def account(sandbox_url: str, root: Path) -> Account:
    """A fresh account with the SAML provider the account program registers."""
    return _opened(sandbox_url, root)


@pytest.fixture
def owner(sandbox_url: str, root: Path) -> Account:
    """Another fresh account, which holds what `account` wants."""
    return _opened(sandbox_url, root)


def _opened(url: str, root: Path) -> Account:
    made = Account(url, str(next(_accounts)), root)
    metadata = (root / "sandbox/identity_provider.xml").read_text()
    made.client("iam").create_saml_provider(SAMLMetadataDocument=metadata, Name="modelyard")
    return made


@pytest.fixture
def eventually() -> Callable[[Callable[[], Any]], Any]:
    """Waits for what happens in the background: the first true answer."""

    def wait(ask: Callable[[], Any]) -> Any:
        for _ in range(300):
            answer = ask()
            if answer:
                return answer
            time.sleep(0.1)
        raise AssertionError("it never happened")

    return wait
