"""The dated price table (prices.yaml) as typed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from sandbox.cost.quantities import QUANTITIES
from sandbox.errors import SandboxError

FILE: Final = Path(__file__).with_name("prices.yaml")
TAGS: Final = {"S": "public price data or code", "K": "known, not looked up", "U": "unverified"}


class PriceTableError(SandboxError):
    """The price table contradicts itself."""


@dataclass(frozen=True)
class Price:
    """What AWS lists for one unit, where that was read and when."""

    name: str
    usd: float
    per: str
    tag: str
    date: str
    source: str

    @property
    def provenance(self) -> str:
        """How far to trust it, as in [S 2026-08]."""
        return f"[{self.tag} {self.date}]"


@dataclass(frozen=True)
class Charge:
    """One way in which a resource of a type is charged.

    Attributes:
        when: what starts the charge; None when it is due while idle.
    """

    price: Price
    quantity: str
    when: str | None = None


@dataclass(frozen=True)
class PriceTable:
    """Every price, what it applies to, and what is free and why."""

    region: str
    hours: float
    assumptions: Mapping[str, float]
    prices: Mapping[str, Price]
    charged: Mapping[str, tuple[Charge, ...]]
    free: Mapping[str, str]


@cache
def price_table(file: Path = FILE) -> PriceTable:
    """The table of this repository, or of another file."""
    content: dict[str, Any] = yaml.safe_load(file.read_text())
    prices = {name: _price(name, entry, file) for name, entry in content["prices"].items()}
    charged = {
        kind: tuple(_charge(kind, entry, prices, file) for entry in entries)
        for kind, entries in content["charged"].items()
    }
    if both := sorted(set(charged) & set(content["free"])):
        raise PriceTableError(f"{file.name}: {both[0]} is both charged and free")
    return PriceTable(
        region=content["region"],
        hours=float(content["hours"]),
        assumptions=content["assumptions"],
        prices=prices,
        charged=charged,
        free=content["free"],
    )


def _price(name: str, entry: Mapping[str, Any], file: Path) -> Price:
    if entry["tag"] not in TAGS:
        raise PriceTableError(f"{file.name}: {name} has tag {entry['tag']}, not {'/'.join(TAGS)}")
    return Price(name=name, **{**entry, "date": str(entry["date"])})


def _charge(kind: str, entry: Mapping[str, Any], prices: Mapping[str, Price], file: Path) -> Charge:
    if entry["price"] not in prices or entry["quantity"] not in QUANTITIES:
        raise PriceTableError(f"{file.name}: {kind} names an unknown price or quantity: {entry}")
    return Charge(prices[entry["price"]], entry["quantity"], entry.get("when"))
