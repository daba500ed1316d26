"""What changed between two sets of inputs, property by property, as the engine shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

Path = tuple[str | int, ...]

_STEP = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|\.?([^.\[\]]+)')
_PLAIN = re.compile(r"[A-Za-z_$][\w$-]*")


class Kind(Enum):
    """How one property changed."""

    ADDED = "added"
    DELETED = "deleted"
    UPDATED = "updated"


@dataclass(frozen=True)
class Difference:
    """One property that changed, deep inside an input or the input itself."""

    path: Path
    kind: Kind

    @property
    def name(self) -> str:
        """The input it belongs to."""
        return str(self.path[0])

    def __str__(self) -> str:
        text = ""
        for step in self.path:
            if isinstance(step, int):
                text += f"[{step}]"
            elif not _PLAIN.fullmatch(step):
                text += '["' + step.replace("\\", "\\\\").replace('"', '\\"') + '"]'
            else:
                text += f".{step}" if text else step
        return text


def differences(
    old: Mapping[str, Any], new: Mapping[str, Any], ignored: Iterable[str] = ()
) -> list[Difference]:
    """Every property that differs, except below the property paths `ignored`."""
    unchanged = [_steps(path) for path in ignored]
    return [
        one
        for name in sorted({*old, *new})
        if not name.startswith("__")
        for one in _between(old.get(name), new.get(name), (name,))
        if not any(_covers(path, one.path) for path in unchanged)
    ]


def _between(old: Any, new: Any, path: Path) -> Iterator[Difference]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in sorted({*old, *new}):
            yield from _between(old.get(name), new.get(name), (*path, name))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from _between(_at(old, index), _at(new, index), (*path, index))
    elif old is None:
        yield Difference(path, Kind.ADDED)
    elif new is None:
        yield Difference(path, Kind.DELETED)
    else:
        yield Difference(path, Kind.UPDATED)


def _at(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else None


def _steps(text: str) -> tuple[str, ...]:
    return tuple(
        (quoted or index or plain).replace('\\"', '"').replace("\\\\", "\\")
        for quoted, index, plain in _STEP.findall(text)
    )


def _covers(ignored: tuple[str, ...], path: Path) -> bool:
    return len(ignored) <= len(path) and all(
        want in ("*", str(step)) for want, step in zip(ignored, path, strict=False)
    )
