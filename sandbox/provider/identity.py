"""Whose account and region a provider works in, and the deterministic ids resources get there."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.provider.errors import ProviderError

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True)
class Identity:
    """The account and region in which resources live."""

    account: str = DEFAULT_ACCOUNT
    region: str = DEFAULT_REGION
    partition: str = "aws"

    def arn(self, service: str, resource: str) -> str:
        """ARN of a regional resource."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """ARN of a resource that belongs to no region, such as an IAM role."""
        return f"arn:{self.partition}:{service}::{self.account}:{resource}"


@dataclass(frozen=True)
class ProviderConfig:
    """The arguments of one `aws.Provider` that decide whom it acts as."""

    region: str = DEFAULT_REGION
    allowed_accounts: tuple[str, ...] = ()
    assume_roles: tuple[Mapping[str, Any], ...] = ()
    default_tags: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def read(inputs: Mapping[str, Any]) -> ProviderConfig:
        """From the provider's inputs, whose values are JSON texts on the wire."""
        values = {key: _decoded(value) for key, value in inputs.items()}
        roles = values.get("assumeRoles") or []
        if isinstance(roles, Mapping):
            roles = [roles]
        snake_case = [key for role in roles for key in role if "_" in key]
        if snake_case:
            raise ProviderError(
                f"provider argument assumeRoles holds '{snake_case[0]}'; "
                "use aws.ProviderAssumeRoleArgs, plain dictionaries are not translated there"
            )
        return ProviderConfig(
            region=str(values.get("region") or DEFAULT_REGION),
            allowed_accounts=tuple(str(one) for one in values.get("allowedAccountIds") or ()),
            assume_roles=tuple(roles),
            default_tags=dict((values.get("defaultTags") or {}).get("tags") or {}),
        )

    @staticmethod
    def load(stored: Mapping[str, Any]) -> ProviderConfig:
        """From what `stored` gave."""
        return ProviderConfig(
            stored["region"],
            tuple(stored["allowed_accounts"]),
            tuple(stored["assume_roles"]),
            stored["default_tags"],
        )

    @property
    def stored(self) -> dict[str, Any]:
        """As JSON, for whoever must act as this provider when the program no longer names it."""
        return {
            "region": self.region,
            "allowed_accounts": list(self.allowed_accounts),
            "assume_roles": [dict(role) for role in self.assume_roles],
            "default_tags": dict(self.default_tags),
        }

    def at(self, region: str | None) -> ProviderConfig:
        """The same in the region that a resource names for itself, if it does."""
        return replace(self, region=region) if region else self

    @property
    def account(self) -> str:
        """The account these arguments lead to, as far as they tell."""
        if self.assume_roles:
            return str(self.assume_roles[-1]["roleArn"]).split(":")[4]
        return self.allowed_accounts[0] if self.allowed_accounts else DEFAULT_ACCOUNT

    @property
    def identity(self) -> Identity:
        """Where resources of this provider live."""
        if self.allowed_accounts and self.account not in self.allowed_accounts:
            raise ProviderError(
                f"the provider acts in account {self.account}, "
                f"which is not among its allowedAccountIds {', '.join(self.allowed_accounts)}"
            )
        return Identity(self.account, self.region)


@dataclass(frozen=True)
class Seed:
    """The source of a resource's invented ids: its URN, so that they are the same every time."""

    urn: str
    # The engine's own randomness for one creation, where there is an engine.
    salt: str = ""

    def hex(self, length: int, what: str = "id") -> str:
        """`length` hexadecimal digits."""
        source = f"{self.urn}|{what}{self.salt}"
        return hashlib.sha256(source.encode()).hexdigest()[:length]

    def base32(self, length: int, what: str = "id") -> str:
        """`length` capital letters and digits, as in IAM's unique ids."""
        digest = hashlib.sha512(f"{self.urn}|{what}".encode()).digest()
        return "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte % 32] for byte in digest)[:length]

    def uuid(self, what: str = "id") -> str:
        """An id shaped as a key's."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.urn}|{what}"))

    @property
    def name(self) -> str:
        """The resource's own name."""
        return self.urn.split("::")[-1]

    def suffixed(self, prefix: str) -> str:
        """`prefix` with seven digits, as pulumi-aws names what has no name."""
        return f"{prefix}{self.hex(7, 'name')}"


def _decoded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
