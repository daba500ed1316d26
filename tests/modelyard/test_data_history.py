"""The history of a data set, read from what its runs left."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import numpy as np
import pytest
from moto import mock_aws

from modelyard import profile
from modelyard.cli import main
from modelyard.data import Column
from modelyard.data_history import furthest, history

COLUMNS = (
    Column(name="income", kind="number", use="feature"),
    Column(name="region", kind="category", use="feature", categories=("north", "south")),
)


def profiled(incomes: list[float], regions: list[str]) -> profile.Profile:
    arrays: Any = {"income": np.array(incomes), "region": np.array(regions, dtype=object)}
    return profile.baseline(arrays, COLUMNS)


STEADY = profiled([float(n) for n in range(100)], ["north", "south"] * 50)


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        client: Any = boto3.client("s3", region_name="us-east-1")
        for bucket in ("artifacts", "raw"):
            client.create_bucket(Bucket=bucket)
        yield client


def leave(s3: Any, run: str, found: profile.Profile | None = STEADY, **manifest: Any) -> None:
    """What a run leaves behind."""
    document = {
        "rows": {"total": 100},
        "files": [{"sha256": f"file of {run}"}],
        "dataset": {"sha256": f"rows of {run}"},
        **manifest,
    }
    key = f"runs/{run}/prepare/manifest/dataset_manifest.json"
    s3.put_object(Bucket="artifacts", Key=key, Body=json.dumps(document))
    if found is not None:
        body = json.dumps(profile.document(found))
        key = f"runs/{run}/evaluation/baseline_profile.json"
        s3.put_object(Bucket="artifacts", Key=key, Body=body)


def refuse(s3: Any, run: str) -> None:
    s3.put_object(Bucket="raw", Key=f"quarantine/{run}/a.csv.rejected.csv", Body=b"file,row\n")


def test_runs_are_told_with_rows_expiry_and_gaps(s3: Any) -> None:
    gaps = profiled([1.0, float("nan"), 3.0, 4.0], ["north"] * 4)
    leave(s3, "a", gaps, rows={"total": 4}, retention={"dropped": 2})
    (run,) = history(s3, "artifacts", "raw")
    assert (run.run, run.rows, run.expired, run.missing) == ("a", 4, 2, ("income", 0.25))


def test_run_that_the_contract_stopped_is_part_of_the_history(s3: Any) -> None:
    leave(s3, "a")
    refuse(s3, "b")
    told = {run.run: (run.rows, run.refused) for run in history(s3, "artifacts", "raw")}
    assert told == {"a": (100, 0), "b": (None, 1)}


def test_run_is_compared_with_the_last_one_that_had_rows(s3: Any) -> None:
    leave(s3, "a")
    refuse(s3, "b")
    leave(s3, "c", profiled([float(n) + 50 for n in range(100)], ["north", "south"] * 50))
    moved = {run.run: run.moved for run in history(s3, "artifacts", "raw")}
    assert moved["a"] is None and moved["b"] is None
    assert moved["c"] is not None and moved["c"].column == "income"
    assert moved["c"].distance == pytest.approx(0.5, abs=0.03)


def test_first_run_without_an_evaluation_is_told_all_the_same(s3: Any) -> None:
    leave(s3, "a", None)
    (run,) = history(s3, "artifacts", "raw")
    assert (run.rows, run.missing, run.moved) == (100, None, None)


def test_rotated_key_is_noted(s3: Any) -> None:
    leave(s3, "a", pseudonyms={"key_id": "1" * 16})
    leave(s3, "b", pseudonyms={"key_id": "2" * 16})
    last = history(s3, "artifacts", "raw")[-1]
    assert f"pseudonyms by key {'2' * 16}, before {'1' * 16}" in last.notes


def test_other_rows_from_the_same_bytes_are_noted(s3: Any) -> None:
    same = {"files": [{"sha256": "same"}]}
    leave(s3, "a", **same)
    leave(s3, "b", **same)
    assert "other rows from the same files" in history(s3, "artifacts", "raw")[-1].notes[0]


def test_same_values_have_not_moved() -> None:
    moved = furthest(STEADY, STEADY)
    assert moved is not None and moved.distance == 0


def test_categories_move_by_the_share_that_would_have_to_change() -> None:
    now = profiled([float(n) for n in range(100)], ["north"] * 75 + ["south"] * 25)
    moved = furthest(STEADY, now)
    assert moved is not None and (moved.column, moved.distance) == ("region", 0.25)


@pytest.fixture
def told(s3: Any, project_file: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """Runs a `data` action of the command line and returns its status and what it printed."""

    def run(*arguments: str) -> tuple[int, str]:
        names = {f"bucket_{kind}": kind for kind in ("artifacts", "raw")}
        workspace = type("Workspace", (), {**names, "key_arn": "k"})
        place = "modelyard.aws.Place"
        with (
            patch(f"{place}.client", lambda self, service: s3),
            patch(f"{place}.workspace", lambda self: workspace),
        ):
            status = main(["data", *arguments, "--project", str(project_file)])
        shown = capsys.readouterr()
        return status, shown.out + shown.err

    yield run


def test_history_is_a_table(s3: Any, told: Any) -> None:
    leave(s3, "a")
    leave(s3, "b")
    status, text = told("history", "applications")
    assert status == 0
    header, first, second = text.splitlines()
    assert header.split() == [
        "time", "rows", "expired", "refused", "most", "missing", "furthest", "moved",
    ]  # fmt: skip
    assert first.split()[2:] == ["100", "-", "-", "-", "-"]
    assert second.split()[-2:] == ["region", "0.00"]


def test_history_of_an_unknown_data_set_names_the_known(told: Any) -> None:
    status, text = told("history", "loans")
    assert (status, text) == (1, "modelyard: there is no data set loans; known: applications\n")


def test_list_says_whose_data_they_are_and_what_is_there(s3: Any, told: Any) -> None:
    s3.put_object(Bucket="raw", Key="applications/a.csv", Body=b"x")
    status, text = told("list")
    assert status == 0
    assert "applications: not described" in text
    assert "owner lending, confidential, contract" in text
    assert "kept 365 days from its upload; pseudonymised: nothing" in text
    assert "1 files in 1 versions" in text


def test_key_is_made_shown_and_never_printed(s3: Any, told: Any) -> None:
    made, shown = told("key"), told("key")
    stored = json.loads(
        s3.get_object(Bucket="artifacts", Key="pseudonyms/current/key.json")["Body"].read()
    )
    assert made[1].startswith(f"made key {stored['id']}")
    assert shown[1].startswith(f"in use: key {stored['id']}")
    assert stored["key"] not in made[1] + shown[1]


def test_rotation_says_what_it_breaks(told: Any) -> None:
    told("key")
    status, text = told("key", "--rotate")
    assert status == 0
    assert "differ from earlier ones" in text


def test_project_may_be_named_before_the_action() -> None:
    from modelyard.cli import parser

    before = parser().parse_args(["data", "--project", "x.yaml", "list"])
    after = parser().parse_args(["data", "list", "--project", "x.yaml"])
    assert isinstance(before, argparse.Namespace)
    assert before.project == after.project == Path("x.yaml")
