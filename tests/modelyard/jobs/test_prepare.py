"""The prepare job: rows by their content into sets, or into quarantine with the reason."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from modelyard.jobs.prepare import main

SPLITS = ("train", "validation", "test")


@pytest.fixture
def frame() -> pd.DataFrame:
    """A small table with a key."""
    return pd.DataFrame(
        {
            "key": [f"k{n}" for n in range(200)],
            "size": [n * 37 % 101 / 4 for n in range(200)],
            "target": ["yes" if n % 3 else "no" for n in range(200)],
        }
    )


@pytest.fixture
def repo(tmp_path: Path, frame: pd.DataFrame, make_repo: Any) -> Any:
    return make_repo(tmp_path / "repo", frame, "target", "binary", row_key="key")


def prepared(repo: Any, output: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Runs the job in this process; quicker than one of its own."""
    monkeypatch.chdir(repo.folder)
    return main(["--data", str(repo.folder / "data"), "--output", str(output)])


def keys(output: Path, split: str) -> set[str]:
    return set(pq.read_table(output / split / "data.parquet").column("key").to_pylist())


def test_mortgage_rows_are_split_and_accounted_for(mortgage: Any) -> None:
    rows = mortgage.read("manifest/dataset_manifest.json")["rows"]
    assert rows["total"] == 1989
    assert sum(rows[name] for name in SPLITS) == 1989
    found = {s: pq.read_table(mortgage.output / s / "data.parquet").num_rows for s in SPLITS}
    assert found == {name: rows[name] for name in SPLITS}


def test_same_rows_have_the_same_splits_by_their_hashes(
    repo: Any, frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert prepared(repo, tmp_path / "a", monkeypatch) == 0
    frame.sample(frac=1, random_state=1).to_csv(repo.folder / "data" / "rows.csv", index=False)
    assert prepared(repo, tmp_path / "b", monkeypatch) == 0
    one, other = (
        json.loads((tmp_path / name / "manifest" / "dataset_manifest.json").read_text())["split"]
        for name in "ab"
    )
    assert one == other
    assert len({*one["sha256"].values()}) == len(SPLITS)


def test_dropped_columns_do_not_leave_the_job(mortgage: Any) -> None:
    columns = pq.read_schema(mortgage.output / "train" / "data.parquet").names
    assert not {"action", "reject", "white", "msa"} & set(columns)
    assert {"approve", "black", "hispan", "male"} <= set(columns)


def test_rows_stay_in_their_set_when_more_arrive_in_another_order(
    repo: Any, frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert prepared(repo, tmp_path / "a", monkeypatch) == 0
    more = pd.concat([frame.assign(key="x" + frame["key"]), frame]).sample(frac=1, random_state=1)
    more.iloc[:150].to_csv(repo.folder / "data" / "rows.csv", index=False)
    more.iloc[150:].to_parquet(repo.folder / "data" / "rows2.parquet")
    assert prepared(repo, tmp_path / "b", monkeypatch) == 0
    for split in SPLITS:
        assert keys(tmp_path / "a", split) <= keys(tmp_path / "b", split)


def test_same_rows_give_the_same_bytes_in_any_order(
    repo: Any, frame: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert prepared(repo, tmp_path / "a", monkeypatch) == 0
    frame.iloc[::-1].to_csv(repo.folder / "data" / "rows.csv", index=False)
    assert prepared(repo, tmp_path / "b", monkeypatch) == 0
    for split in SPLITS:
        one, other = (tmp_path / name / split / "data.parquet" for name in "ab")
        assert one.read_bytes() == other.read_bytes()


def test_violation_fails_the_job_and_quarantines_the_rows(repo: Any, frame: pd.DataFrame) -> None:
    frame = frame.astype({"size": object})
    frame.loc[[4, 9], "size"] = ["huge", "-7"]
    frame.loc[9, "target"] = "perhaps"
    frame.to_csv(repo.folder / "data" / "rows.csv", index=False)
    done = repo.prepare()
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "rows.csv: column 'size': 'huge' is not a number in row 5" in repo.message
    assert "column 'target': is none of no, yes in row 10" in repo.message
    with (repo.output / "quarantine" / "rows.csv.rejected.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["row"], row["key"]) for row in rows] == [("5", "k4"), ("10", "k9")]
    assert rows[1]["reasons"] == "size: is below 0; target: is none of no, yes"
    assert not (repo.output / "train" / "data.parquet").exists()


def test_rows_without_a_target_are_left_out_and_counted(
    make_repo: Any, frame: pd.DataFrame, tmp_path: Path
) -> None:
    frame.loc[:4, "target"] = ""
    repo = make_repo(tmp_path / "gaps", frame, "target", "binary", row_key="key")
    assert repo.prepare().returncode == 0
    rows = repo.read("manifest/dataset_manifest.json")["rows"]
    assert (rows["without_target"], sum(rows[name] for name in SPLITS)) == (5, 195)


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (lambda repo: shutil.rmtree(repo.folder / "data"), "holds no CSV or Parquet file"),
        (lambda repo: (repo.folder / "data" / "rows.csv").write_text(""), "is empty"),
        (lambda repo: (repo.folder / "data_contract.yaml").unlink(), "no such file"),
        (lambda repo: (repo.folder / "project.yaml").unlink(), "project.yaml: no such file"),
        (
            lambda repo: (repo.folder / "data" / "rows.csv").write_text("key,size\na,1\n"),
            "column 'target': is missing from the data",
        ),
        (
            lambda repo: (repo.folder / "data" / "rows.csv").write_text(
                "key,size,target\na,1,yes\nb,1,yes\n"
            ),
            "bring more",
        ),
    ],
    ids=["no data", "empty", "no contract", "no project", "no target", "too few"],
)
def test_unusable_input_is_one_line(
    repo: Any,
    break_it: Any,
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    break_it(repo)
    output = tmp_path / "ml" / "processing" / "output"
    assert prepared(repo, output, monkeypatch) == 1
    message = (tmp_path / "ml" / "output" / "message").read_text(encoding="utf-8")
    assert reason in message
    assert "\n" not in message


def test_contract_that_contradicts_the_project_is_refused(
    repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = repo.folder / "project.yaml"
    file.write_text(file.read_text().replace("protected: []", "protected: [size]"))
    assert prepared(repo, tmp_path / "out", monkeypatch) == 1
    assert "columns with use 'protected' are none, but project.yaml says size" in (
        capsys.readouterr().err
    )
