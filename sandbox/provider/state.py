"""What a stack has created so far, kept as JSON in a bucket of the sandbox."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from sandbox.provider.access import Access
from sandbox.provider.errors import StackMissingError
from sandbox.provider.identity import DEFAULT_REGION, ProviderConfig
from sandbox.provider.lock import locked
from sandbox.provider.realiser import StackOutputs


@dataclass(frozen=True)
class Record:
    """One resource as it exists; secrets only as fingerprints."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    dependencies: list[str]
    protect: bool
    retain: bool
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    facts: dict[str, Any]
    config: dict[str, Any]
    # False between a creation's first call and its last.
    complete: bool = True

    @property
    def provider(self) -> ProviderConfig:
        """Whom to act as when changing it."""
        return ProviderConfig.load(self.config)


@dataclass
class StackState:
    """One stack's resources and exports."""

    project: str
    stack: str
    account: str
    fingerprint_key: str = field(default_factory=lambda: secrets.token_hex(16))
    # Accounts whose registries this stack serves: every project that applied it added its own.
    registries: list[str] = field(default_factory=list)
    resources: dict[str, Record] = field(default_factory=dict)
    # Replaced resources whose deletion is still owed.
    leftovers: list[Record] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    secret_outputs: list[str] = field(default_factory=list)

    def as_json(self) -> str:
        """The state as it is stored."""
        content = asdict(self)
        content["resources"] = [asdict(self.resources[urn]) for urn in sorted(self.resources)]
        return json.dumps(content, sort_keys=True)

    @staticmethod
    def from_json(text: str) -> StackState:
        """The state as it was stored."""
        content = json.loads(text)
        records = [Record(**one) for one in content.pop("resources")]
        leftovers = [Record(**one) for one in content.pop("leftovers")]
        return StackState(
            **content, resources={one.urn: one for one in records}, leftovers=leftovers
        )


# No account of anybody's: it only says in which account a stack is.
_INDEX = "000000000000"


class StateStore:
    """The state buckets of a sandbox, one per account."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url
        self._clients: dict[str, Any] = {}
        self._made: set[str] = set()
        self._remembered: set[str] = set()

    def load(self, project: str, stack: str, account: str) -> StackState:
        """The stack's state; an empty one before its first apply."""
        found = self.find(project, stack, account)
        return found or StackState(project, stack, account)

    def find(self, project: str, stack: str, account: str) -> StackState | None:
        """The stack's state, if it has one."""
        try:
            answer = self._client(account).get_object(
                Bucket=_bucket(account), Key=_key(project, stack)
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchBucket", "NoSuchKey"):
                return None
            raise
        return StackState.from_json(answer["Body"].read().decode())

    def locked(self, project: str, stack: str, account: str) -> AbstractContextManager[None]:
        """Nobody else changes the stack meanwhile; refused while somebody does."""
        return locked(self._endpoint_url, account, project, stack)

    def save(self, state: StackState) -> None:
        """Keep it; earlier versions stay in the bucket."""
        client = self._client(state.account)
        self._make_bucket(client, state.account)
        client.put_object(
            Bucket=_bucket(state.account),
            Key=_key(state.project, state.stack),
            Body=state.as_json().encode(),
            ContentType="application/json",
        )
        if state.outputs:
            self._remember(state)

    def _remember(self, state: StackState) -> None:
        """Where a stack with exports lives: other projects know its name, not its account."""
        key = _key(state.project, state.stack)
        if key not in self._remembered:
            client = self._client(_INDEX)
            self._make_bucket(client, _INDEX)
            client.put_object(Bucket=_bucket(_INDEX), Key=key, Body=state.account.encode())
            self._remembered.add(key)

    def _elsewhere(self, project: str, stack: str) -> list[str]:
        try:
            answer = self._client(_INDEX).get_object(
                Bucket=_bucket(_INDEX), Key=_key(project, stack)
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchBucket", "NoSuchKey"):
                return []
            raise
        return [answer["Body"].read().decode()]

    def forget(self, state: StackState) -> None:
        """Remove the state of a stack that no longer has resources."""
        self._client(state.account).delete_object(
            Bucket=_bucket(state.account), Key=_key(state.project, state.stack)
        )

    def exports(self, project: str, stack: str, accounts: Iterable[str]) -> StackOutputs:
        """What a stack exports: looked for in `accounts`, then where it was last applied."""
        named = stack.partition(".")[0]
        candidates = [named] if named.isdigit() and len(named) == 12 else list(accounts)
        for account in (*candidates, *self._elsewhere(project, stack)):
            state = self.find(project, stack, account)
            if state is not None:
                hidden = set(state.secret_outputs)
                shown = {key: value for key, value in state.outputs.items() if key not in hidden}
                return StackOutputs(shown)
        raise StackMissingError(project, stack)

    def _make_bucket(self, client: Any, account: str) -> None:
        if account in self._made:
            return
        bucket = _bucket(account)
        client.create_bucket(Bucket=bucket)
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        self._made.add(account)

    def _client(self, account: str) -> Any:
        if account not in self._clients:
            config = ProviderConfig(DEFAULT_REGION, (account,))
            self._clients[account] = Access(self._endpoint_url, config).client("s3")
        return self._clients[account]


def reverse_dependency_order(records: Mapping[str, Record]) -> list[Record]:
    """Every resource before those it depends on."""
    ordered: list[Record] = []
    visited: set[str] = set()

    def visit(record: Record) -> None:
        if record.urn in visited:
            return
        visited.add(record.urn)
        for urn in (*record.dependencies, record.parent):
            if urn in records:
                visit(records[urn])
        ordered.append(record)

    for urn in sorted(records):
        visit(records[urn])
    return ordered[::-1]


def _bucket(account: str) -> str:
    return f"modelyard-state-{account}"


def _key(project: str, stack: str) -> str:
    return f"{project}/{stack}.json"
