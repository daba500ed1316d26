"""What an approver is about to decide on, in lines: metrics, champion, groups, hashes."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelyard.approvals import Shown
from modelyard.registry import Package


def lines(package: Package, seen: Shown) -> Iterator[str]:
    """The evidence, as far as it is there."""
    metadata = package.metadata
    yield (
        f"version {package.version}, trained by {metadata.get('trained_by') or 'nobody known'} "
        f"from commit {(metadata.get('code_commit') or 'unknown')[:12]}, "
        f"registered {package.created:%Y-%m-%d %H:%M} UTC"
    )
    if seen.evaluation:
        yield from _evaluation(seen.evaluation.content)
    yield "what this decision rests on (sha256):"
    for name, sha256 in sorted(seen.hashes.items()):
        yield f"  {name.replace('_', ' '):<17} {sha256}"
    yield f"  {'all together':<17} {seen.sha256}"
    for missing in seen.missing:
        yield f"  missing: {missing}"


def _evaluation(evaluation: Mapping[str, Any]) -> Iterator[str]:
    rows = evaluation.get("rows") or {}
    yield f"gates, on {rows.get('test', 'an unknown number of')} rows it never saw:"
    measured = evaluation.get("metrics") or {}
    for gate in (evaluation.get("gates") or {}).get("results") or ():
        mark = "met  " if gate["passed"] else "UNMET"
        yield f"  {mark}  {gate['sentence']}{_interval(measured.get(gate['metric']))}"
    yield f"champion: {(evaluation.get('champion') or {}).get('sentence', 'not compared')}"
    for attribute, found in sorted((evaluation.get("fairness") or {}).items()):
        yield f"by {attribute}: {_groups(found)}"


def _interval(metric: Any) -> str:
    if not isinstance(metric, Mapping) or metric.get("low") is None:
        return ""
    return f" (95 %: {metric['low']:.3f} to {metric['high']:.3f})"


def _groups(found: Mapping[str, Any]) -> str:
    """Each group's leading measure; what has no value is said so."""
    measure = str(found.get("measure") or "selection_rate")
    shown = []
    for group, measures in sorted((found.get("groups") or {}).items()):
        value = measures.get(measure)
        number = "unknown" if value is None else f"{value:.3f}"
        shown.append(f"{group} {number} ({measures.get('rows', '?')} rows)")
    ratio = found.get("ratio")
    lowest = "" if ratio is None else f"; lowest over highest {ratio:.2f}"
    return f"{measure.replace('_', ' ')} {', '.join(shown)}{lowest}"
