"""Whether a model's metrics keep the reviewed bounds, and the sentence that says why not.

Standard library only: the registrar and release functions carry this file.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Bound = Literal["min", "max"]
_WORDS: Mapping[Bound, tuple[str, str]] = {
    "min": ("is below the minimum", "meets the minimum"),
    "max": ("is above the maximum", "meets the maximum"),
}


@dataclass(frozen=True)
class GateResult:
    """One bound on one metric; `value` is None where the metric was not measured."""

    metric: str
    bound: Bound
    limit: float
    value: float | None
    passed: bool
    sentence: str


@dataclass(frozen=True)
class Judgement:
    """All bounds together; `sentence` tells what failed, or that nothing did."""

    passed: bool
    sentence: str
    results: tuple[GateResult, ...]

    def document(self) -> dict[str, Any]:
        """Plain data for evaluation.json: pipelines compare `passed` as an integer."""
        results = [asdict(result) for result in self.results]
        return {"passed": int(self.passed), "sentence": self.sentence, "results": results}


def judge(gates: Mapping[str, Mapping[str, float]], metrics: Mapping[str, Any]) -> Judgement:
    """The judgement of metrics (numbers, or mappings with a `value`) by inclusive bounds."""
    if not gates:
        return Judgement(False, "no gate is stated, so nothing can be met", ())
    results = tuple(
        _result(metric, bound, float(bounds[bound]), value_of(metrics.get(metric)))
        for metric, bounds in sorted(gates.items())
        for bound in bounds_of(bounds)
    )
    failed = [result.sentence for result in results if not result.passed]
    met = "; ".join(result.sentence for result in results)
    return Judgement(not failed, "; ".join(failed) if failed else met, results)


def bounds_of(bounds: Mapping[str, float | None]) -> list[Bound]:
    """Which bounds are stated."""
    kinds: tuple[Bound, Bound] = ("min", "max")
    stated = [kind for kind in kinds if bounds.get(kind) is not None]
    if not stated:
        raise ValueError(f"a gate states neither min nor max: {dict(bounds)}")
    return stated


def value_of(measured: Any) -> float | None:
    """The number in a measurement; not-a-number counts as not measured."""
    if isinstance(measured, Mapping):
        measured = measured.get("value")
    if isinstance(measured, bool) or not isinstance(measured, int | float):
        return None
    return float(measured) if math.isfinite(measured) else None


def _result(metric: str, bound: Bound, limit: float, value: float | None) -> GateResult:
    if value is None:
        sentence = f"{metric} was not measured, its {bound}imum is {number(limit)}"
        return GateResult(metric, bound, limit, None, False, sentence)
    passed = value >= limit if bound == "min" else value <= limit
    shown, limit_shown = apart(value, limit)
    sentence = f"{metric} {shown} {_WORDS[bound][passed]} {limit_shown}"
    return GateResult(metric, bound, limit, value, passed, sentence)


def apart(value: float, limit: float) -> tuple[str, str]:
    """Both numbers with as few decimals as show the limit as stated and that they differ."""
    for decimals in range(2, 12):
        shown = number(value, decimals), number(limit, decimals)
        if decimals < 6 and float(shown[1]) != limit:
            continue
        if value == limit or shown[0] != shown[1]:
            return shown
    return repr(value), repr(limit)


def number(value: float, decimals: int = 2) -> str:
    """A number as sentences show it; a tiny one not as nothing."""
    exact = f"{value:.{decimals}f}"
    return exact if float(exact) != 0 or value == 0 else f"{value:.3g}"
