"""An evaluation as metric groups of a model card."""

from collections.abc import Iterator, Mapping
from typing import Any

_DIGITS = 6
_LONGEST = 63
# A card holds so much text and no more: the nearest periods are told one by one.
_STEPS = 24


def quality(evaluation: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The metrics with their intervals, and the gates as they were judged."""
    metrics = [_metric(name, found) for name, found in sorted(_mapping(evaluation, "metrics"))]
    results = evaluation.get("gates", {}).get("results", ())
    gates = [
        {
            "name": f"{one['metric']} {one['bound']} {one['limit']:g}",
            "type": "boolean",
            "value": bool(one["passed"]),
            "notes": str(one["sentence"]),
        }
        for one in results
    ]
    return [
        *_group("Metrics", metrics),
        *_group("Gates", gates),
        *_group("Baseline: seasonal naive forecast", list(_baseline(evaluation))),
        *_group("By periods ahead", list(_by_step(evaluation))),
    ]


def fairness(evaluation: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Per protected attribute: its groups, their ratio and gap, and the bias of each group."""
    return [
        group
        for attribute, found in sorted(_mapping(evaluation, "fairness"))
        if isinstance(found, Mapping) and "groups" in found
        for group in _attribute(attribute, found)
    ]


def _baseline(evaluation: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What the forecast is compared with, measured on the same rows."""
    forecast = dict(_mapping(evaluation, "forecast"))
    baseline = dict(_mapping(forecast, "baseline"))
    for number, (name, value) in enumerate(sorted(_mapping(baseline, "metrics"))):
        yield _metric(name, {"value": value}, "" if number else str(baseline.get("sentence", "")))


def _by_step(evaluation: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    steps = _mapping(dict(_mapping(evaluation, "forecast")), "by_step")
    for step, found in sorted(steps, key=lambda one: int(one[0]))[:_STEPS]:
        naive = found.get("baseline_mase")
        also = f"{found['rows']} rows" + (f"; seasonal naive {naive:.4g}" if naive else "")
        yield _metric(f"mase {step} ahead", {"value": found.get("mase")}, also)


def _attribute(attribute: str, found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    measure = str(found.get("measure", "measure"))
    compared = [
        _metric(f"{kind} of {measure}", {"value": found.get(kind), "reason": found.get("reason")})
        for kind in ("ratio", "gap")
    ]
    groups = [
        _metric(f"{measure} of {name}", {"value": one.get(measure)}, f"{one.get('rows')} rows")
        for name, one in sorted(found["groups"].items())
    ]
    yield from _group(f"Groups of {attribute}", [*compared, *groups])
    bias = [
        _metric(f"{metric} of {name}", told, "few rows" if one.get("small") else "")
        for name, one in sorted(_mapping(found, "bias"))
        for stage in ("pre_training", "post_training")
        for metric, told in sorted(_mapping(one, stage))
    ]
    yield from _group(f"Bias by {attribute}", bias)


def _metric(name: str, found: Any, also: str = "") -> dict[str, Any]:
    """A number with its interval in the notes, or the reason why there is none."""
    told = found if isinstance(found, Mapping) else {"value": found}
    value, low, high = told.get("value"), told.get("low"), told.get("high")
    notes = [also] if also else []
    if isinstance(value, int | float) and not isinstance(value, bool):
        shown: dict[str, Any] = {"name": name, "type": "number", "value": round(value, _DIGITS)}
        if low is not None and high is not None:
            notes.append(f"95 % interval {low:.4g} to {high:.4g}")
    else:
        shown = {"name": name, "type": "string", "value": "no value"}
        notes += [str(told["reason"])] if told.get("reason") else []
    return {**shown, "notes": "; ".join(notes)} if notes else shown


def _group(name: str, metrics: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"name": name[:_LONGEST], "metric_data": metrics}] if metrics else []


def _mapping(document: Mapping[str, Any], key: str) -> list[tuple[str, Any]]:
    found = document.get(key)
    return list(found.items()) if isinstance(found, Mapping) else []
