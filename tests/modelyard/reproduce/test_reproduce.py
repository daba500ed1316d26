"""Repeating a build from its own record: what comes out, and what stops it with one sentence."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from modelyard.cli import main
from tests.modelyard.reproduce.conftest import ARTIFACTS, EVIDENCE, RAW, Registered, commit, git

Register = Callable[..., Registered]


def stopped(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Why the command refused."""
    assert main(["reproduce", *arguments]) == 1
    return capsys.readouterr().err


@pytest.mark.slow
def test_model_is_repeated_to_the_byte_and_the_proof_is_kept(
    register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    registered = register()
    newer = b"size,target\n1,yes\n"
    boto3.client("s3").put_object(Bucket=RAW, Key="rows/rows.csv", Body=newer)
    assert main(["reproduce", str(registered.version), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["verdict"], answer["environment_differences"]) == ("identical", [])
    assert all(split["same_rows"] for split in answer["splits"].values())
    assert answer["data"]["files"][0]["version_id"] == registered.raw_version
    kept = registered.get(answer["record"])
    assert answer["record"].startswith(f"s3://{EVIDENCE}/reports/reproductions/")
    assert (kept["verdict"], kept["previous"]) == ("identical", None)


@pytest.mark.slow
def test_build_is_repeated_at_its_commit_whatever_is_checked_out(
    register: Register, built: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    registered, before = register(), git(built.folder, "rev-parse", "HEAD")
    code = built.folder / "src" / "team_model" / "model.py"
    code.write_text("def build_model(contract, hyperparameters):\n    raise SystemExit\n")
    try:
        commit(built.folder)
        data = str(built.folder / "data")
        assert main(["reproduce", str(registered.version), "--data", data]) == 0
    finally:
        git(built.folder, "reset", "--quiet", "--hard", before)
    assert "identical: the same rows in every split" in capsys.readouterr().out


NOISY = """import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression


def build_model(contract, hyperparameters):
    return {model}
"""
SLIGHTLY = "LogisticRegression(C=float(np.exp(np.random.default_rng().normal() / 100)))"
WILDLY = "DummyClassifier(strategy='prior')"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "status", "verdict"),
    [(SLIGHTLY, 0, "within tolerance"), (WILDLY, 1, "different")],
    ids=["slightly", "wildly"],
)
def test_trainer_that_is_not_deterministic_is_judged_by_its_metrics(
    register: Register,
    built: Any,
    capsys: pytest.CaptureFixture[str],
    model: str,
    status: int,
    verdict: str,
) -> None:
    before = git(built.folder, "rev-parse", "HEAD")
    (built.folder / "src" / "team_model" / "model.py").write_text(NOISY.format(model=model))
    other = commit(built.folder)
    git(built.folder, "reset", "--quiet", "--hard", before)
    arguments = ("--data", str(built.folder / "data"), "--json")
    version = str(register(code_commit=other).version)
    assert main(["reproduce", version, *arguments]) == status
    answer = json.loads(capsys.readouterr().out)
    assert (answer["verdict"], answer["model"]["same_bytes"]) == (verdict, False)
    assert all(split["same_rows"] for split in answer["splits"].values())


def test_own_copy_that_was_changed_is_refused(
    register: Register, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rows.csv").write_text("size,target\n1,yes\n")
    said = stopped(capsys, str(register().version), "--data", str(tmp_path))
    assert "holds no file with the sha256" in said


def test_data_changed_under_the_record_are_told(
    register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    registered = register()
    other = boto3.client("s3").put_object(Bucket=RAW, Key="rows/rows.csv", Body=b"size\n1\n")
    versions = registered.get(registered.properties["dataset_versions"])
    versions["files"][0]["version_id"] = other["VersionId"]
    registered.put(registered.properties["dataset_versions"], versions)
    assert "the data were changed under the record" in stopped(capsys, str(registered.version))


def test_version_of_the_data_that_is_gone_is_told(
    register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    registered = register()
    boto3.client("s3").delete_object(
        Bucket=RAW, Key="rows/rows.csv", VersionId=registered.raw_version
    )
    said = stopped(capsys, str(registered.version))
    assert f"version {registered.raw_version} is gone" in said


def test_commit_that_is_not_here_is_told_with_the_fix(
    register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    said = stopped(capsys, str(register(code_commit="0" * 40).version))
    assert "has no commit 000000000000" in said
    assert "git fetch" in said


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"dataset_versions": ""}, "carries no record of its build (dataset_versions)"),
        ({"code_commit": "c0ffee-modified"}, "published from files that no commit holds"),
        ({"evaluation_sha256": "0" * 64}, "it was changed after registration"),
        ({"dataset_sha256": "0" * 64}, "is of another data set than version"),
        ({"evaluation": f"s3://{ARTIFACTS}/gone.json"}, "gone.json is gone"),
    ],
)  # fmt: skip
def test_record_that_is_absent_or_disagrees_is_told(
    register: Register, capsys: pytest.CaptureFixture[str], changed: Any, reason: str
) -> None:
    assert reason in stopped(capsys, str(register(**changed).version))


def test_edited_manifest_is_found_by_its_hash(
    register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    registered = register()
    manifest = registered.get(registered.properties["dataset_manifest"])
    manifest["split"]["sha256"]["test"] = "0" * 64
    registered.put(registered.properties["dataset_manifest"], manifest)
    assert "was changed after registration" in stopped(capsys, str(registered.version))
