"""Golden predictions replayed: the released model must answer what its evaluation wrote down.

The same JSON, and numbers to their twelfth digit. What catches training-serving skew must not have
a tolerance for it, but a row's last bits may depend on how many rows are asked about at once: a
matrix product adds up in another order then.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from modelyard.functions.invocation import Invoker, Reply
from modelyard.functions.verification import Check

_SHOWN = 3
_PRECISION = 1e-12
_ZERO = 1e-15


def replay(
    invoke: Invoker, rows: Sequence[Mapping[str, Any]], package: str, *, alone: bool = True
) -> Check:
    """Every golden row together in one request and, as far as wanted, each in one of its own."""
    inputs = [row["input"] for row in rows]
    expected = [row["output"] for row in rows]
    problems = _compared(invoke(body_of(inputs)), expected, package, first=1)
    for number, (row, output) in enumerate(zip(inputs, expected, strict=True), 1):
        if problems or not alone:
            break
        problems = _compared(invoke(body_of([row])), [output], package, first=number)
    if problems:
        return Check("golden predictions", False, "; ".join(problems[:_SHOWN]))
    return Check("golden predictions", True, f"{len(rows)} rows answered as evaluated")


def body_of(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A request for rows."""
    return json.dumps({"instances": rows}).encode()


def _compared(
    reply: Reply, expected: Sequence[Mapping[str, Any]], package: str, first: int
) -> list[str]:
    if reply.status != 200:
        return [f"row {first}: answered {reply.status}: {reply.text[:300]}"]
    answered = reply.document
    if answered.get("model_package") != package:
        return [f"the endpoint answers as {answered.get('model_package')}, not as {package}"]
    return differences(answered.get("predictions"), expected, first)


def differences(answered: Any, expected: Sequence[Mapping[str, Any]], first: int = 1) -> list[str]:
    """Where answers are not the expected ones: row (counted from `first`), expected, got."""
    if not isinstance(answered, list) or len(answered) != len(expected):
        count = len(answered) if isinstance(answered, list) else "no"
        return [f"{count} predictions for {len(expected)} rows"]
    return [
        f"row {row}: expected {_text(wanted)}, got {_text(got)}"
        for row, (wanted, got) in enumerate(zip(expected, answered, strict=True), first)
        if not _same(wanted, got)
    ]


def _same(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, Mapping) and isinstance(got, Mapping):
        return wanted.keys() == got.keys() and all(_same(wanted[key], got[key]) for key in wanted)
    if isinstance(wanted, list) and isinstance(got, list):
        return len(wanted) == len(got) and all(map(_same, wanted, got))
    if isinstance(wanted, float) and isinstance(got, float):
        return math.isclose(wanted, got, rel_tol=_PRECISION, abs_tol=_ZERO)
    return type(wanted) is type(got) and bool(wanted == got)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
