"""`render_s_per_env_1000`: whether growth stays linear; minutes of work."""

from __future__ import annotations

from bench.measure import Row
from bench.scale import scale


def rows() -> list[Row]:
    """The rows of this file."""
    return scale(1000)
