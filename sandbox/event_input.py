"""What a rule's target receives of an event: all of it, a part, a constant or a template."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\['([^']+)'\]")
PLACEHOLDER = re.compile(r"<([A-Za-z0-9_.\-]+)>")


def shaped(document: Mapping[str, Any], rule: str, target: Mapping[str, Any]) -> str:
    """The text a target is sent."""
    if target.get("Input"):
        return str(target["Input"])
    if target.get("InputPath"):
        return json.dumps(_at(document, target["InputPath"]))
    if target.get("InputTransformer"):
        return _filled(target["InputTransformer"], document, rule)
    return json.dumps(document, default=str)


def _at(document: Any, path: str) -> Any:
    """The value at a JSON path; None where it leads nowhere."""
    for name, index, quoted in STEP.findall(path.removeprefix("$")):
        if index:
            document = document[int(index)] if _has(document, int(index)) else None
        else:
            document = document.get(name or quoted) if isinstance(document, Mapping) else None
    return document


def _has(document: Any, index: int) -> bool:
    return isinstance(document, list) and index < len(document)


def _filled(transformer: Mapping[str, Any], document: Mapping[str, Any], rule: str) -> str:
    values = {
        name: _at(document, path) for name, path in (transformer.get("InputPathsMap") or {}).items()
    }
    values["aws.events.event"] = {k: v for k, v in document.items() if k != "detail"}
    values["aws.events.event.json"] = dict(document)
    values["aws.events.event.ingestion-time"] = document["time"]
    values["aws.events.rule-arn"] = rule
    values["aws.events.rule-name"] = rule.rsplit("/", 1)[-1]
    template = str(transformer["InputTemplate"])
    parts: list[str] = []
    quoted, at = False, 0
    for found in PLACEHOLDER.finditer(template):
        before = template[at : found.start()]
        quoted ^= len(re.findall(r'(?<!\\)"', before)) % 2 == 1
        parts.append(before)
        parts.append(_text(values[found[1]], quoted) if found[1] in values else found[0])
        at = found.end()
    return "".join([*parts, template[at:]])


def _text(value: Any, quoted: bool) -> str:
    """Inside quotes the bare text, elsewhere JSON."""
    if not quoted:
        return json.dumps(value, default=str)
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return "" if value is None else json.dumps(text)[1:-1]
