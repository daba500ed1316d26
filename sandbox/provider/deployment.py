"""Resources on the sandbox's AWS: each created, changed, replaced or left as the program wants."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sandbox.provider.change import change, refuse_protected, refuse_second, without_ignored
from sandbox.provider.crud import Crud, explained
from sandbox.provider.errors import ProtectedResourceError
from sandbox.provider.handlers import handler_of
from sandbox.provider.handlers.base import Facts, Handler, PutHandler
from sandbox.provider.identity import ProviderConfig, Seed
from sandbox.provider.realiser import Desired, Realised, StackOutputs
from sandbox.provider.state import Record, StackState, StateStore, reverse_dependency_order
from sandbox.provider.values import fingerprinted, redacted

# A killed apply forgets at most what it did in this many seconds.
CHECKPOINT = 2.0
Note = Callable[[str, str], None]


class Deployment:
    """Brings one stack's resources to what its program says."""

    def __init__(
        self,
        state: StackState,
        store: StateStore,
        crud: Crud,
        accounts: tuple[str, ...],
        note: Note,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._state = state
        self._store = store
        self._crud = crud
        self._accounts = accounts
        self._note = note
        self._seen: set[str] = set()
        self._lock = threading.Lock()
        self._saved = time.monotonic()

    def realise(self, desired: Desired, config: ProviderConfig) -> Realised:
        """Bring one resource to what the program says."""
        with explained(desired.urn):
            self._crud.reach(config)
            handler = handler_of(desired.type, desired.urn)
            config = config.at(desired.properties.values.get("region"))
            old = self._adopt_alias(desired)
            before = old.inputs if old else {}
            wanted = without_ignored(desired, desired.properties.values, old)
            inputs = handler.check(wanted, Seed(desired.urn), config.default_tags, before)
            facts = self._bring(handler, desired, inputs, config, old)
            outputs = handler.all_outputs(inputs, facts, config.identity)
            secrets = desired.properties.secrets | desired.secret_outputs
            self._record(self._entry(desired, inputs, facts, config, outputs))
            return Realised(str(outputs["id"]), inputs, outputs, secrets)

    def keep(self, desired: Desired, realised: Realised) -> None:
        """Components and providers exist in the state only."""
        hidden = desired.properties.secrets
        record = Record(
            urn=desired.urn,
            type=desired.type,
            name=desired.name,
            parent=desired.parent,
            custom=False,
            dependencies=list(desired.dependencies),
            protect=False,
            retain=False,
            inputs=redacted(realised.inputs, hidden),
            outputs=redacted(realised.outputs, hidden),
            facts={},
            config={},
        )
        with self._lock:
            self._adopt_alias_locked(desired)
        self._record(record)

    def stack_outputs(self, project: str, stack: str) -> StackOutputs:
        """The exports of a stack applied before."""
        return self._store.exports(project, stack, self._accounts)

    def finish(self) -> None:
        """Delete what the program no longer wants and what replacements left behind."""
        gone = {u: r for u, r in self._state.resources.items() if u not in self._seen}
        for record in gone.values():
            refuse_protected(record, "the program no longer has it")
        while self._state.leftovers:
            self._crud.delete(self._state.leftovers[-1])
            self._state.leftovers.pop()
        for record in reverse_dependency_order(gone):
            if record.custom and not record.retain:
                self._crud.delete(record)
                self._count("deleted", record.urn)
            del self._state.resources[record.urn]

    def _bring(
        self,
        handler: Handler,
        desired: Desired,
        inputs: Mapping[str, Any],
        config: ProviderConfig,
        old: Record | None,
    ) -> Facts:
        def begun(facts: Facts) -> None:
            entry = replace(self._entry(desired, inputs, facts, config, {}), complete=False)
            # What has no name of its own is never found again once the state forgets it.
            named = handler.named_by or isinstance(handler, PutHandler)
            self._record(entry, CHECKPOINT if named else 0.0)

        if old is None:
            with self._lock:
                others = tuple(self._state.resources.values())
            refuse_second(handler, inputs, config, others)
            facts = self._crud.create(handler, inputs, config, begun)
            self._count("created", desired.urn)
            return facts
        found = change(handler, desired, inputs, config, old, self._state.fingerprint_key)
        if found.replacing:
            stays = self._make_way(handler, desired, inputs, old, sorted(found.replacing))

            def replaced(facts: Facts) -> None:
                if stays:
                    self._state.leftovers.append(old)
                begun(facts)

            facts = self._crud.create(handler, inputs, config, replaced)
            self._count("replaced", desired.urn)
            return facts
        if not found.changed and old.complete:
            self._count("unchanged", desired.urn)
            return old.facts
        facts = self._crud.update(handler, inputs, config, old, begun)
        self._count("changed", desired.urn)
        return facts

    def _make_way(
        self,
        handler: Handler,
        desired: Desired,
        inputs: Mapping[str, Any],
        old: Record,
        causes: list[str],
    ) -> bool:
        """Delete what a replacement cannot stand beside; whether the old resource still stands."""
        why = f"a new {', '.join(causes)} would replace it"
        refuse_protected(old, why)
        named = handler.named_by
        same_name = named is not None and inputs.get(named) == old.inputs.get(named)
        if not (handler.alone or same_name or desired.delete_before_replace):
            return not old.retain
        if old.retain:
            raise ProtectedResourceError(
                f"{old.urn} is to be kept and {why} under the same name; give the new one another"
            )
        with self._lock:
            bound = [one for one in self._bound_to(old) if one.urn not in self._seen]
        for record in bound:
            refuse_protected(record, f"{old.urn}, on which it stands, would be replaced")
        for record in bound:
            self._forget(record)
        self._forget(old)
        return False

    def _forget(self, record: Record) -> None:
        self._crud.delete(record)
        with self._lock:
            del self._state.resources[record.urn]

    def _bound_to(self, old: Record) -> Iterator[Record]:
        """Resources that cannot outlive `old`: what replaces them names it. Nearest last."""
        named = {str(old.outputs.get(name)) for name in ("id", "arn") if old.outputs.get(name)}
        for record in reverse_dependency_order(self._state.resources):
            if not record.custom or old.urn not in record.dependencies:
                continue
            fixed = handler_of(record.type, record.urn).replaced_by
            if any(str(record.inputs.get(name)) in named for name in fixed):
                yield from self._bound_to(record)
                yield record

    def _adopt_alias(self, desired: Desired) -> Record | None:
        with self._lock:
            return self._adopt_alias_locked(desired)

    def _adopt_alias_locked(self, desired: Desired) -> Record | None:
        self._seen.add(desired.urn)
        for urn in (desired.urn, *desired.aliases):
            found = self._state.resources.get(urn)
            if found is not None:
                del self._state.resources[urn]
                renamed = replace(found, urn=desired.urn)
                self._state.resources[desired.urn] = renamed
                return renamed
        return None

    def _entry(
        self,
        desired: Desired,
        inputs: Mapping[str, Any],
        facts: Facts,
        config: ProviderConfig,
        outputs: Mapping[str, Any],
    ) -> Record:
        secrets = desired.properties.secrets
        return Record(
            urn=desired.urn,
            type=desired.type,
            name=desired.name,
            parent=desired.parent,
            custom=True,
            dependencies=list(desired.dependencies),
            protect=desired.protect,
            retain=desired.retain_on_delete,
            inputs=fingerprinted(inputs, secrets, self._state.fingerprint_key),
            outputs=redacted(outputs, secrets | desired.secret_outputs),
            facts=dict(facts),
            config=config.stored,
        )

    def _record(self, record: Record, save_after: float = math.inf) -> None:
        with self._lock:
            self._state.resources[record.urn] = record
            if time.monotonic() - self._saved > save_after:
                self._store.save(self._state)
                self._saved = time.monotonic()

    def _count(self, action: str, urn: str) -> None:
        with self._lock:
            self.counts[action] += 1
        self._note(action, urn)
