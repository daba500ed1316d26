"""Accounts of their own on the shared sandbox, so that tests cannot meet."""

from __future__ import annotations

import functools
import io
import itertools
import json
import os
import time
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sandbox.identity import login

REGION = "us-east-1"
_accounts = itertools.count(100_000_000_000 + (os.getpid() % 100_000) * 1_000_000)
_config = Config(retries={"total_max_attempts": 1}, proxies={})


# One session for all accounts: it reads each service's model once.
_session: Any = boto3.Session(region_name=REGION)


@functools.cache
def _root_client(url: str, account: str, name: str) -> Any:
    return _session.client(
        name,
        endpoint_url=url,
        config=_config,
        aws_access_key_id=account,
        aws_secret_access_key="sandbox",
    )


@dataclass(frozen=True)
class Account:
    """One account of the sandbox, seen as its root, and the people who sign in to it."""

    url: str
    id: str
    root_folder: Path

    def client(self, name: str, session: boto3.Session | None = None) -> Any:
        if session is None:
            return _root_client(self.url, self.id, name)
        maker: Any = session
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
        # What a person starts in SageMaker carries that person's source identity.
        named = ["sts:SetSourceIdentity"] if service.startswith("sagemaker.") else []
        return {
            "Version": "2012-10-17",
            "Statement": [{**statement, "Action": ["sts:AssumeRole", *named]}],
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


@dataclass(frozen=True)
class Still(Account):
    """An account of a sandbox whose clock stands until it is told to move."""

    def now(self) -> datetime:
        return datetime.fromisoformat(str(self._ask("clock")["now"]))

    def advance(self, seconds: float) -> None:
        """Everything due on the way has happened when this returns."""
        self._ask("clock", {"advance": seconds})

    def to_the_minute(self) -> None:
        """Begin at the start of a minute, so that periods are where a test expects them."""
        now = self.now()
        self.advance(60 - (now.second + now.microsecond / 1e6))

    def inbox(self) -> list[dict[str, Any]]:
        """What this account's topics sent to people."""
        messages = self._ask("inbox")["messages"]
        return [message for message in messages if f":{self.id}:" in message["topic"]]

    def _ask(self, path: str, body: Any = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"{self.url}/_modelyard/{path}", data) as answer:
            document: dict[str, Any] = json.load(answer)
        return document


@pytest.fixture
def still(standing_url: str, root: Path) -> Still:
    """A fresh account on the sandbox whose clock only tests move."""
    made = _opened(standing_url, root)
    return Still(made.url, made.id, made.root_folder)


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
