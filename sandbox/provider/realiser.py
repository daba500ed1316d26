"""What the engine asks of whoever makes resources real, be it on AWS or on paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.provider.identity import ProviderConfig
from sandbox.provider.values import Properties


@dataclass(frozen=True)
class Desired:
    """A resource as the program wants it."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    provider: str
    properties: Properties
    dependencies: tuple[str, ...] = ()
    protect: bool = False
    retain_on_delete: bool = False
    delete_before_replace: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    secret_outputs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Realised:
    """A resource as it became: all a program can read from it, and which of that is secret."""

    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    secrets: frozenset[str] = frozenset()


@dataclass(frozen=True)
class StackOutputs:
    """What a stack exports."""

    values: dict[str, Any] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()


class Realiser(Protocol):
    """Makes one stack's resources real."""

    def realise(self, desired: Desired, config: ProviderConfig) -> Realised:
        """Make one AWS resource real; called from several threads, dependencies first."""

    def keep(self, desired: Desired, realised: Realised) -> None:
        """Remember a component or provider, which exists in the program only."""

    def stack_outputs(self, project: str, stack: str) -> StackOutputs:
        """The exports of another stack."""
