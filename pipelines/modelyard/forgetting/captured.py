"""Captured predictions without one person's: SageMaker's lines, and those CloudWatch Logs wraps.

A request that concerns the person goes as a whole, with whatever other rows it held. A record that
was cut into slices goes with all its slices, also those in other files of the same folder.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from modelyard.capture_parts import Parts
from modelyard.capture_payloads import Unusable, answer, rows
from modelyard.forgetting.person import INFERENCE, Person

_GZIP = b"\x1f\x8b"


@dataclass
class Slices:
    """Records in slices, over all files that were looked at."""

    parts: Parts = field(default_factory=Parts)
    about: set[str] = field(default_factory=set)

    def look(self, content: bytes, person: Person) -> bool:
        """Whether a file holds slices; remembers records that turn out to be about the person."""
        any_slice = False
        for part in _slices(content):
            any_slice = True
            try:
                whole = self.parts.add(part)
            except Unusable:
                continue
            if whole is not None and _is_about(whole.encode(), person, frozenset()):
                self.about.add(str(part["eventId"]))
        return any_slice


def without_records(
    content: bytes, person: Person, sliced: frozenset[str] = frozenset()
) -> tuple[bytes, int] | None:
    """The lines that are not about the person and how many were; None where none was."""
    packed = content.startswith(_GZIP)
    kept, removed = [], 0
    for line in (gzip.decompress(content) if packed else content).splitlines(keepends=True):
        left, gone = _without(line, person, sliced)
        removed += gone
        if left:
            kept.append(left)
    if not removed:
        return None
    text = b"".join(kept)
    # Without a time in the header, the same lines give the same bytes.
    return (gzip.compress(text, mtime=0) if packed and text else text), removed


def _without(line: bytes, person: Person, sliced: frozenset[str]) -> tuple[bytes, int]:
    if b'"logEvents"' in line:
        try:
            envelope = json.loads(line)
            events = envelope["logEvents"]
            kept = [
                event
                for event in events
                if not _is_about(str(event["message"]).encode(), person, sliced)
            ]
        except (ValueError, KeyError, TypeError):
            return line, 0
        if len(kept) == len(events):
            return line, 0
        left = json.dumps({**envelope, "logEvents": kept}).encode() + b"\n" if kept else b""
        return left, len(events) - len(kept)
    return (b"", 1) if _is_about(line, person, sliced) else (line, 0)


def _is_about(line: bytes, person: Person, sliced: frozenset[str]) -> bool:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return False
    if not isinstance(document, dict):
        return False
    if isinstance(part := document.get("capturePart"), Mapping):
        return str(part.get("eventId")) in sliced
    captured, metadata = document.get("captureData"), document.get("eventMetadata")
    if not isinstance(captured, dict) or not isinstance(metadata, dict):
        return person.is_within(document)
    inference = metadata.get("inferenceId") or _answered_as(captured)
    if _sent_about(captured, person) or person.has({INFERENCE: inference}):
        if inference:
            person.inferences.add(str(inference))
        return True
    return False


def _sent_about(captured: Mapping[str, Any], person: Person) -> bool:
    try:
        return any(person.has(row) for row in rows(captured))
    except Unusable:
        return False


def _answered_as(captured: Mapping[str, Any]) -> str:
    try:
        return answer(captured).inference_id
    except Unusable:
        return ""


def _slices(content: bytes) -> Iterator[Mapping[str, Any]]:
    if content.startswith(_GZIP):
        content = gzip.decompress(content)
    if b"capturePart" not in content:
        return
    for line in content.splitlines():
        for text in _messages(line):
            try:
                part = json.loads(text)["capturePart"]
            except (ValueError, KeyError, TypeError):
                continue
            yield part


def _messages(line: bytes) -> list[str]:
    if b'"logEvents"' not in line:
        return [line.decode(errors="replace")]
    try:
        return [str(event["message"]) for event in json.loads(line)["logEvents"]]
    except (ValueError, KeyError, TypeError):
        return []
