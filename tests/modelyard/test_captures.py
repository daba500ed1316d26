"""Captured lines become records, and every line that does not is accounted for."""

import gzip
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from modelyard.capture_files import count_lines
from modelyard.capture_log import CaptureLog, Inference
from modelyard.captures import Account, Period, Record, read
from tests.modelyard.monitoring.captured import PACKAGE, body, line, packed, slices

PERIOD = Period(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC))
NOON = "2026-01-02T12:00:00Z"
ROW = {"income": 3.5, "state": "MA"}
SAID = {"prediction": "yes", "probability": 0.75}


def records(
    folder: Path, lines: Iterable[Any], period: Period = PERIOD
) -> tuple[list[Record], Account]:
    """What is read of one file of lines (texts, or documents)."""
    file = folder / "capture" / "loans-prod" / "main" / "2026" / "01" / "02" / "12" / "a.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    texts = [one if isinstance(one, str) else json.dumps(one) for one in lines]
    file.write_text("".join(f"{text}\n" for text in texts))
    account = Account()
    return list(read([file], period, account)), account


def test_a_record_holds_rows_predictions_and_their_passport(tmp_path: Path) -> None:
    (record,), account = records(tmp_path, [line([ROW], [SAID], NOON, inference_id="i1")])
    assert (record.rows, record.predictions) == ([ROW], [SAID])
    assert (record.inference_id, record.variant) == ("i1", "main")
    assert (record.model_package, record.time.hour) == (PACKAGE, 12)
    assert (account.lines, account.records, account.rows, account.unusable) == (1, 1, 1, 0)


def test_the_servers_id_stands_in_for_one_the_client_did_not_send(tmp_path: Path) -> None:
    (record,), _ = records(tmp_path, [line([ROW], [SAID], NOON)])
    assert record.inference_id == "server-e1"


@pytest.mark.parametrize(
    "changes",
    [
        {"data": "income,state\n3.5,MA\n", "encoding": "CSV", "observedContentType": "text/csv"},
        {"data": packed('{"instances": [{"income": "3.5", "state": "MA"}]}'), "encoding": "BASE64"},
        {
            "data": packed("income,state\n3.5,MA\n"),
            "encoding": "BASE64",
            "observedContentType": None,
        },
    ],
    ids=["csv", "base64 json", "base64 csv of no observed type"],
)
def test_every_encoding_of_the_input_is_read(tmp_path: Path, changes: dict[str, Any]) -> None:
    (record,), _ = records(tmp_path, [line([ROW], [SAID], NOON, **changes)])
    assert record.rows == [{"income": "3.5", "state": "MA"}]


@pytest.mark.parametrize(
    ("spoiled", "reason"),
    [
        ("{not json", "the line is not JSON"),
        ("[1, 2]", "the line is not a JSON object"),
        ({"hello": 1}, "the line is not a capture record"),
        (line([ROW], [SAID], "yesterday"), "the record has no time that can be read"),
        (line([ROW], [SAID, SAID], NOON), "rows and predictions differ in number"),
        (line([ROW], [SAID], NOON, encoding="BASE64", data="%%"), "the payload is not base64"),
        (line([ROW], [SAID], NOON, data="x"), "the input holds no rows that can be read"),
        (line([ROW], [SAID], NOON, data=None), "the record has no payload"),
        ({"capturePart": {"eventId": "e", "data": "x"}}, "a slice is not numbered"),
    ],
)
def test_a_malformed_line_is_counted_with_its_reason(
    tmp_path: Path, spoiled: Any, reason: str
) -> None:
    found, account = records(tmp_path, [spoiled, line([ROW], [SAID], NOON)])
    assert len(found) == 1
    assert account.malformed == {reason: 1}


def test_a_repeated_inference_id_counts_once(tmp_path: Path) -> None:
    twice = [line([ROW], [SAID], NOON, event, inference_id="i1") for event in ("e1", "e2")]
    found, account = records(tmp_path, twice)
    assert (len(found), account.duplicates, account.captured) == (1, 1, 1)


def test_a_wrong_clock_is_told_from_the_hours_before_and_after(tmp_path: Path) -> None:
    hour = PERIOD.start + timedelta(hours=12)
    period = Period(hour, hour + timedelta(hours=1))
    times = ("2026-01-02T11:59:59Z", NOON, "2026-01-02T13:00:00Z", "2031-01-01T00:00:00Z")
    lines = [line([ROW], [SAID], time, f"e{n}") for n, time in enumerate(times)]
    found, account = records(tmp_path, lines, period)
    assert (len(found), account.outside, account.skewed) == (1, 2, 1)


def test_earlier_files_are_read_for_late_labels_and_count_nothing(tmp_path: Path) -> None:
    start = datetime(2026, 1, 5, tzinfo=UTC)
    period = Period(start, start + timedelta(days=1), earlier=PERIOD.start)
    lines = [line([ROW], [SAID], NOON), "{not json"]
    found, account = records(tmp_path, lines, period)
    assert [record.in_window for record in found] == [False]
    assert (account.records, account.earlier, account.captured, account.unusable) == (0, 1, 0, 0)


def test_what_the_container_logs_is_read_back(tmp_path: Path) -> None:
    stream = io.BytesIO()
    rows = [{"income": float(number), "state": "MA"} for number in range(800)]
    log = CaptureLog(stream)
    for name, sent in (("i1", rows[:1]), ("i2", rows)):
        request = json.dumps({"instances": sent}).encode()
        answer = body([SAID] * len(sent), name).encode()
        log.write(Inference("application/json", request, answer, name), PERIOD.start)
    period = Period(PERIOD.start, PERIOD.end)
    texts = stream.getvalue().decode().splitlines()
    file = tmp_path / "log.jsonl"
    file.write_text("\n".join(texts))
    account = Account()
    found = list(read([file], period, account))
    assert [record.inference_id for record in found] == ["i1", "i2"]
    assert (found[1].rows, account.slices > 5, account.unusable) == (rows, True, 0)


def test_slices_are_put_together_whatever_their_order(tmp_path: Path) -> None:
    record = line([ROW] * 50, [SAID] * 50, NOON)
    parts = slices(record, 700)
    found, account = records(tmp_path, [*reversed(parts), parts[0]])
    assert [len(one.rows) for one in found] == [50]
    assert (account.slices, account.incomplete) == (len(parts) + 1, 0)


def test_a_record_that_lacks_a_slice_is_reported(tmp_path: Path) -> None:
    parts = slices(line([ROW] * 50, [SAID] * 50, NOON), 700)
    found, account = records(tmp_path, parts[:-1])
    assert (found, account.incomplete, account.unusable) == ([], 1, 1)


def test_an_envelope_of_cloudwatch_logs_is_opened(tmp_path: Path) -> None:
    events = [{"message": json.dumps(line([ROW], [SAID], NOON, f"e{n}"))} for n in range(3)]
    envelope = {"messageType": "DATA_MESSAGE", "logEvents": events}
    control = {"messageType": "CONTROL_MESSAGE", "logEvents": [{"message": "probe"}]}
    found, account = records(tmp_path, [control, envelope])
    assert (len(found), account.lines, account.unusable) == (3, 3, 0)


def test_a_shadows_answers_are_counted_aside(tmp_path: Path) -> None:
    period = Period(PERIOD.start, PERIOD.end, variants=frozenset({"champion"}))
    found, account = records(tmp_path, [line([ROW], [SAID], NOON)], period)
    assert (found, account.other_variants) == ([], 1)


def test_a_sample_holds_the_same_ids_always_and_the_count_of_all(tmp_path: Path) -> None:
    lines = [line([ROW], [SAID], NOON, f"e{n}") for n in range(400)]
    period = Period(PERIOD.start, PERIOD.end, share=0.25)
    found, account = records(tmp_path, lines, period)
    again, _ = records(tmp_path, reversed(lines), period)
    assert 50 < len(found) < 150
    assert {one.inference_id for one in found} == {one.inference_id for one in again}
    assert account.captured == 400


def test_compressed_files_are_read_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress((json.dumps(line([ROW], [SAID], NOON)) + "\n").encode()))
    account = Account()
    assert len(list(read([file], PERIOD, account))) == count_lines([file]) == 1
