"""Inferences on the standard output: one line each, cut where a log driver would cut them."""

import io
import json
from datetime import UTC, datetime

import pytest

from modelyard.capture_log import LINE_BYTES, CaptureLog, Inference

WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
BODY = '{"instances": [{"Größe": 1}]}'.encode()
ANSWER = b'{"predictions": [{"prediction": 1}], "model_package": "arn:x/3"}'


def lines(*inferences: Inference) -> list[str]:
    """What the log holds."""
    stream = io.BytesIO()
    log = CaptureLog(stream)
    for inference in inferences:
        log.write(inference, WHEN)
    return stream.getvalue().decode("ascii").splitlines()


def test_line_is_what_data_capture_writes() -> None:
    (line,) = lines(Inference("application/json", BODY, ANSWER, "case-7"))
    record = json.loads(line)
    sides = record["captureData"]
    assert sides["endpointInput"] == {
        "observedContentType": "application/json",
        "mode": "INPUT",
        "data": BODY.decode(),
        "encoding": "JSON",
    }
    assert sides["endpointOutput"]["mode"] == "OUTPUT"
    assert json.loads(sides["endpointOutput"]["data"])["model_package"] == "arn:x/3"
    assert record["eventVersion"] == "0"
    assert record["eventMetadata"]["inferenceId"] == "case-7"
    assert record["eventMetadata"]["inferenceTime"] == "2026-03-04T05:06:07Z"


def test_inferences_are_numbered_without_gaps() -> None:
    one = Inference("text/csv", b"a\n1\n", ANSWER, "x")
    events = [json.loads(line)["eventMetadata"]["eventId"] for line in lines(one, one, one)]
    servers, numbers = zip(*(event.rsplit("-", 1) for event in events), strict=True)
    assert numbers == ("1", "2", "3")
    assert len(set(servers)) == 1


@pytest.mark.parametrize("size", [LINE_BYTES - 700, LINE_BYTES, 300_000])
def test_no_line_is_longer_than_a_log_driver_keeps_and_slices_give_the_line_back(size: int) -> None:
    body = ('{"instances": [{"a": "' + '\\"' * (size // 2) + '"}]}').encode()
    found = lines(Inference("application/json", body, ANSWER, "x"))
    assert max(map(len, found)) < 16 * 1024
    parts = [json.loads(line)["capturePart"] for line in found]
    assert [part["sequence"] for part in parts] == list(range(1, len(parts) + 1))
    assert {part["of"] for part in parts} == {len(parts)}
    whole = json.loads("".join(part["data"] for part in parts))
    assert whole["captureData"]["endpointInput"]["data"] == body.decode()
    assert {part["eventId"] for part in parts} == {whole["eventMetadata"]["eventId"]}
