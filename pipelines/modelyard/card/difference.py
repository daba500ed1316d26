"""Which fields of a card are not what they should be."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_SHOWN = 80


@dataclass(frozen=True)
class Difference:
    """One field: what the card says, and what it should say; None where there is no field."""

    field: str
    found: Any
    expected: Any

    @property
    def sentence(self) -> str:
        """The difference in one line."""
        if self.expected is None:
            return f"{self.field} says {_shown(self.found)} and should not be there"
        if self.found is None:
            return f"{self.field} is missing; it should say {_shown(self.expected)}"
        return f"{self.field} says {_shown(self.found)} and should say {_shown(self.expected)}"


def differences(found: Any, expected: Any, field: str = "") -> Iterator[Difference]:
    """The fields in which two cards differ, by their place."""
    if isinstance(found, Mapping) and isinstance(expected, Mapping):
        for name in sorted({*found, *expected}):
            here = f"{field}.{name}" if field else str(name)
            yield from differences(found.get(name), expected.get(name), here)
    elif _is_list(found) and _is_list(expected) and len(found) == len(expected):
        for place, (one, other) in enumerate(zip(found, expected, strict=True)):
            yield from differences(one, other, f"{field}[{place}]")
    elif found != expected:
        yield Difference(field, found, expected)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _shown(value: Any) -> str:
    text = json.dumps(value, sort_keys=True)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
