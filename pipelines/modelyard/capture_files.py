"""Files of captured lines: unpacked, freed of the envelopes of CloudWatch Logs, line by line."""

import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_BLOCK = 1 << 20


def opened(file: Path) -> Any:
    """The bytes of a file, unpacked where it is compressed."""
    return gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb")


def lines(file: Path) -> Iterator[bytes]:
    """Lines that are not blank; an envelope of CloudWatch Logs is opened."""
    with opened(file) as stream:
        for line in stream:
            if b'"logEvents"' in line:
                yield from _log_events(line)
            elif line.strip():
                yield line


def count_lines(files: Iterable[Path]) -> int:
    """How many lines there are, without reading what they say."""
    total = 0
    for file in files:
        with opened(file) as stream:
            while block := stream.read(_BLOCK):
                total += block.count(b"\n")
    return total


def variant_of(file: Path) -> str:
    """The variant by the file's place: <endpoint>/<variant>/yyyy/mm/dd/hh/<file>."""
    return file.parts[-6] if hour_of(file) else ""


def hour_of(file: Path) -> datetime | None:
    """The hour for which a file was stored, by its place."""
    if len(file.parts) < 7:
        return None
    try:
        year, month, day, hour = map(int, file.parts[-5:-1])
        return datetime(year, month, day, hour, tzinfo=UTC)
    except ValueError:
        return None


def is_earlier(file: Path, start: datetime) -> bool:
    """Whether a file holds only what came before a window, but for what was stored late."""
    hour = hour_of(file)
    return hour is not None and hour + timedelta(hours=1) < start


def _log_events(line: bytes) -> Iterator[bytes]:
    try:
        envelope = json.loads(line)
        messages = [str(event["message"]).encode() for event in envelope["logEvents"]]
    except (ValueError, KeyError, TypeError):
        yield line
        return
    if envelope.get("messageType") != "CONTROL_MESSAGE":
        yield from messages
