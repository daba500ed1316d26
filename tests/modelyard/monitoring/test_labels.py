"""Labels arrive late, twice, out of order and in contradiction; each case has one known outcome."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from modelyard.data import Column
from modelyard.monitoring.labels import Labels, read

TARGET = Column(name="approve", kind="integer", use="target", categories=("0", "1"))
END = datetime(2026, 2, 1, tzinfo=UTC)
EARLY, LATE = "2026-01-02T00:00:00Z", "2026-01-05T00:00:00Z"


def labels(folder: Path, *lines: object) -> Labels:
    file = folder / "labels.jsonl"
    texts = [one if isinstance(one, str) else json.dumps(one) for one in lines]
    file.write_text("\n".join(texts))
    return read([file], TARGET, END)


def said(label: object, time: str | None = EARLY, **more: object) -> dict[str, object]:
    return {"inference_id": "i1", "label": label, "time": time, **more}


def test_a_label_is_known_by_inference_and_row(tmp_path: Path) -> None:
    found = labels(tmp_path, said(1), said(0, row=2))
    assert found.by_key == {("i1", 1): "1", ("i1", 2): "0"}


def test_csv_and_json_lines_say_the_same(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text(f"inference_id,label,time\ni1,1,{EARLY}\n")
    assert read([file], TARGET, END).by_key == labels(tmp_path, said(1)).by_key


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "out of order"])
def test_of_two_labels_the_newest_wins(tmp_path: Path, order: tuple[int, int]) -> None:
    lines = (said(0, EARLY), said(1, LATE))
    found = labels(tmp_path, *(lines[position] for position in order))
    assert found.by_key == {("i1", 1): "1"}
    assert (found.account.replaced, found.account.contradicting) == (1, 0)


@pytest.mark.parametrize("time", [EARLY, None], ids=["at one time", "at no stated time"])
def test_labels_that_contradict_each_other_are_not_believed(
    tmp_path: Path, time: str | None
) -> None:
    found = labels(tmp_path, said(0, time), said(1, time))
    assert found.by_key == {}
    assert found.account.contradicting == 1


def test_a_newer_label_settles_a_contradiction(tmp_path: Path) -> None:
    found = labels(tmp_path, said(0), said(1), said(1, LATE))
    assert found.by_key == {("i1", 1): "1"}


def test_a_repeated_label_counts_once(tmp_path: Path) -> None:
    found = labels(tmp_path, said(1), said("1"), said(1.0, LATE))
    assert (found.account.rows, found.account.repeated) == (1, 2)


def test_a_label_from_the_future_waits(tmp_path: Path) -> None:
    found = labels(tmp_path, said(1, "2026-03-01T00:00:00Z"))
    assert (found.by_key, found.account.from_the_future) == ({}, 1)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{broken", "the line has no inference_id"),
        ({"label": 1}, "the line has no inference_id"),
        (said(7), "the label is not what the target holds"),
        (said(None), "the label is not what the target holds"),
        (said(1, "soon"), "the time cannot be read"),
        (said(1, row="first"), "the row is not a number"),
    ],
)
def test_what_is_no_label_is_counted_with_its_reason(
    tmp_path: Path, line: object, reason: str
) -> None:
    assert labels(tmp_path, line).account.malformed == {reason: 1}
