"""One resource's life as the engine asks for it: check, diff, create, read, update, delete."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pulumi.runtime import rpc

from sandbox.provider.access import Access
from sandbox.provider.crud import Accesses, explained
from sandbox.provider.errors import ProviderError, RefusedError, UnknownValueError
from sandbox.provider.handlers import handler_of
from sandbox.provider.handlers.base import Facts, Handler, is_absent
from sandbox.provider.identity import ProviderConfig, Seed
from sandbox.provider.plugin.diff import Difference, differences
from sandbox.provider.plugin.wire import is_unknown

Values = Mapping[str, Any]

# Kept beside the properties, as the providers bridged from Terraform do: what only AWS knows ...
META = "__meta"
# ... and which inputs the program did not state.
DEFAULTS = "__defaults"


@dataclass(frozen=True)
class State:
    """A resource as the engine stores it."""

    id: str
    outputs: dict[str, Any]
    inputs: dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What new inputs mean for a resource."""

    differences: tuple[Difference, ...]
    replacing: frozenset[str]
    delete_first: bool


class IncompleteError(ProviderError):
    """The resource exists, but something that belongs to its creation failed."""

    def __init__(self, state: State, reason: str) -> None:
        super().__init__(reason)
        self.state = state


class Lifecycle:
    """The resources of one type, by one provider's configuration."""

    def __init__(self, token: str, urn: str, config: ProviderConfig, accesses: Accesses) -> None:
        self._handler: Handler = handler_of(token, urn)
        self._urn = urn
        self._config = config
        self._accesses = accesses

    def check(self, news: Values, olds: Values, random_seed: bytes) -> dict[str, Any]:
        """The inputs with names and tags filled in; an unknown value stays unknown."""
        handler, seed = self._handler, Seed(self._urn, random_seed.hex())
        named = handler.named_by
        old = olds if named and named in olds.get(DEFAULTS, ()) else {}
        unknown = {name: value for name, value in news.items() if is_unknown(value)}
        if not unknown:
            inputs = handler.check(news, seed, self._config.default_tags, old)
        else:
            known = {name: value for name, value in news.items() if name != "tags"}
            tags = {} if "tags" in unknown else {"tags": news.get("tags")}
            inputs = handler.prepare({**known, **tags}, seed, self._config.default_tags, old)
            if "tags" in unknown:
                inputs = {**inputs, "tags": news["tags"], "tagsAll": rpc.UNKNOWN}
        inputs = {name: value for name, value in inputs.items() if value is not None}
        return {**inputs, DEFAULTS: [named] if named and not news.get(named) else []}

    def diff(self, old: Values, new: Values, ignored: tuple[str, ...]) -> Plan:
        """What differs, what of it AWS cannot change in place, and in which order to replace."""
        found = tuple(differences(old, new, ignored))
        fixed = self._handler.replaced_by | {"region"}
        replacing = frozenset(one.name for one in found if one.name in fixed)
        named = self._handler.named_by
        same_name = (
            named is not None
            and named not in new.get(DEFAULTS, ())
            and old.get(named) == new.get(named)
        )
        return Plan(found, replacing, bool(replacing) and (self._handler.alone or same_name))

    def preview(self, inputs: Values) -> dict[str, Any]:
        """The outputs of a resource that does not exist yet: what AWS invents is unknown."""
        plain = _plain(inputs)
        if any(is_unknown(value) for value in plain.values()):
            # What is missing from a preview is unknown to the program as well.
            return {**plain, "id": rpc.UNKNOWN}
        identity = self._here(plain).identity
        facts = self._handler.invent(plain, Seed(self._urn), identity)
        outputs = self._handler.all_outputs(plain, facts, identity)
        return {name: plain.get(name, rpc.UNKNOWN) for name in outputs}

    def create(self, inputs: Values) -> State:
        """Make it."""
        plain = self._known(inputs)
        with explained(self._urn):
            aws = self._aws(plain)
            facts = self._handler.create(aws, plain)
            state = self._state(plain, facts, inputs)
            try:
                self._handler.complete(aws, plain, facts)
            except (ClientError, BotoCoreError) as error:
                raise IncompleteError(state, f"{self._urn}: {error}") from error
            return state

    def preview_update(self, old_outputs: Values, inputs: Values) -> dict[str, Any]:
        """The outputs after a change that has not happened."""
        plain = _plain(inputs)
        if any(is_unknown(value) for value in plain.values()):
            return {**_plain(old_outputs), **plain}
        return self._state(plain, _facts(old_outputs), inputs).outputs

    def update(self, old_outputs: Values, old_inputs: Values, inputs: Values) -> State:
        """Change it in place."""
        plain, facts = self._known(inputs), _facts(old_outputs)
        with explained(self._urn):
            before = _plain(old_inputs)
            changed = self._handler.update(self._aws(plain), plain, before, facts)
            return self._state(plain, {**facts, **(changed or {})}, inputs)

    def read(self, id_: str, outputs: Values, inputs: Values) -> State | None:
        """The resource as AWS has it; None when it is gone. Without state it is an import."""
        known, facts = _plain(inputs), _facts(outputs)
        with explained(self._urn):
            if not known:
                if type(self._handler).live is Handler.live:
                    raise RefusedError(f"the sandbox cannot import {self._handler.token}")
                known, facts = self._handler.imported(id_)
            found = self._handler.read(self._aws(known), known, facts)
            if found is None:
                return None
            live = {**found.inputs, **self._tags(known, found.tags)}
            return self._state(live, found.facts, inputs)

    def delete(self, outputs: Values, inputs: Values) -> None:
        """Remove it; one that is gone already is fine."""
        plain = _plain(inputs) or self._inputs_among(outputs)
        with explained(self._urn):
            try:
                self._handler.delete(self._aws(plain), plain, _facts(outputs))
            except ClientError as error:
                if not is_absent(error):
                    raise

    def _state(self, inputs: dict[str, Any], facts: Facts, stated: Values) -> State:
        outputs = self._handler.all_outputs(inputs, facts, self._here(inputs).identity)
        kept = {**outputs, META: json.dumps(facts, sort_keys=True)}
        return State(str(outputs["id"]), kept, {**inputs, DEFAULTS: stated.get(DEFAULTS, [])})

    def _tags(self, inputs: Values, tags: Mapping[str, str] | None) -> dict[str, Any]:
        if not self._handler.tagged or tags is None:
            return {}
        own = {name: text for name, text in tags.items() if not name.startswith("aws:")}
        stated, defaults = inputs.get("tags") or {}, self._config.default_tags
        shown = {
            name: text for name, text in own.items() if name in stated or defaults.get(name) != text
        }
        return {"tagsAll": own, **({"tags": shown} if shown or "tags" in inputs else {})}

    def _inputs_among(self, outputs: Values) -> dict[str, Any]:
        wanted = self._handler.known | {"tags", "tagsAll"}
        return {name: value for name, value in outputs.items() if name in wanted}

    def _known(self, inputs: Values) -> dict[str, Any]:
        plain = _plain(inputs)
        unknown = sorted(name for name, value in plain.items() if is_unknown(value))
        if unknown:
            raise UnknownValueError(f"{', '.join(unknown)} of {self._urn} has no value")
        return plain

    def _here(self, inputs: Values) -> ProviderConfig:
        return self._config.at(inputs.get("region"))

    def _aws(self, inputs: Values) -> Access:
        return self._accesses.of(self._here(inputs))


def _plain(values: Values) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not name.startswith("__")}


def _facts(outputs: Values) -> Facts:
    facts: Facts = json.loads(outputs.get(META) or "{}")
    return facts
