"""Records of batch transform: split from a file, gathered into requests, joined with answers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.compute.record_path import PathError, select

MEGABYTE = 1024 * 1024
CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"


class RecordError(ValueError):
    """Input or output that does not fit what the job says about it."""


@dataclass(frozen=True)
class Processing:
    """What becomes of a record before and after the model ("DataProcessing")."""

    content_type: str
    input_filter: str = "$"
    join: bool = False
    output_filter: str = "$"

    @property
    def active(self) -> bool:
        """Whether records are looked into at all."""
        return self.join or self.input_filter != "$" or self.output_filter != "$"

    def asked(self, record: bytes) -> bytes:
        """What of a record the model sees."""
        if self.input_filter == "$":
            return record
        return self._filtered(self.input_filter, self._read(record))

    def stored(self, record: bytes, answer: bytes) -> bytes:
        """What of a record and its answer is kept."""
        if not self.join and self.output_filter == "$":
            return answer
        found = self._read(answer)
        joined = self._joined(self._read(record), found) if self.join else found
        return self._filtered(self.output_filter, joined)

    def _joined(self, record: Any, answer: Any) -> Any:
        """CSV gets columns; a JSON object gets SageMakerOutput; anything else becomes one."""
        if self.content_type == CSV:
            return [*record, *answer]
        if isinstance(record, dict):
            return record | {"SageMakerOutput": answer}
        return {"SageMakerInput": record, "SageMakerOutput": answer}

    def _filtered(self, path: str, value: Any) -> bytes:
        try:
            part = select(path, value)
        except PathError as error:
            raise RecordError(str(error)) from None
        if self.content_type != CSV:
            return json.dumps(part).encode()
        text = io.StringIO()
        csv.writer(text, lineterminator="").writerow(part if isinstance(part, list) else [part])
        return text.getvalue().encode()

    def _read(self, data: bytes) -> Any:
        text = data.decode("utf-8")
        if self.content_type == CSV:
            return next(csv.reader([text]), [])
        try:
            return json.loads(text)
        except ValueError as error:
            raise RecordError(f"{text[:80]!r} is not JSON: {error}") from None


def records(data: bytes, split: str) -> list[bytes]:
    """The records of a file: its lines, or all of it."""
    if split == "Line":
        return [line for line in data.splitlines() if line.strip()]
    return [data]


def batches(asked: Iterable[bytes], single: bool, largest: int) -> Iterator[list[bytes]]:
    """Records in the groups that one request carries, each at most `largest` bytes."""
    batch: list[bytes] = []
    size = 0
    for record in asked:
        if len(record) > largest:
            raise RecordError(
                f"a record of {len(record)} bytes is larger than MaxPayloadInMB "
                f"({largest // MEGABYTE} MB) allows"
            )
        if batch and (single or size + 1 + len(record) > largest):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += 1 + len(record)
    if batch:
        yield batch


def answers(batch: list[bytes], reply: bytes) -> list[bytes]:
    """The answer to each record of a batch."""
    if len(batch) == 1:
        return [reply.rstrip(b"\n")]
    found = [line for line in reply.splitlines() if line.strip()]
    if len(found) != len(batch):
        raise RecordError(f"the model gave {len(found)} answers to {len(batch)} records")
    return found


def assembled(parts: Iterable[bytes], with_lines: bool) -> bytes:
    """One file of all parts, in order."""
    end: Callable[[bytes], bytes] = (
        (lambda part: part if part.endswith(b"\n") else part + b"\n")
        if with_lines
        else (lambda part: part)
    )
    return b"".join(end(part) for part in parts)
