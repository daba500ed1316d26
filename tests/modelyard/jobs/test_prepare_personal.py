"""Preparing rows about people: names never leave the job, and rows go when their time is over."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml

from modelyard.jobs.prepare import main
from modelyard.pseudonyms import Pseudonyms

SPLITS = ("train", "validation", "test")
KEY, OTHER_KEY = bytes(range(32)), bytes(32)
NAMES = [f"person-{n}@example.com" for n in range(200)]
RUN_TIME = "2026-11-21T06:00:00Z"


@pytest.fixture
def frame() -> pd.DataFrame:
    """Rows that name people twice: by their key and in a column nobody uses."""
    return pd.DataFrame(
        {
            "person": NAMES,
            "guarantor": [f"guarantor-{n}" for n in range(200)],
            "opened": [f"20{10 + n % 17:02d}-01-31" for n in range(200)],
            "size": [n * 37 % 101 / 4 for n in range(200)],
            "target": ["yes" if n % 3 else "no" for n in range(200)],
        }
    )


@pytest.fixture
def repo(tmp_path: Path, frame: pd.DataFrame, make_repo: Any) -> Any:
    made = make_repo(tmp_path / "repo", frame, "target", "binary", row_key="person")
    columns = yaml.safe_load((made.folder / "data_contract.yaml").read_text())
    for column in columns["columns"]:
        if column["name"] == "guarantor":
            column.update({"kind": "identifier", "use": "drop", "reason": "names a person"})
    (made.folder / "data_contract.yaml").write_text(yaml.safe_dump(columns))
    return made


def state(repo: Any, **changes: Any) -> None:
    """Changes what project.yaml says of the data set."""
    file = repo.folder / "project.yaml"
    document = yaml.safe_load(file.read_text())
    document["data"][0].update(changes)
    file.write_text(yaml.safe_dump(document))


def give_key(repo: Any, key: bytes = KEY) -> None:
    folder = repo.folder / "pseudonyms"
    folder.mkdir(exist_ok=True)
    document = {"id": Pseudonyms(key).key_id, "key": key.hex()}
    (folder / "key.json").write_text(json.dumps(document))


def prepare(repo: Any, output: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.chdir(repo.folder)
    return main(["--data", str(repo.folder / "data"), "--output", str(output)])


def manifest(output: Path) -> Any:
    return json.loads((output / "manifest" / "dataset_manifest.json").read_text())


def split_by_size(output: Path) -> dict[str, list[float]]:
    """The rows of each split, by a column that is no pseudonym."""
    return {
        name: sorted(pq.read_table(output / name / "data.parquet").column("size").to_pylist())
        for name in SPLITS
    }


def everything(output: Path) -> str:
    """All that the job left, as text; Parquet files unpacked."""
    files = [file for file in output.rglob("*") if file.is_file()]
    return "".join(
        str(pq.read_table(file).to_pylist())
        if file.suffix == ".parquet"
        else file.read_text(encoding="utf-8")
        for file in files
    )


def test_names_leave_the_job_as_pseudonyms_only(
    repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    state(repo, pseudonymise=["person", "guarantor"])
    give_key(repo)
    assert prepare(repo, tmp_path / "out", monkeypatch) == 0
    told = capfd.readouterr()
    left = everything(tmp_path / "out") + told.out + told.err
    assert "example.com" not in left and "guarantor-" not in left
    assert Pseudonyms(KEY).of(NAMES[7]) in left


def test_rows_that_break_the_contract_are_quarantined_without_names(
    repo: Any,
    frame: pd.DataFrame,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    state(repo, pseudonymise=["person", "guarantor"])
    give_key(repo)
    frame.loc[4, "person"] = frame.loc[3, "person"]
    frame["size"] = frame["size"].astype(object)
    frame.loc[9, "size"] = "huge"
    frame.to_csv(repo.folder / "data" / "rows.csv", index=False)
    assert prepare(repo, tmp_path / "out", monkeypatch) == 1
    told = capfd.readouterr()
    left = everything(tmp_path / "out") + told.out + told.err
    assert "column 'person': has a value twice" in told.err
    assert "'huge' is not a number in row 10" in told.err
    assert "example.com" not in left and "guarantor-" not in left


def test_manifest_says_what_was_replaced_and_with_which_key(
    repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state(repo, pseudonymise=["person"])
    give_key(repo)
    assert prepare(repo, tmp_path / "out", monkeypatch) == 0
    recorded = manifest(tmp_path / "out")["pseudonyms"]
    assert recorded == {"columns": ["person"], "key_id": Pseudonyms(KEY).key_id}
    assert KEY.hex() not in everything(tmp_path / "out")


@pytest.mark.parametrize("key", [KEY, OTHER_KEY], ids=["first key", "another key"])
def test_pseudonyms_move_no_row_into_another_split(
    repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: bytes
) -> None:
    assert prepare(repo, tmp_path / "open", monkeypatch) == 0
    state(repo, pseudonymise=["person"])
    give_key(repo, key)
    assert prepare(repo, tmp_path / "hidden", monkeypatch) == 0
    assert split_by_size(tmp_path / "hidden") == split_by_size(tmp_path / "open")


def test_lost_key_is_told_with_the_way_back(
    repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    state(repo, pseudonymise=["person"])
    assert prepare(repo, tmp_path / "out", monkeypatch) == 1
    told = capfd.readouterr().err
    assert "pseudonymises person, but the project's pseudonymisation key is missing" in told
    assert "`modelyard data key --restore`" in told
    assert not list((tmp_path / "out").rglob("*.parquet"))


def test_key_changed_by_hand_is_refused(
    repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    state(repo, pseudonymise=["person"])
    give_key(repo)
    file = repo.folder / "pseudonyms" / "key.json"
    document = json.loads(file.read_text())
    file.write_text(json.dumps({**document, "key": OTHER_KEY.hex()}))
    assert prepare(repo, tmp_path / "out", monkeypatch) == 1
    assert "states another id than its key has" in capfd.readouterr().err


def test_rotated_key_is_refused_where_the_project_names_the_old_one(
    repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    state(repo, pseudonymise=["person"], pseudonym_key=Pseudonyms(KEY).key_id)
    give_key(repo, OTHER_KEY)
    assert prepare(repo, tmp_path / "out", monkeypatch) == 1
    told = capfd.readouterr().err
    assert f"key is {Pseudonyms(OTHER_KEY).key_id}, but project.yaml says" in told
    assert "it was rotated" in told


def test_expired_rows_are_left_out_and_counted(
    repo: Any, frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state(repo, retained_from="opened", retention_days=3650)
    monkeypatch.setenv("MODELYARD_RUN_TIME", RUN_TIME)
    assert prepare(repo, tmp_path / "out", monkeypatch) == 0
    # 3650 days before 2026-11-21 is 2016-11-23: of each January, those of 2017 and later stay.
    expired = frame["opened"] < "2016-11-23"
    found = manifest(tmp_path / "out")
    assert found["retention"] == {
        "column": "opened",
        "days": 3650,
        "as_of": "2026-11-21T06:00:00+00:00",
        "dropped": int(expired.sum()),
        "undated": 0,
    }
    assert found["rows"]["total"] == int((~expired).sum())


def test_expired_rows_are_not_kept_in_quarantine_and_others_keep_their_numbers(
    repo: Any,
    frame: pd.DataFrame,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    state(repo, retained_from="opened", retention_days=3650)
    monkeypatch.setenv("MODELYARD_RUN_TIME", RUN_TIME)
    frame["size"] = frame["size"].astype(object)
    # Row 1 opened in 2010 and has expired; row 17 opened in 2026.
    frame.loc[0, "size"], frame.loc[16, "size"] = "old", "new"
    frame.to_csv(repo.folder / "data" / "rows.csv", index=False)
    assert prepare(repo, tmp_path / "out", monkeypatch) == 1
    assert "'new' is not a number in row 17" in capfd.readouterr().err
    (kept,) = (tmp_path / "out" / "quarantine").iterdir()
    assert NAMES[16] in kept.read_text() and NAMES[0] not in kept.read_text()


def test_same_run_time_drops_the_same_rows_whenever_it_is_repeated(
    repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state(repo, retained_from="opened", retention_days=3650)
    monkeypatch.setenv("MODELYARD_RUN_TIME", RUN_TIME)
    assert prepare(repo, tmp_path / "a", monkeypatch) == 0
    assert prepare(repo, tmp_path / "b", monkeypatch) == 0
    assert manifest(tmp_path / "a") == manifest(tmp_path / "b")


def test_run_without_a_time_is_refused_rather_than_judged_by_the_clock(
    repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    state(repo, retained_from="opened")
    monkeypatch.delenv("MODELYARD_RUN_TIME", raising=False)
    assert prepare(repo, tmp_path / "out", monkeypatch) == 1
    assert "rows expire relative to the run's start" in capfd.readouterr().err


def test_changed_bytes_under_a_manifest_are_noticed(
    repo: Any, frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert prepare(repo, tmp_path / "a", monkeypatch) == 0
    frame.loc[0, "size"] += 0.25
    frame.to_csv(repo.folder / "data" / "rows.csv", index=False)
    assert prepare(repo, tmp_path / "b", monkeypatch) == 0
    before, after = manifest(tmp_path / "a"), manifest(tmp_path / "b")
    assert before["files"][0]["sha256"] != after["files"][0]["sha256"]
    assert before["dataset"]["sha256"] != after["dataset"]["sha256"]


def test_data_set_without_such_rules_has_a_manifest_that_mentions_none(
    repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert prepare(repo, tmp_path / "out", monkeypatch) == 0
    assert manifest(tmp_path / "out").keys().isdisjoint({"pseudonyms", "retention"})
