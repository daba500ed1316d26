"""How far behind a version is, and from where on that is too far."""

from __future__ import annotations

import pytest

from modelyard.fleet.versions import behind, lag


@pytest.mark.parametrize(
    ("stated", "newest", "told"),
    [
        ("0.5.0", "0.5.0", ""),
        ("0.4.9", "0.5.0", "1 minor version behind"),
        ("0.3.0", "0.5.2", "2 minor versions behind"),
        ("1.9.9", "3.0.0", "2 major versions behind"),
        ("0.5.0", "0.5.2", "2 patch versions behind"),
        ("0.6.0", "0.5.0", ""),
        ("0.5.0.dev3", "0.6.0", "1 minor version behind"),
        ("main", "0.5.0", ""),
        (None, "0.5.0", ""),
    ],
)
def test_lag_is_told_by_its_largest_part(stated: str | None, newest: str, told: str) -> None:
    assert lag(stated, newest) == told


@pytest.mark.parametrize(
    ("stated", "newest", "minor_versions", "expected"),
    [
        ("0.4.0", "0.5.0", 1, False),
        ("0.3.9", "0.5.0", 1, True),
        ("0.4.0", "0.5.0", 0, True),
        ("0.9.0", "1.0.0", 9, True),
        ("1.1.0", "1.0.0", 0, False),
        ("main", "1.0.0", 0, False),
    ],
)
def test_too_far_is_more_minor_versions_than_allowed_or_any_major(
    stated: str, newest: str, minor_versions: int, expected: bool
) -> None:
    assert behind(stated, newest, minor_versions) is expected
