"""Captured objects become Parquet once, whatever is repeated, late or broken."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from modelyard import captured_parquet
from modelyard.captured_parquet import convert, convert_folder, main
from modelyard.data import Column, DataContract
from tests.modelyard.monitoring.captured import PACKAGE, line

COLUMNS = (
    Column(name="income", kind="number", use="feature"),
    Column(name="state", kind="category", use="feature", categories=("MA", "NH")),
)
SAID = {"prediction": "yes", "probability": 0.75}


def captured(folder: Path, lines: Iterable[Any], hour: str = "12", name: str = "a.jsonl") -> Path:
    """A captured object below the bucket's folder."""
    file = folder / "capture" / "loans-prod" / "main" / "2026" / "01" / "02" / hour / name
    file.parent.mkdir(parents=True, exist_ok=True)
    texts = [one if isinstance(one, str) else json.dumps(one) for one in lines]
    file.write_text("".join(f"{text}\n" for text in texts))
    return file


def one(number: int, time: str = "2026-01-02T12:00:00Z", **values: Any) -> dict[str, Any]:
    row = {"income": float(number), "state": "MA", **values}
    return line([row], [SAID], time, event=f"e{number}", inference_id=f"i{number}")


def rows(folder: Path) -> list[dict[str, Any]]:
    """All converted rows, with their partition."""
    return list(pq.read_table(folder, partitioning="hive").to_pylist()) if folder.exists() else []


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_a_row_has_its_passport_its_answer_and_its_values(tmp_path: Path) -> None:
    convert(captured(tmp_path, [one(1)]), "k", tmp_path / "out", COLUMNS)
    (found,) = rows(tmp_path / "out" / "day=2026-01-02")
    assert found["inference_time"].isoformat() == "2026-01-02T12:00:00+00:00"
    assert {name: found[name] for name in found if name not in ("inference_time", "hour")} == {
        "inference_id": "i1",
        "inference_row": 0,
        "inference_model": PACKAGE,
        "inference_variant": "main",
        "inference_prediction": "yes",
        "inference_probability": 0.75,
        "inference_unreadable": None,
        "income": 1.0,
        "state": "MA",
    }


def test_converting_again_changes_no_byte(tmp_path: Path) -> None:
    source = captured(tmp_path, [one(number) for number in range(50)])
    first = convert(source, "k", tmp_path / "out", COLUMNS)
    before = files(tmp_path / "out")
    assert convert(source, "k", tmp_path / "out", COLUMNS) == first
    convert(source, "k", tmp_path / "elsewhere", COLUMNS)
    assert files(tmp_path / "out") == before == files(tmp_path / "elsewhere")


def test_only_new_objects_are_read(tmp_path: Path) -> None:
    source = captured(tmp_path, [one(1)])
    convert_folder(tmp_path / "capture", tmp_path / "out", COLUMNS)
    source.write_text("not read again")
    captured(tmp_path, [one(2)], name="late.jsonl")
    found = convert_folder(tmp_path / "capture", tmp_path / "out", COLUMNS)
    assert [(each.rows, each.unusable) for each in found] == [(1, 0), (1, 0)]
    assert {row["income"] for row in rows(tmp_path / "out" / "day=2026-01-02")} == {1.0, 2.0}


def test_a_conversion_that_broke_off_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = captured(tmp_path, [one(number) for number in range(50)])
    monkeypatch.setattr(captured_parquet, "CHUNK", 20)
    whole = captured_parquet._batch

    def failing(part: Any, columns: Any) -> Any:
        if part[0][0].inference_id == "i40":
            raise OSError("the disk is full")
        return whole(part, columns)

    monkeypatch.setattr(captured_parquet, "_batch", failing)
    with pytest.raises(OSError, match="disk is full"):
        convert(source, "k", tmp_path / "out", COLUMNS)
    assert not list((tmp_path / "out").rglob("*.parquet"))
    monkeypatch.setattr(captured_parquet, "_batch", whole)
    assert convert(source, "k", tmp_path / "out", COLUMNS).rows == 50


def test_rows_lie_by_the_hour_of_their_inference(tmp_path: Path) -> None:
    source = captured(tmp_path, [one(1), one(2, "2026-01-02T13:00:00Z")], hour="12")
    found = convert(source, "k", tmp_path / "out", COLUMNS)
    assert [name.rpartition("/")[0] for name in found.files] == [
        "day=2026-01-02/hour=12",
        "day=2026-01-02/hour=13",
    ]


def test_what_cannot_be_read_is_kept_as_it_came(tmp_path: Path) -> None:
    convert(captured(tmp_path, [one(1, income="a lot")]), "k", tmp_path / "out", COLUMNS)
    (found,) = rows(tmp_path / "out" / "day=2026-01-02")
    assert (found["income"], found["inference_unreadable"]) == (None, '{"income": "a lot"}')


def test_lines_that_are_no_records_are_counted(tmp_path: Path) -> None:
    found = convert(captured(tmp_path, [one(1), "{broken"]), "k", tmp_path / "out", COLUMNS)
    assert (found.rows, found.unusable) == (1, 1)


def test_the_command_says_what_became_of_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    captured(tmp_path, [one(1), "{broken"])
    target = Column(name="y", kind="number", use="target")
    DataContract(columns=(*COLUMNS, target)).dump(tmp_path / "contract.yaml")
    folders = [str(tmp_path / "capture"), str(tmp_path / "out")]
    assert main([*folders, "--contract", str(tmp_path / "contract.yaml")]) == 0
    assert capsys.readouterr().out == "1 rows of 1 objects; 1 lines were no records\n"
