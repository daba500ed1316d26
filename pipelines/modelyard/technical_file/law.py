"""Legal references and dates, read from the one file that keeps them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def law() -> Mapping[str, Any]:
    """law.yaml as plain data; dates are text, as they are quoted."""
    text = Path(__file__).with_name("law.yaml").read_text(encoding="utf-8")
    document: Mapping[str, Any] = yaml.safe_load(text)
    return document


def title(point: str) -> str:
    """What a point of Annex IV asks for, in a few words."""
    return str(law()["points"][point])


def numbers() -> tuple[str, ...]:
    """The sections of Annex IV."""
    return tuple(point for point in law()["points"] if point.isdigit())
