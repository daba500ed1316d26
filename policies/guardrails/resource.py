"""A resource as the rules see it, wherever it comes from: graph, apply, or Pulumi's engine."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

_SUCCESSOR: Final = re.compile(r"V\d(?=:|$)")
PRODUCTION: Final = "prod"
BUCKET: Final = "aws:s3/bucket:Bucket"


@dataclass(frozen=True)
class Unknown:
    """A value that nobody knows yet; `later` when the rules will see it before it takes effect."""

    later: bool


class NotKnownError(Exception):
    """A property on which exposure depends has no value to judge."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class NotYetError(Exception):
    """A value is known only when the resource is about to be made; the rule is asked again then."""


@dataclass(frozen=True)
class Resource:
    """One resource; absent, null and empty values are all absent, as AWS's defaults apply."""

    urn: str
    type: str
    name: str
    properties: Mapping[str, Any]
    protect: bool = False
    parent: str = ""

    def value(self, *path: str | int) -> Any:
        """What stands at this path; `NotKnownError` when it is unknown."""
        found = self._at(path)
        if isinstance(found, Unknown):
            raise NotKnownError(".".join(map(str, path)))
        return None if found == "" else found

    def refers(self, *path: str | int) -> bool:
        """Whether something is named there: a resource still to be made counts in a preview."""
        found = self._at(path)
        if isinstance(found, Unknown):
            return found.later or self.value(*path) is not None
        return bool(found)

    def text(self, *path: str | int) -> str:
        """The text there; an ARN of what is still to be made is empty in a preview."""
        found = self._at(path)
        if isinstance(found, Unknown) and found.later:
            return ""
        return str(self.value(*path) or "")

    def each(self, *path: str | int) -> Iterator[Resource]:
        """The blocks of a list (or the one block) at this path, as if each were the resource."""
        found = self.value(*path)
        blocks = found if isinstance(found, Sequence) and not isinstance(found, str) else [found]
        for number, block in enumerate(blocks):
            if isinstance(block, Unknown):
                raise NotKnownError(f"{'.'.join(map(str, path))}.{number}")
            if isinstance(block, Mapping):
                yield Resource(self.urn, self.type, self.name, block, self.protect, self.parent)

    def document(self, *path: str | int) -> list[Mapping[str, Any]]:
        """The statements of the policy document there; none when there is no document.

        Raises:
            NotYetError: a preview in which the document awaits an ARN.
        """
        found = self._at(path)
        if isinstance(found, Unknown) and found.later:
            raise NotYetError
        text = self.value(*path)
        if text is None:
            return []
        try:
            content = json.loads(text) if isinstance(text, str) else text
            statements = content["Statement"]
        except (ValueError, KeyError, TypeError):
            raise NotKnownError(".".join(map(str, path))) from None
        return [statements] if isinstance(statements, Mapping) else list(statements)

    @property
    def tags(self) -> Mapping[str, Any]:
        """All tags, those that the provider adds included."""
        for name in ("tagsAll", "tags"):
            found = self._at((name,))
            if isinstance(found, Unknown) and found.later:
                raise NotYetError
            tags = self.value(name)
            if isinstance(tags, Mapping) and tags:
                return tags
        return {}

    @property
    def in_production(self) -> bool:
        """Whether it serves customers; what says nothing about itself is taken to."""
        return self.tags.get("env", PRODUCTION) == PRODUCTION

    def _at(self, path: tuple[str | int, ...]) -> Any:
        found: Any = self.properties
        for step in path:
            if isinstance(found, Unknown):
                return found
            if isinstance(found, Mapping):
                found = found.get(str(step))
            elif isinstance(found, Sequence) and not isinstance(found, str):
                index = int(step)
                found = found[index] if index < len(found) else None
            else:
                return None
        return found


@dataclass(frozen=True)
class Estate:
    """Everything that is judged together."""

    resources: tuple[Resource, ...]
    _by_type: Mapping[str, list[Resource]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_type: dict[str, list[Resource]] = defaultdict(list)
        for each in self.resources:
            by_type[each.type].append(each)
        object.__setattr__(self, "_by_type", by_type)

    def of(self, *types: str) -> Iterator[Resource]:
        """The resources of these types."""
        for kind in types:
            yield from self._by_type.get(kind, ())

    def about(self, owner: Resource, kind: str, key: str, by: str) -> list[Resource]:
        """Resources of a kind whose `key` names the owner by its property `by`.

        Raises:
            NotYetError: a preview in which one of the names is still to be given.
        """
        named = owner.text(by)
        others = [(each, each.text(key)) for each in self.of(kind)]
        found = [each for each, text in others if text and text == named]
        if not found and (not named or any(not text for _, text in others)):
            raise NotYetError
        return found

    def settings_of(self, bucket: Resource, kind: str) -> list[Resource]:
        """A bucket's settings of a kind; its name must be known, or they could be another's."""
        named = bucket.value("bucket")
        if named is None:
            raise NotKnownError("bucket")
        return [each for each in self.of(kind) if each.value("bucket") == named]


def from_graph(entries: Iterable[Mapping[str, Any]]) -> tuple[Resource, ...]:
    """The resources of a rendered graph; inputs win over outputs, as they are what was asked."""
    return tuple(
        Resource(
            urn=entry["urn"],
            type=plain_type(entry["type"]),
            name=entry["name"],
            properties={**entry.get("outputs", {}), **entry["inputs"]},
            protect=bool(entry.get("protect")),
            parent=entry.get("parent") or "",
        )
        for entry in entries
    )


def plain_type(type_: str) -> str:
    """The type without the number of its generation: `BucketV2` obeys what `Bucket` obeys."""
    return _SUCCESSOR.sub("", type_)
