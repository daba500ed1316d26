"""Clients for one provider's account and region, against a loopback endpoint only."""

from __future__ import annotations

import ipaddress
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from sandbox.provider.errors import ProviderError
from sandbox.provider.identity import Identity, ProviderConfig

# One botocore session: its loader parses each service model once for all accounts and regions.
_BOTOCORE = botocore.session.Session()
_LOCK = threading.Lock()
_CONFIG = Config(
    max_pool_connections=16,
    connect_timeout=5,
    read_timeout=60,
    retries={"total_max_attempts": 2, "mode": "standard"},
    s3={"addressing_style": "path"},
)
Credentials = tuple[str, str, str | None]
_FIX = (
    "start one with 'python -m sandbox serve --port 5000' and set AWS_ENDPOINT_URL to its address"
)


def loopback(endpoint_url: str | None) -> str:
    """`endpoint_url` when it is an address on this machine; anything else is refused."""
    if not endpoint_url:
        raise ProviderError(f"AWS_ENDPOINT_URL is not set, so there is no sandbox to use; {_FIX}")
    host = urlsplit(endpoint_url).hostname or ""
    if host != "localhost" and not _is_loopback_address(host):
        raise ProviderError(
            f"AWS_ENDPOINT_URL {endpoint_url} is not on this machine; "
            f"the sandbox never touches another AWS; {_FIX}"
        )
    return endpoint_url.rstrip("/")


@contextmanager
def answering(endpoint_url: str) -> Iterator[None]:
    """A sandbox that stops answering meanwhile is one line, not a traceback."""
    try:
        yield
    except BotoCoreError as error:
        raise ProviderError(f"the sandbox at {endpoint_url} stopped answering: {error}") from error


class Access:
    """AWS clients that act as a provider's identity."""

    def __init__(self, endpoint_url: str, config: ProviderConfig) -> None:
        self.identity: Identity = config.identity
        self._endpoint_url = endpoint_url
        self._config = config
        self._clients: dict[str, Any] = {}
        self._credentials = self._verified_credentials()

    def client(self, service: str) -> Any:
        """The client of `service`, made once."""
        with _LOCK:
            if service not in self._clients:
                self._clients[service] = self._make(service, self._credentials)
            return self._clients[service]

    def _verified_credentials(self) -> Credentials:
        # In the sandbox a 12-digit access key id is the root of that account.
        credentials: Credentials = (self._config.account, "sandbox", None)
        if self._config.assume_roles:
            # As on AWS, whoever runs the program has to be trusted by the role.
            credentials = _ambient() or credentials
        try:
            for role in self._config.assume_roles:
                credentials = self._assumed(role, credentials)
            caller = self._make("sts", credentials).get_caller_identity()["Account"]
        except EndpointConnectionError as error:
            raise ProviderError(f"no sandbox answers at {self._endpoint_url}; {_FIX}") from error
        allowed = self._config.allowed_accounts
        if allowed and caller not in allowed:
            raise ProviderError(
                f"the provider acts in account {caller}, "
                f"which is not among its allowedAccountIds {', '.join(allowed)}"
            )
        return credentials

    def _assumed(self, role: Any, credentials: Credentials) -> Credentials:
        request = {
            "RoleArn": role["roleArn"],
            "RoleSessionName": role.get("sessionName") or "modelyard-apply",
        }
        if role.get("externalId"):
            request["ExternalId"] = role["externalId"]
        try:
            answer = self._make("sts", credentials).assume_role(**request)["Credentials"]
        except ClientError as error:
            raise ProviderError(f"cannot assume {role['roleArn']}: {error}") from error
        return answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"]

    def _make(self, service: str, credentials: Credentials) -> Any:
        key, secret, token = credentials
        client = _BOTOCORE.create_client(
            service,
            region_name=self.identity.region,
            endpoint_url=self._endpoint_url,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=_CONFIG,
        )
        client.meta.events.register("before-send.s3-control", _without_account)
        return client


def _without_account(request: Any, **_: Any) -> None:
    """S3 Control puts the account before the host's name, which loopback does not know."""
    request.url = re.sub(r"//\d{12}\.", "//", request.url, count=1)


def _ambient() -> Credentials | None:
    """The credentials in this process's environment, if there are any."""
    key, secret = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    return (key, secret, os.environ.get("AWS_SESSION_TOKEN")) if key and secret else None


def _is_loopback_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
