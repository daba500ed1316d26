"""boto3 clients against the sandbox itself, acting as a role or as an account's root."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.config import Config

from sandbox.sessions import RoleSession, Sessions
from sandbox.trust import role_by_arn, service_may_assume

# The server answers from memory: what takes longer is a fault, and a fault is final.
CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 2},
    connect_timeout=5,
    read_timeout=120,
    max_pool_connections=32,
    proxies={},
    s3={"addressing_style": "path"},
    parameter_validation=True,
)
RENEW_BEFORE = timedelta(minutes=5)


class Clients:
    """Makes and keeps clients; botocore's models are loaded once for all of them."""

    def __init__(self, endpoint_url: str, sessions: Sessions) -> None:
        self._endpoint_url = endpoint_url
        self._sessions = sessions
        self._lock = threading.RLock()
        self._maker: Any = boto3.Session(region_name="us-east-1")
        self._roles: dict[tuple[str, ...], RoleSession] = {}
        self._made: dict[tuple[str, ...], Any] = {}

    def session(self, role_arn: str, name: str, service: str, region: str) -> boto3.Session:
        credentials = self._begin(role_arn, name, service)
        return boto3.Session(
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.token,
            region_name=region,
        )

    def credentials(self, role_arn: str, name: str, service: str) -> RoleSession:
        """A session of the role for a service, kept until shortly before it expires."""
        key = (role_arn, name, service)
        with self._lock:
            kept = self._roles.get(key)
            if kept is None or kept.expires - RENEW_BEFORE < datetime.now(UTC):
                kept = self._roles[key] = self._begin(role_arn, name, service)
            return kept

    def client(self, name: str, role_arn: str, session_name: str, service: str, region: str) -> Any:
        held = self.credentials(role_arn, session_name, service)
        return self._client(name, region, held.access_key, held.secret_key, held.token)

    def root(self, account: str, region: str, name: str) -> Any:
        return self._client(name, region, account, "sandbox", None)

    def _client(self, name: str, region: str, key: str, secret: str, token: str | None) -> Any:
        wanted = (name, region, key)
        with self._lock:
            if wanted not in self._made:
                self._made[wanted] = self._maker.client(
                    name,
                    region_name=region,
                    endpoint_url=self._endpoint_url,
                    aws_access_key_id=key,
                    aws_secret_access_key=secret,
                    aws_session_token=token,
                    config=CONFIG,
                )
            return self._made[wanted]

    def _begin(self, role_arn: str, name: str, service: str) -> RoleSession:
        role, account = role_by_arn(role_arn)
        service_may_assume(role, account, service)
        # A function's own code calls AWS itself; other services call in their customer's name.
        caller = None if service == "lambda.amazonaws.com" else service
        return self._sessions.begin(role, name, account=account, invoked_by=caller)
