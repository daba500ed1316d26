"""The URNs a resource may have had before it, or a component around it, was renamed."""

from __future__ import annotations

from collections.abc import Sequence


def earlier_urns(
    urn: str, parent: str, own: Sequence[str], of_parent: Sequence[str]
) -> tuple[str, ...]:
    """A resource's own aliases, and under each of its parent's aliases what it was called there.

    A child named after its parent was named after the parent's earlier name, as in Pulumi's engine.
    """
    inherited = [
        _child(alias, _type(known), _renamed(_name(known), _name(parent), _name(alias)))
        for alias in of_parent
        for known in (urn, *own)
    ]
    return tuple(dict.fromkeys((*own, *inherited)))


def _child(parent: str, type_: str, name: str) -> str:
    stack, project, chain, _ = parent.split("::", 3)
    return f"{stack}::{project}::{chain}${type_}::{name}"


def _renamed(name: str, parent: str, before: str) -> str:
    return before + name.removeprefix(parent) if name.startswith(parent) else name


def _type(urn: str) -> str:
    return urn.split("::", 3)[2].split("$")[-1]


def _name(urn: str) -> str:
    return urn.split("::", 3)[3]
