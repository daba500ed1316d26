"""Strict reading of a stack's configuration: every mistake names the file, the key and the fix."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import pulumi
from pulumi.runtime import config as runtime_config

NAMESPACE = "modelyard:"
T = TypeVar("T")


class SettingsError(Exception):
    """A configuration mistake: one line per problem, each with file, key and fix."""


@dataclass(frozen=True)
class Form:
    """What a configuration value must look like, and how to say so to whoever wrote it."""

    pattern: str
    fix: str


ACCOUNT = Form(r"\d{12}", "write the twelve digits of an AWS account in quotes")
REGION = Form(r"[a-z]{2}(-[a-z]+)+-\d", "write a region such as us-east-1")
ZONE = Form(r"[a-z]{2}(-[a-z]+)+-\d[a-z]", "write an availability zone such as us-east-1a")
ROLE = Form(
    r"arn:aws:iam::\d{12}:role/[\w+=,.@/-]+",
    "write a role's ARN such as arn:aws:iam::123456789012:role/modelyard-infrastructure",
)
# IAM's pattern of an external id (AssumeRole, AWS STS API reference).
EXTERNAL_ID = Form(r"[\w+=,.@:/-]{2,1224}", "write what the role's trust policy asks for")
REPOSITORY = Form(
    r"[\w-]+/[\w.-]+|[\w-]+(\.[\w-]+)+(/[\w.-]+){2,}",
    "write ORGANIZATION/REPOSITORY, or gitlab.example.com/GROUP/PROJECT",
)
ORGANIZATION = Form(r"[A-Za-z0-9-]+", "write the name of a GitHub organization")
CIDR = Form(r"\d{1,3}(\.\d{1,3}){3}/16", "write a private /16 such as 10.42.0.0/16")
TAG = Form(r"[\w .:/=+@-]{1,128}", "use letters, digits, spaces and . : / = + @ - _")
PATH = Form(r".+", "write a path relative to the folder that holds Pulumi.yaml")


@dataclass(frozen=True)
class Assumed:
    """The infrastructure role of an account, and the external id its trust policy asks for."""

    role: str
    external_id: str | None = None


@dataclass(frozen=True)
class Values:
    """The configuration of one stack, as `Pulumi.<stack>.yaml` states it."""

    stack: str
    stated: Mapping[str, str]

    @property
    def file(self) -> str:
        """The file a person edits to change these values."""
        return f"Pulumi.{self.stack}.yaml"

    def problem(self, key: str, message: str) -> SettingsError:
        """An error about one key, in the form all of them have."""
        return SettingsError(f"{self.file}: {NAMESPACE}{key}: {message}")

    def required(self, key: str, form: Form) -> str:
        """The value of a key that has no default."""
        value = self.optional(key, form)
        if value is None:
            raise self.problem(
                key, f"is missing; run `pulumi config set {NAMESPACE}{key} VALUE` ({form.fix})"
            )
        return value

    def optional(self, key: str, form: Form) -> str | None:
        """The value of a key, or None where it is absent or empty."""
        value = self.stated.get(key)
        if value is None or value == "":
            return None
        return self._checked(key, value, form)

    def assumed(self) -> Assumed | None:
        """The infrastructure role to assume; None where the caller's own credentials act."""
        role = self.optional("assumeRole", ROLE)
        external_id = self.optional("externalId", EXTERNAL_ID)
        if role is None and external_id is not None:
            raise self.problem(
                "externalId", "has no effect without modelyard:assumeRole; state both or neither"
            )
        return Assumed(role, external_id) if role else None

    def several(self, key: str, form: Form) -> tuple[str, ...]:
        """The values of a key that holds a list; none where it is absent."""
        text = self.stated.get(key)
        if text is None or text == "":
            return ()
        try:
            items: Any = json.loads(text)
        except json.JSONDecodeError:
            items = None
        if not isinstance(items, list):
            raise self.problem(key, f"expected a list, found '{text}'; {form.fix}, one per item")
        return tuple(self._checked(key, str(item), form) for item in items)

    def only(self, known: Iterable[str]) -> Values:
        """These values, provided that every key is a known one."""
        names = sorted(known)
        for key in self.stated:
            if key not in names:
                near = difflib.get_close_matches(key, names, n=1)
                hint = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(names)}"
                raise self.problem(key, f"unknown key; {hint}")
        return self

    def _checked(self, key: str, value: str, form: Form) -> str:
        if not re.fullmatch(form.pattern, value):
            raise self.problem(key, f"'{value}' is not valid; {form.fix}")
        return value


def stack_values() -> Values:
    """What the running stack's configuration states in our namespace."""
    # pulumi.Config reads known keys only; a misspelt optional key would go unnoticed.
    stated = {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}
    ours = {
        key.removeprefix(NAMESPACE): str(value)
        for key, value in stated.items()
        if key.startswith(NAMESPACE)
    }
    return Values(pulumi.get_stack(), ours)


def or_run_error(load: Callable[[], T]) -> T:
    """What `load` returns; a configuration mistake becomes Pulumi's one-line error."""
    try:
        return load()
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
