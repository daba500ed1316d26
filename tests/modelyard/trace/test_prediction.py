"""Finding a captured record: either door, any hour, and no more objects than it takes."""

import gzip
import json
from datetime import UTC, date, datetime

import pytest

from modelyard.trace import prediction
from tests.modelyard.trace.known import CAPTURED, OURS, Known

NOW = datetime(2026, 2, 1, tzinfo=UTC)
PREFIXES = ("capture/loans-prod/", "capture/batch/")


def search(past: Known, inference_id: str, day: date | None = None) -> prediction.Search:
    return prediction.search(past.store, CAPTURED, PREFIXES, inference_id, day, NOW)


def envelope(*lines: bytes) -> bytes:
    """What CloudWatch Logs delivers of a container's output."""
    events = [{"message": line.decode()} for line in lines]
    return gzip.compress(json.dumps({"messageType": "DATA_MESSAGE", "logEvents": events}).encode())


def test_record_of_the_endpoints_door_is_found(past: Known) -> None:
    found = search(past, OURS).found
    assert found is not None
    assert (found.variant, found.rows, found.source.rpartition("/")[2]) == (
        "main",
        [{"income": 4200}],
        "a.jsonl",
    )


def test_record_of_the_logs_door_is_found(past: Known) -> None:
    past.capture("loans-prod/main/2026/01/03/00/b.jsonl.gz", envelope(past.line("case-8")))
    assert search(past, "case-8").found is not None


def test_record_in_slices_is_found(past: Known) -> None:
    text = past.line("case-9").decode().strip()
    parts = [
        json.dumps({"capturePart": {"eventId": "e", "sequence": n, "of": 2, "data": data}})
        for n, data in enumerate((text[:200], text[200:]), 1)
    ]
    for n, part in enumerate(parts):
        past.capture(f"loans-prod/main/2026/01/03/01/{n}.jsonl", part.encode() + b"\n")
    assert search(past, "case-9").found is not None


def test_record_of_a_batch_run_is_found(past: Known) -> None:
    past.capture(
        "batch/main/2026/01/04/01/0123456789abcdef99.jsonl", past.line("0123456789abcdef-3")
    )
    assert search(past, "0123456789abcdef-3").found is not None


def test_hour_that_the_id_names_is_read_first(past: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prediction, "MOST_OBJECTS", 1)
    past.capture("loans-prod/main/2026/01/09/09/new.jsonl", past.line("other"))
    assert search(past, OURS).found is not None


def test_search_that_gives_up_asks_for_the_day(
    past: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prediction, "MOST_OBJECTS", 1)
    past.capture("loans-prod/main/2026/01/09/09/new.jsonl", past.line("other"))
    assert search(past, "case-7").why == (
        "it is not in the newest 1 of 2 captured objects, back to 2026-01-09; say --day YYYY-MM-DD"
    )
    assert search(past, "case-7", date(2026, 1, 2)).found is not None


def test_lines_that_are_no_records_are_passed_over(past: Known) -> None:
    past.capture("loans-prod/main/2026/01/02/03/0.jsonl", b'not JSON but "case-7"\n')
    assert search(past, "case-7").found is not None


def test_caller_who_may_not_read_is_told_apart_from_an_absent_record(past: Known) -> None:
    past.forbid(CAPTURED)
    found = search(past, OURS)
    assert (found.denied, found.why) == (True, "captured predictions are not this caller's to read")
