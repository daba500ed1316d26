"""A Pulumi program on disk and one stack of it: what `pulumi` would read from Pulumi.yaml."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from sandbox.provider.errors import ProviderError

NO_DEFAULT_PROVIDERS = "pulumi:disable-default-providers"


@dataclass(frozen=True)
class Program:
    """The folder that holds a Pulumi.yaml."""

    root: Path

    @property
    def name(self) -> str:
        """The Pulumi project's name."""
        return str(self._settings["name"])

    @property
    def folder(self) -> Path:
        """Where the program itself lies and runs."""
        return (self.root / str(self._settings.get("main", "."))).resolve()

    @property
    def defaults(self) -> dict[str, str]:
        """Configuration values that Pulumi.yaml itself states, as Pulumi's texts."""
        found = {}
        for key, declared in (self._settings.get("config") or {}).items():
            name = key if ":" in key else f"{self.name}:{key}"
            value = _stated(declared)
            if value is not None:
                found[name] = value if isinstance(value, str) else json.dumps(value)
        return found

    @cached_property
    def _settings(self) -> Mapping[str, Any]:
        file = self.root / "Pulumi.yaml"
        try:
            content = yaml.safe_load(file.read_text())
        except OSError as error:
            raise ProviderError(f"{self.root} holds no Pulumi.yaml") from error
        if not isinstance(content, dict) or "name" not in content:
            raise ProviderError(f"{file} names no project; add 'name:'")
        return content


@dataclass(frozen=True)
class Stack:
    """One stack of a program, with its configuration."""

    program: Program
    name: str
    config: Mapping[str, str] = field(default_factory=dict)
    secret_keys: tuple[str, ...] = ()
    organization: str = "organization"

    @property
    def all_config(self) -> dict[str, str]:
        """Pulumi.yaml's values overlaid with this stack's own."""
        return {**self.program.defaults, **self.config}

    @property
    def urn(self) -> str:
        """The URN of the root resource."""
        project = self.program.name
        return f"urn:pulumi:{self.name}::{project}::pulumi:pulumi:Stack::{project}-{self.name}"


def _stated(declared: Any) -> Any:
    if not isinstance(declared, Mapping):
        return declared
    return declared.get("default", declared.get("value"))
