"""What Firehose makes of records on their way to S3: the processed bytes and the object's name."""

from __future__ import annotations

import gzip
import json
import re
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

EXPRESSION = re.compile(r"!\{(timestamp|firehose):([^}]+)\}")
DYNAMIC = re.compile(r"!\{partitionKeyFrom(Query|Lambda):")
# The letters of Java's DateTimeFormatter that prefixes use.
LETTERS = {
    "yyyy": "%Y", "YYYY": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "DD": "%d", "HH": "%H",
    "mm": "%M", "ss": "%S",
}  # fmt: skip
JAVA = re.compile(r"'([^']*)'|yyyy|YYYY|yy|MM|dd|DD|HH|mm|ss")
PROCESSORS = ("Decompression", "CloudWatchLogProcessing", "AppendDelimiterToRecord")
COMPRESSIONS = ("UNCOMPRESSED", "GZIP")


class ProcessingError(Exception):
    """A record that a processor cannot take, and the kind of failure in AWS's words."""


def processors(destination: Mapping[str, Any]) -> tuple[str, ...]:
    """The processors that are on, in AWS's order."""
    configured = destination.get("ProcessingConfiguration") or {}
    stated = {item["Type"] for item in configured.get("Processors") or ()}
    return tuple(name for name in PROCESSORS if configured.get("Enabled") and name in stated)


def processed(record: bytes, steps: Sequence[str]) -> bytes:
    """One record after its processors; ProcessingError when one cannot take it."""
    if "Decompression" in steps:
        try:
            record = gzip.decompress(record)
        except (OSError, EOFError) as error:
            raise ProcessingError(f"the record is not compressed with GZIP: {error}") from None
    if "CloudWatchLogProcessing" in steps:
        record = _messages(record)
    if record and "AppendDelimiterToRecord" in steps and not record.endswith(b"\n"):
        record += b"\n"
    return record


def _messages(record: bytes) -> bytes:
    """The messages of a CloudWatch Logs record, a line each."""
    try:
        document = json.loads(record)
        if document["messageType"] != "DATA_MESSAGE":
            return b""
        return "\n".join(event["message"] for event in document["logEvents"]).encode()
    except (ValueError, KeyError, TypeError) as error:
        raise ProcessingError(f"the record does not come from CloudWatch Logs: {error}") from None


def body(records: Iterable[bytes], destination: Mapping[str, Any]) -> bytes:
    """The object's bytes."""
    data = b"".join(records)
    return gzip.compress(data) if destination.get("CompressionFormat") == "GZIP" else data


def key(
    stream: str,
    version: str,
    destination: Mapping[str, Any],
    arrived: datetime,
    written: datetime,
    failed: str | None = None,
) -> str:
    """The object's name ("Configure Amazon S3 object name format")."""
    zone = ZoneInfo(str(destination.get("CustomTimeZone") or "UTC"))
    prefix = str(destination.get("ErrorOutputPrefix" if failed else "Prefix") or "")
    if failed and not prefix:
        prefix = f"{destination.get('Prefix') or ''}{failed}/"
    evaluated = EXPRESSION.sub(
        lambda found: _value(found, arrived.astimezone(zone), failed), prefix
    )
    if not EXPRESSION.search(prefix):
        evaluated += f"{arrived.astimezone(zone):%Y/%m/%d/%H/}"
    compressed = destination.get("CompressionFormat") == "GZIP"
    extension = destination.get("FileExtension") or (".gz" if compressed else "")
    moment = f"{written.astimezone(zone):%Y-%m-%d-%H-%M-%S}"
    return f"{evaluated}{stream}-{version}-{moment}-{uuid.uuid4()}{extension}"


def _value(found: re.Match[str], arrived: datetime, failed: str | None) -> str:
    if found[1] == "timestamp":
        return JAVA.sub(
            lambda part: part[1] if part[1] is not None else arrived.strftime(LETTERS[part[0]]),
            found[2],
        )
    if found[2] == "random-string":
        return secrets.token_urlsafe(8)[:11]
    return failed or ""


def problems(destination: Mapping[str, Any]) -> str | None:
    """What AWS, or the sandbox, does not carry out of an S3 destination; None for nothing."""
    prefixes = f"{destination.get('Prefix') or ''}{destination.get('ErrorOutputPrefix') or ''}"
    configured = destination.get("ProcessingConfiguration") or {}
    kinds = [item["Type"] for item in configured.get("Processors") or ()]
    other = [kind for kind in kinds if kind not in PROCESSORS]
    if DYNAMIC.search(prefixes) or (destination.get("DynamicPartitioningConfiguration") or {}).get(
        "Enabled"
    ):
        return "dynamic partitioning"
    if other:
        return f"the processor {other[0]}"
    if (destination.get("CompressionFormat") or "UNCOMPRESSED") not in COMPRESSIONS:
        return f"the compression {destination['CompressionFormat']}"
    if (destination.get("DataFormatConversionConfiguration") or {}).get("Enabled"):
        return "record format conversion"
    if (destination.get("S3BackupMode") or "Disabled") != "Disabled":
        return "a backup of source records"
    return None
