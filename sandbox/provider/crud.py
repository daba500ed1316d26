"""Handlers at work on the sandbox's AWS: create or adopt, change or make again, delete."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.provider.access import Access
from sandbox.provider.errors import ProviderError, RefusedError
from sandbox.provider.handlers import handler_of
from sandbox.provider.handlers.base import Facts, Handler, is_absent, is_present
from sandbox.provider.identity import ProviderConfig
from sandbox.provider.state import Record

Inputs = Mapping[str, Any]
# Told the facts of a new resource as soon as it exists, before it is complete.
Begun = Callable[[Facts], None]


class Accesses:
    """Clients by provider configuration, shared by the programs of one apply."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url
        self._known: dict[str, Access] = {}
        self._lock = threading.Lock()

    def of(self, config: ProviderConfig) -> Access:
        """Clients that act as `config` says."""
        key = repr((config.region, config.allowed_accounts, config.assume_roles))
        with self._lock:
            if key not in self._known:
                self._known[key] = Access(self._endpoint_url, config)
            return self._known[key]


class Crud:
    """What can be done to one resource."""

    def __init__(self, accesses: Accesses) -> None:
        self._accesses = accesses

    def reach(self, config: ProviderConfig) -> None:
        """Become whom a provider names: a role that is closed to us stops even an idle apply."""
        self._accesses.of(config)

    def create(
        self, handler: Handler, inputs: Inputs, config: ProviderConfig, begun: Begun
    ) -> Facts:
        """Make the resource; one that a broken-off apply left behind is taken over."""
        aws = self._accesses.of(config)
        try:
            facts = handler.create(aws, inputs)
        except ClientError as error:
            if not is_present(error):
                raise
            facts = _own(handler, aws, inputs, error)
            begun(facts)
            return {**facts, **(handler.update(aws, inputs, {}, facts) or {})}
        begun(facts)
        handler.complete(aws, inputs, facts)
        return facts

    def update(
        self,
        handler: Handler,
        inputs: Inputs,
        config: ProviderConfig,
        old: Record,
        begun: Begun,
    ) -> Facts:
        """Change the resource in place; one that somebody removed by hand is made again."""
        before = old.inputs if old.complete else {}
        try:
            changed = handler.update(self._accesses.of(config), inputs, before, old.facts)
        except ClientError as error:
            if not is_absent(error):
                raise
            return self.create(handler, inputs, config, begun)
        return {**old.facts, **(changed or {})}

    def delete(self, record: Record) -> None:
        """Remove the resource; one that is gone already is fine."""
        with explained(record.urn):
            handler = handler_of(record.type, record.urn)
            try:
                handler.delete(self._accesses.of(record.provider), record.inputs, record.facts)
            except ClientError as error:
                if not is_absent(error):
                    raise


def _own(handler: Handler, aws: Access, inputs: Inputs, error: ClientError) -> Facts:
    """The facts of an existing resource, provided that its tags say it is this stack's."""
    found = handler.find(aws, inputs)
    if found is None:
        raise error
    facts, tags = found
    for key, value in inputs.get("tagsAll", {}).items():
        if tags.get(key) != value:
            raise RefusedError(
                f"it exists already and is not this stack's: its tag {key} is "
                f"{tags.get(key, 'absent')}, not {value}; remove it or choose another name"
            )
    return facts


@contextmanager
def explained(urn: str) -> Iterator[None]:
    """What AWS or a handler refuses, as one line that names the resource."""
    try:
        yield
    except RefusedError as error:
        raise RefusedError(f"{urn}: {error}") from error
    except (ClientError, BotoCoreError) as error:
        raise ProviderError(f"{urn}: {error}") from error
