"""How far a version is behind this one, by numbers: 0.3.1 of 0.5.0 is two minor versions behind."""

import re
from dataclasses import dataclass

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:[.+-]?[0-9a-z.+-]*)?")


PARTS = ("major", "minor", "patch")


@dataclass(frozen=True, order=True)
class Version:
    """A release; what follows its three numbers (a development build) does not count."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def parse(text: str | None) -> Version | None:
    """The version that a text states; None where it states none."""
    found = _VERSION.fullmatch(text or "")
    return Version(int(found[1]), int(found[2]), int(found[3])) if found else None


def behind(stated: str | None, newest: str, minor_versions: int) -> bool:
    """Whether a version lags by a major version, or by more than so many minor ones."""
    old, new = parse(stated), parse(newest)
    if old is None or new is None:
        return False
    return old.major < new.major or (
        old.major == new.major and new.minor - old.minor > minor_versions
    )


def distance(stated: str | None, newest: str) -> tuple[int, str] | None:
    """How many releases of which part a version is behind; None where it is not."""
    old, new = parse(stated), parse(newest)
    if old is None or new is None or old >= new:
        return None
    part = next(one for one in PARTS if getattr(old, one) != getattr(new, one))
    return getattr(new, part) - getattr(old, part), part


def lag(stated: str | None, newest: str) -> str:
    """How far behind, in words; empty where it is not."""
    far = distance(stated, newest)
    return f"{far[0]} {far[1]} version{'s' if far[0] > 1 else ''} behind" if far else ""
