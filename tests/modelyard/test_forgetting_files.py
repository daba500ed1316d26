"""A file without one person's rows, whatever kind of file it is."""

import csv
import gzip
import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modelyard.capture_log import CaptureLog, Inference, record
from modelyard.forgetting.captured import Slices, without_records
from modelyard.forgetting.person import Person, person, proof_hash
from modelyard.forgetting.rows import UnreadableError, without
from modelyard.pseudonyms import Pseudonyms

KEYS = [Pseudonyms(bytes(32)), Pseudonyms(bytes(range(32)))]
NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)


def alice(**more: Any) -> Person:
    return person("7", ["person"], KEYS, **more)


def inference(name: str, rows: list[Mapping[str, Any]]) -> Inference:
    """An answered request about some rows."""
    answered = {"predictions": [{"prediction": 1} for _ in rows], "inference_id": name}
    return Inference(
        "application/json",
        json.dumps({"instances": rows}).encode(),
        json.dumps(answered).encode(),
        name,
    )


def line(name: str, rows: list[Mapping[str, Any]]) -> bytes:
    return json.dumps(record(inference(name, rows), name, NOW)).encode() + b"\n"


def enveloped(*lines: bytes) -> bytes:
    """Lines as CloudWatch Logs delivers them."""
    events = [{"id": str(n), "message": text.decode().strip()} for n, text in enumerate(lines)]
    return json.dumps({"messageType": "DATA_MESSAGE", "logEvents": events}).encode() + b"\n"


@pytest.mark.parametrize("stored", ["7", " 7 ", "7.0", KEYS[0].of(7), KEYS[1].of(7)])
def test_row_is_found_by_name_and_by_every_pseudonym(stored: str) -> None:
    cut = without(f"person,x\n{stored},1\n8,2\n".encode(), "a.csv", alice())
    assert cut is not None
    assert (cut.content, cut.rows, cut.is_empty) == (b"person,x\n8,2\n", 1, False)


def test_other_bytes_of_a_csv_file_stay_as_they_are() -> None:
    text = 'person;note\r\n8;"a\r\nb; 7"\r\n7;"two\r\nlines"\r\n9;Gr\xfc\xdfe\r\n'.encode("cp1252")
    cut = without(text, "a.csv", alice())
    assert cut is not None
    assert cut.content == text.replace(b'7;"two\r\nlines"\r\n', b"")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_byte_order_mark_is_neither_lost_nor_added(mark: bytes) -> None:
    cut = without(mark + b"person,x\n7,1\n8,2\n", "a.csv", alice())
    assert cut is not None
    assert cut.content == mark + b"person,x\n8,2\n"


def test_value_in_another_column_is_somebody_else() -> None:
    assert without(b"person,x\n8,7\n", "a.csv", alice()) is None


def test_file_about_one_person_only_is_empty_afterwards() -> None:
    cut = without(b"person,x\n7,1\n7,2\n", "a.csv", alice())
    assert cut is not None
    assert (cut.rows, cut.is_empty) == (2, True)


def test_parquet_rows_go_and_its_columns_stay() -> None:
    table = pa.table({"person": [7.0, 8.0, None], "x": ["a", "b", "c"]})
    sink = io.BytesIO()
    pq.write_table(table, sink)
    cut = without(sink.getvalue(), "a.parquet", alice())
    assert cut is not None
    left = pq.read_table(io.BytesIO(cut.content))
    assert (left.to_pylist(), left.schema) == (table.slice(1).to_pylist(), table.schema)


def test_prepared_rows_are_found_by_the_row_keys_that_the_raw_file_gave() -> None:
    who = alice(key_column="loan")
    without(b"loan,person\nL1,7\nL2,8\n", "raw.csv", who)
    cut = without(f"loan,x\nL1,1\n{KEYS[1].of('L1')},1\nL2,2\n".encode(), "prepared.csv", who)
    assert cut is not None
    assert (cut.content, cut.rows) == (b"loan,x\nL2,2\n", 2)


def test_table_that_names_nobody_is_told_not_passed_over() -> None:
    with pytest.raises(UnreadableError, match="has none of the columns person"):
        without(b"x,y\n7,8\n", "a.csv", alice())


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"PAR1 secret", "a.parquet"), (b"\x1f\x8b secret", "a.jsonl.gz"), (b"secret", "a.zip")],
)
def test_what_cannot_be_read_is_told_without_being_quoted(content: bytes, name: str) -> None:
    with pytest.raises(UnreadableError) as told:
        without(content, name, alice())
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
@pytest.mark.parametrize("envelope", [False, True], ids=["sagemaker", "log"])
def test_captured_request_about_the_person_goes(envelope: bool, pack: Any) -> None:
    lines = [line("a", [{"person": 8, "x": 1}]), line("b", [{"person": 7, "x": 2}])]
    content = pack(enveloped(*lines) if envelope else b"".join(lines))
    who = alice()
    cut = without(content, "part.gz" if pack is gzip.compress else "part.jsonl", who)
    assert cut is not None
    left = gzip.decompress(cut.content) if pack is gzip.compress else cut.content
    left = left.replace(b"\\", b"")
    assert (cut.rows, who.inferences) == (1, {"b"})
    assert b'"a"' in left and b'"b"' not in left


def test_labels_and_tables_of_such_a_request_go_too() -> None:
    who = alice()
    without(line("b", [{"person": 7}]), "part.jsonl", who)
    labels = without(b"inference_id,label\na,1\nb,0\n", "labels.csv", who)
    assert labels is not None
    assert labels.content == b"inference_id,label\na,1\n"


def test_request_named_after_the_person_goes() -> None:
    assert without(line("7", [{"x": 1}]), "part.jsonl", alice()) is not None


def test_record_in_slices_goes_with_all_of_them_wherever_they_lie() -> None:
    stream = io.BytesIO()
    log = CaptureLog(stream)
    log.write(inference("long", [{"person": 7, "note": "n" * 30_000}]), NOW)
    log.write(inference("short", [{"person": 8}]), NOW)
    lines = stream.getvalue().splitlines(keepends=True)
    files = [b"".join(lines[:2]), b"".join(lines[2:])]
    who, slices = alice(), Slices()
    assert [slices.look(content, who) for content in files] == [True, True]
    cuts = [without_records(content, who, frozenset(slices.about)) for content in files]
    assert [cut and cut[1] for cut in cuts] == [2, len(lines) - 3]
    assert cuts[0] is not None and cuts[1] is not None
    assert cuts[0][0] == b"" and cuts[1][0] == lines[-1]


def test_batch_answers_are_found_by_the_rows_they_repeat() -> None:
    lines = b'{"person": "8", "prediction": 1}\n{"person": "7", "prediction": 0}\n'
    cut = without(lines, "answers.jsonl", alice())
    assert cut is not None
    assert cut.content == lines.splitlines(keepends=True)[0]


def test_proof_calls_the_person_by_no_pseudonym() -> None:
    assert proof_hash("7", KEYS[0]) != KEYS[0].of("7")
    assert proof_hash("7", KEYS[0]) != proof_hash("7", KEYS[1])
    assert proof_hash("7.0", KEYS[0]) == proof_hash("7", KEYS[0])


def test_rest_of_a_csv_file_is_still_a_csv_file() -> None:
    cut = without(b'person,x\n8,"a,b"\n7,c\n', "a.csv", alice())
    assert cut is not None
    assert list(csv.reader(io.StringIO(cut.content.decode()))) == [["person", "x"], ["8", "a,b"]]
