"""Filter patterns select log messages as CloudWatch Logs documents them."""

from __future__ import annotations

import json

import pytest

from sandbox.filter_pattern import PatternError, read_pattern

RECORD = json.dumps(
    {
        "kind": "capture",
        "latency": 12,
        "ok": True,
        "gone": None,
        "user": {"name": "ann", "ids": [7]},
    }
)


@pytest.mark.parametrize(
    ("pattern", "message", "expected"),
    [
        ("", "anything", True),
        ("ERROR", "an ERROR here", True),
        ("ERROR", "an error here", False),
        ("ERROR Exception", "ERROR without", False),
        ('"not found"', "page not found", True),
        ("ERROR -timeout", "ERROR timeout", False),
        ("ERROR -timeout", "ERROR other", True),
        ("?ERROR ?WARN", "a WARN", True),
        ("?ERROR ?WARN", "fine", False),
        ("%5\\d\\d%", "status 503", True),
        ('{ $.kind = "capture" }', RECORD, True),
        ('{ $.kind = "cap*" }', RECORD, True),
        ('{ $.kind != "capture" }', RECORD, False),
        ("{ $.kind = %^cap% }", RECORD, True),
        ("{ $.latency > 10 }", RECORD, True),
        ("{ $.latency > 10 && $.latency < 12 }", RECORD, False),
        ("{ ($.latency = 1) || ($.user.name = ann) }", RECORD, True),
        ("{ $.user.ids[0] = 7 }", RECORD, True),
        ("{ $.user.age EXISTS }", RECORD, False),
        ("{ $.user.age NOT EXISTS }", RECORD, True),
        ("{ $.ok IS TRUE }", RECORD, True),
        ("{ $.gone IS NULL }", RECORD, True),
        ("{ $.kind = capture }", "not json", False),
    ],
)
def test_a_pattern_selects(pattern: str, message: str, expected: bool) -> None:
    assert read_pattern(pattern)(message) is expected


@pytest.mark.parametrize("pattern", ["[ip, user, status]", "{ $.a = 1", "{ a = 1 }", "{ $.a > b }"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        read_pattern(pattern)
