"""What new inputs mean for the resource that exists: nothing, an update or a replacement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.provider.errors import ProtectedResourceError, ProviderError, RefusedError
from sandbox.provider.handlers.base import Handler, PutHandler
from sandbox.provider.identity import ProviderConfig
from sandbox.provider.realiser import Desired
from sandbox.provider.state import Record
from sandbox.provider.values import fingerprinted


@dataclass(frozen=True)
class Change:
    """The inputs that differ, and those of them that cannot change in place."""

    changed: frozenset[str]
    replacing: frozenset[str]


def change(
    handler: Handler,
    desired: Desired,
    inputs: Mapping[str, Any],
    config: ProviderConfig,
    old: Record,
    key: str,
) -> Change:
    """How `inputs` differ from what the existing resource was made with."""
    new = fingerprinted(inputs, desired.properties.secrets, key)
    changed = frozenset(
        name for name in {*new, *old.inputs} if new.get(name) != old.inputs.get(name)
    )
    replacing = handler.replaced_by | frozenset(desired.replace_on_changes)
    if "*" in desired.replace_on_changes:
        replacing = changed
    causes = changed & replacing
    if old.provider.identity != config.identity:
        causes |= {"provider"}
    return Change(changed, causes)


def without_ignored(
    desired: Desired, inputs: Mapping[str, Any], old: Record | None
) -> dict[str, Any]:
    """`inputs` with those that the program wants ignored as they were."""
    kept = dict(inputs)
    for name in desired.ignore_changes:
        if not name.isidentifier() or (old and _is_fingerprint(old.inputs.get(name))):
            raise ProviderError(
                f"{desired.urn}: ignoreChanges of '{name}' is not possible in the sandbox; "
                "name a whole property that is not secret"
            )
        if old is None:
            continue
        if name in old.inputs:
            kept[name] = old.inputs[name]
        else:
            kept.pop(name, None)
    return kept


def refuse_protected(record: Record, why: str) -> None:
    """A protected resource stays as it is."""
    if record.protect:
        raise ProtectedResourceError(
            f"{record.urn} is protected and {why}; undo that change, or apply once with "
            "protect=False"
        )


def refuse_second(
    handler: Handler, inputs: Mapping[str, Any], config: ProviderConfig, others: Iterable[Record]
) -> None:
    """One thing on AWS has one place in a stack: under a second name it would be deleted as the
    first."""
    if not (handler.named_by or isinstance(handler, PutHandler)):
        return
    place = handler.replaced_by | ({handler.named_by} if handler.named_by else set())
    for other in others:
        if other.type != handler.token or other.provider.identity != config.identity:
            continue
        if all(inputs.get(name) == other.inputs.get(name) for name in place):
            raise RefusedError(
                f"the stack has it already as {other.urn}; if it was renamed, say so with an "
                "alias, else give it another name on AWS"
            )


def _is_fingerprint(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"secret"}
