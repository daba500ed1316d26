"""What changed since the report before this one."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from modelyard.evidence.document import Document

_IDENTITY = ("trained_by", "code_commit", "image_digest", "model_sha256")


def difference(document: Mapping[str, Any], previous: Document | None) -> dict[str, Any] | None:
    """None where there is no earlier report; `changes` is empty where nothing changed."""
    if previous is None:
        return None
    before = previous.content
    return {
        "uri": previous.uri,
        "sha256": previous.sha256,
        "version": _at(before, "model", "version"),
        "verdict": _at(before, "verdict", "sentence"),
        "changes": [
            {"what": what, "then": then, "now": now}
            for what, then, now in _changes(before, document)
            if then != now
        ],
        "gaps": _sentences(before, document, "gaps"),
        "deviations": _sentences(before, document, "deviations"),
        "evidence": _evidence(before, document),
    }


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in ("version", "status", "production"):
        yield name, _at(before, "model", name), _at(now, "model", name)
    for name in _IDENTITY:
        yield name, _at(before, "making", name), _at(now, "making", name)
    yield "data set", _at(before, "data", "sha256"), _at(now, "data", "sha256")
    then, current = _metrics(before), _metrics(now)
    for name in sorted(then.keys() | current.keys()):
        yield f"metric {name}", then.get(name), current.get(name)


def _metrics(document: Mapping[str, Any]) -> dict[str, Any]:
    found = _at(document, "metrics", "metrics") or ()
    return {one["name"]: one["value"] for one in found}


def _sentences(
    before: Mapping[str, Any], now: Mapping[str, Any], name: str
) -> dict[str, list[str]]:
    then = {one["sentence"] for one in before.get(name) or ()}
    current = {one["sentence"] for one in now.get(name) or ()}
    return {"new": sorted(current - then), "closed": sorted(then - current)}


def _evidence(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, list[str]]:
    then = _hashes(before.get("evidence") or ())
    current = _hashes(now.get("evidence") or ())
    return {
        "new": sorted(current.keys() - then.keys()),
        "gone": sorted(then.keys() - current.keys()),
        "changed": sorted(uri for uri in then.keys() & current.keys() if then[uri] != current[uri]),
    }


def _hashes(entries: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The reports before this one are not news."""
    return {one["uri"]: one["sha256"] for one in entries if one["what"] != "previous report"}


def _at(document: Mapping[str, Any], *path: str) -> Any:
    found: Any = document
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
