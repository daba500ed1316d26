"""Who is behind an access key: an account's root, a user, or a session of a role."""

from __future__ import annotations

import re
import secrets
import string
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.iam.models import iam_backends

DEFAULT_ACCOUNT = "123456789012"
KEY_ALPHABET = string.ascii_uppercase + "234567"


@dataclass(frozen=True)
class RoleSession:
    """Temporary credentials of a role and what the session was given when it began."""

    account: str
    role_name: str
    role_arn: str
    role_id: str
    name: str
    access_key: str
    secret_key: str
    token: str
    issued: datetime
    expires: datetime
    tags: Mapping[str, str] = field(default_factory=dict)
    source_identity: str | None = None
    policies: tuple[str, ...] = ()
    invoked_by: str | None = None
    federated: str | None = None

    @property
    def arn(self) -> str:
        return f"arn:aws:sts::{self.account}:assumed-role/{self.role_name}/{self.name}"

    @property
    def id(self) -> str:
        return f"{self.role_id}:{self.name}"


@dataclass(frozen=True)
class Principal:
    """The identity a request is judged and recorded as."""

    kind: str  # Root, IAMUser, AssumedRole or Anonymous
    account: str
    arn: str
    access_key: str
    session: RoleSession | None = None
    user_name: str | None = None
    user_id: str | None = None

    @property
    def identity_arn(self) -> str:
        """The ARN the caller sees as its own (GetCallerIdentity)."""
        return self.session.arn if self.session else self.arn

    @property
    def id(self) -> str:
        if self.session:
            return self.session.id
        return self.user_id or self.account


class Sessions:
    """All role sessions of the sandbox, by access key."""

    def __init__(self) -> None:
        self._by_key: dict[str, RoleSession] = {}
        self._lock = threading.Lock()

    def begin(
        self,
        role: Any,
        name: str,
        *,
        account: str,
        seconds: int = 3600,
        tags: Mapping[str, str] | None = None,
        source_identity: str | None = None,
        policies: Sequence[str] = (),
        invoked_by: str | None = None,
        federated: str | None = None,
    ) -> RoleSession:
        """Start a session of a role; that it may be assumed was judged before."""
        now = datetime.now(UTC).replace(microsecond=0)
        session = RoleSession(
            account=account,
            role_name=role.name,
            role_arn=role.arn,
            role_id=role.id,
            name=name,
            access_key="ASIA" + _random(KEY_ALPHABET, 16),
            secret_key=_random(string.ascii_letters + string.digits, 40),
            token=_random(string.ascii_letters + string.digits, 180),
            issued=now,
            expires=now + timedelta(seconds=seconds),
            tags=dict(tags or {}),
            source_identity=source_identity,
            policies=tuple(policies),
            invoked_by=invoked_by,
            federated=federated,
        )
        with self._lock:
            self._by_key[session.access_key] = session
        return session

    def find(self, access_key: str) -> RoleSession | None:
        return self._by_key.get(access_key)

    def principal(self, access_key: str | None) -> Principal:
        """The identity behind an access key; an unknown key is root of the default account."""
        if access_key is None:
            return Principal("Anonymous", DEFAULT_ACCOUNT, "*", "")
        session = self._by_key.get(access_key)
        if session:
            return Principal("AssumedRole", session.account, session.role_arn, access_key, session)
        if re.fullmatch(r"\d{12}", access_key):
            return root(access_key, access_key)
        return _user(access_key) or root(DEFAULT_ACCOUNT, access_key)


def root(account: str, access_key: str = "") -> Principal:
    """The root of an account, which may do everything in it."""
    return Principal("Root", account, f"arn:aws:iam::{account}:root", access_key)


def _user(access_key: str) -> Principal | None:
    for account, partitions in list(iam_backends.items()):
        key = partitions["aws"].access_keys.get(access_key) if "aws" in partitions else None
        if key is None or not key.user_name:
            continue
        user = partitions["aws"].users.get(key.user_name)
        if user:
            return Principal(
                "IAMUser", account, user.arn, access_key, user_name=user.name, user_id=user.id
            )
    return None


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))
