"""What every resource handler offers; handlers know AWS and nothing of the engine."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from botocore.exceptions import ClientError

from sandbox.provider.errors import RefusedError
from sandbox.provider.identity import Identity, Seed

Values = Mapping[str, Any]
Facts = dict[str, Any]

ABSENT = re.compile(
    r"NotFound|NoSuch|NonExistent|DoesNotExist|does not exist|not found|not exist", re.IGNORECASE
)
PRESENT = re.compile(
    r"AlreadyExist|AlreadyOwned|QueueNameExists|\.Duplicate|already exists|ResourceConflict",
    re.IGNORECASE,
)


class Aws(Protocol):
    """Clients that act as one identity."""

    @property
    def identity(self) -> Identity:
        """The account and region they act in."""

    def client(self, service: str) -> Any:
        """The client of a service."""


def names(text: str) -> frozenset[str]:
    """Property names written as one line of words."""
    return frozenset(text.split())


@dataclass(frozen=True)
class Live:
    """A resource as AWS has it: its inputs, what AWS invented, and its tags where it tells them."""

    inputs: Facts
    facts: Facts
    tags: Mapping[str, str] | None = None


class Handler(ABC):
    """One resource type.

    `inputs` are checked inputs under their names on the wire. `facts` are what AWS invented (ids);
    the rest of the outputs follows from inputs, facts and identity, and is stated once, in
    `outputs`, for the sandbox and for rendering alike.
    """

    token: ClassVar[str]
    # Every input this handler carries out; any other is refused rather than ignored.
    known: ClassVar[frozenset[str]]
    replaced_by: ClassVar[frozenset[str]] = frozenset()
    # AWS cannot hold old and new side by side, although neither has a name of its own.
    alone: ClassVar[bool] = False
    tagged: ClassVar[bool] = False
    named_by: ClassVar[str | None] = None
    # What AWS reports for an input that nobody stated.
    unstated: ClassVar[Values] = {}
    name_pattern: ClassVar[str] = r".+"

    def check(self, inputs: Values, seed: Seed, default_tags: Values, old: Values) -> Facts:
        """The inputs with name, tags and documents in their final form; refuses what AWS would."""
        checked = self.prepare(inputs, seed, default_tags, old)
        if self.named_by and not re.fullmatch(self.name_pattern, str(checked[self.named_by])):
            raise RefusedError(
                f"{self.named_by} '{checked[self.named_by]}' must match {self.name_pattern}"
            )
        self.validate(checked)
        return checked

    def prepare(self, inputs: Values, seed: Seed, default_tags: Values, old: Values) -> Facts:
        """The inputs with name and tags; refuses inputs that nobody carries out."""
        unknown = set(inputs) - self.known - {"region", "tags"}
        if unknown:
            raise RefusedError(
                f"the sandbox does not carry out {', '.join(sorted(unknown))} of {self.token}"
            )
        checked = dict(inputs)
        if self.named_by and not checked.get(self.named_by):
            prefix = checked.get(f"{self.named_by}Prefix") or f"{seed.name}-"
            checked[self.named_by] = old.get(self.named_by) or seed.suffixed(prefix)
        if self.tagged:
            checked["tagsAll"] = {**default_tags, **(checked.get("tags") or {})}
        return checked

    def validate(self, inputs: Facts) -> None:  # noqa: B027
        """Refuse, or bring into canonical form, what this type's own rules cover."""

    def invent(self, inputs: Values, seed: Seed, identity: Identity) -> Facts:
        """What AWS would invent, deterministically and without a server."""
        return {}

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        """The resource's id."""
        if self.named_by:
            return str(inputs[self.named_by])
        return str(facts["id"])

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        """The outputs that are not inputs."""
        return {}

    @abstractmethod
    def create(self, aws: Aws, inputs: Values) -> Facts:
        """Make the resource with one call; what needs more calls is made by `settle`."""

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:  # noqa: B027
        """Bring everything that can change in place to what `inputs` say; repeatable."""

    def complete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        """What a creation needs beyond its one call."""
        self.settle(aws, inputs, facts)

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> Facts | None:
        """Change an existing resource whose inputs were `old`; facts that changed, if any."""
        self.settle(aws, inputs, facts)
        return None

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        """Facts and tags of an existing resource of the same name; None if it cannot be told."""
        return None

    def imported(self, id_: str) -> tuple[Facts, Facts]:
        """The inputs and facts that an id alone tells."""
        return ({self.named_by: id_}, {}) if self.named_by else ({}, {"id": id_})

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts | None:
        """Inputs that can be read back, None for one that is not set; None for a resource gone."""
        return {}

    def read(self, aws: Aws, inputs: Values, facts: Values) -> Live | None:
        """The resource as AWS has it; None when it is gone."""
        try:
            found, tags = self.find(aws, {"tagsAll": {}, **inputs}) or ({}, None)
            now = self.live(aws, inputs, {**facts, **found})
        except ClientError as error:
            if is_absent(error):
                return None
            raise
        if now is None:
            return None
        told = {
            name: value
            for name, value in now.items()
            if name in inputs or value != self.unstated.get(name)
        }
        merged = {name: value for name, value in {**inputs, **told}.items() if value is not None}
        return Live(merged, {**facts, **found}, tags)

    @abstractmethod
    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        """Remove the resource."""

    def all_outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        """Everything a program can read from the resource."""
        return {
            **inputs,
            "region": inputs.get("region") or identity.region,
            **self.outputs(inputs, facts, identity),
            "id": self.identify(inputs, facts, identity),
        }


class PutHandler(Handler):
    """A type whose creation and change are the same call."""

    def create(self, aws: Aws, inputs: Values) -> Facts:
        """Put it."""
        self.settle(aws, inputs, {})
        return {}

    def complete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        """Putting it was all."""


def is_absent(error: ClientError) -> bool:
    """Whether AWS says that the resource does not exist."""
    return bool(ABSENT.search(_told(error)))


def is_present(error: ClientError) -> bool:
    """Whether AWS says that the resource exists already."""
    return bool(PRESENT.search(_told(error)))


def given(inputs: Values, **names: str) -> Facts:
    """Request parameters for those of `names` (parameter=input) that have a value."""
    return {
        parameter: inputs[name] for parameter, name in names.items() if inputs.get(name) is not None
    }


def capitalised(value: Any) -> Any:
    """A structure with its keys as AWS writes them: camelCase to CamelCase."""
    if isinstance(value, Mapping):
        return {key[:1].upper() + key[1:]: capitalised(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [capitalised(inner) for inner in value]
    return value


def uncapitalised(value: Any) -> Any:
    """A structure with its keys as Pulumi writes them: CamelCase to camelCase."""
    if isinstance(value, Mapping):
        return {key[:1].lower() + key[1:]: uncapitalised(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [uncapitalised(inner) for inner in value]
    return value


def tag_list(inputs: Values, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """All tags as the list that most services want."""
    return [{key: name, value: text} for name, text in sorted(inputs.get("tagsAll", {}).items())]


def tag_map(tags: list[Mapping[str, str]] | None) -> dict[str, str]:
    """A service's list of tags as a mapping."""
    return {
        str(tag.get("Key", tag.get("TagKey"))): str(tag.get("Value", tag.get("TagValue")))
        for tag in tags or ()
    }


def gone_tags(inputs: Values, old: Values) -> list[str]:
    """The keys of tags that `old` had and `inputs` have not."""
    return sorted(set(old.get("tagsAll", {})) - set(inputs.get("tagsAll", {})))


def _told(error: ClientError) -> str:
    return f"{error.response['Error'].get('Code')} {error.response['Error'].get('Message')}"
