"""Data about people on the whole road: pseudonyms by a key few may read, and a person forgotten."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from botocore.exceptions import ClientError

from sandbox.journey import server
from sandbox.journey.commands import JourneyError, clean_environment, run
from sandbox.journey.demo import generate
from sandbox.journey.stages import Journey

pytestmark = pytest.mark.slow

FORGOTTEN = "applicant-17"
COLUMNS = [
    {"name": "applicant", "kind": "identifier", "use": "key", "unique": True},
    {"name": "decided", "kind": "date", "use": "drop", "reason": "says when a row's time began"},
]


def about_people(repo: Path) -> None:
    """Gives the mortgage data an applicant and a date each, and states what follows from that."""
    project = yaml.safe_load((repo / "project.yaml").read_text())
    dataset = project["data"][0]
    file = repo / dataset["source"]
    rows = pd.read_csv(file, dtype=str, keep_default_na=False)
    rows["applicant"] = [f"applicant-{number}" for number in range(len(rows))]
    rows["decided"] = [
        "1999-01-31" if number < 100 else "2025-06-30" for number in range(len(rows))
    ]
    # One whose row has not expired, in whatever split: named after it.
    rows.loc[200, "applicant"], rows.loc[17, "applicant"] = FORGOTTEN, "applicant-200"
    rows.to_csv(file, index=False)
    dataset.update(
        row_key="applicant",
        pseudonymise=["applicant"],
        retained_from="decided",
        retention_days=3650,
        classification="restricted",
    )
    project["team"]["data-steward"] = ["dora"]
    (repo / "project.yaml").write_text(yaml.safe_dump(project, sort_keys=False))
    contract = yaml.safe_load((repo / "data_contract.yaml").read_text())
    contract["columns"] += COLUMNS
    (repo / "data_contract.yaml").write_text(yaml.safe_dump(contract, sort_keys=False))


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """dev of a project about people, trained once."""
    place = tmp_path_factory.mktemp("personal")
    with server.serving(place) as url:
        repo = generate(place)
        about_people(repo)
        run(["make", "setup"], repo, clean_environment({}))
        made = Journey(repo, url)
        made.modelyard(made.root("dev"), "render")
        made.apply("dev")
        yield made


@pytest.fixture(scope="module")
def lost(journey: Journey) -> str:
    """What a run says while there is no key."""
    image = journey.push_image()
    journey.modelyard(journey.session("dev", "data-steward"), "upload")
    scientist = journey.session("dev", "data-scientist")
    journey.modelyard(scientist, "publish", "--image", image)
    with pytest.raises(JourneyError) as failed:
        journey.modelyard(scientist, "run")
    return str(failed.value)


@pytest.fixture(scope="module")
def package(journey: Journey, lost: str) -> str:
    """The model that was trained once there was a key."""
    journey.modelyard(journey.session("dev", "data-steward"), "data", "key")
    return journey.train()


def stored(journey: Journey, kind: str) -> dict[str, bytes]:
    """Every version of every object of a bucket."""
    s3 = journey.client(journey.root("dev"), "s3")
    account = journey.project.environments["dev"].account
    bucket = f"{journey.project.name}-dev-{kind}-{account}"
    found = {}
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for version in page.get("Versions", ()):
            named = {"Bucket": bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
            try:
                body = s3.get_object(**named)["Body"].read()
            except ClientError:
                body = b""
            if body[:4] == b"PAR1":
                body = str(pq.read_table(io.BytesIO(body)).to_pylist()).encode()
            found[f"{version['Key']}@{version['VersionId']}"] = body
    return found


def manifest(journey: Journey) -> dict[str, Any]:
    (body,) = (
        body
        for key, body in stored(journey, "artifacts").items()
        if "prepare/manifest/dataset_manifest.json" in key
    )
    return dict(json.loads(body))


def test_run_without_the_key_says_who_mends_it(lost: str) -> None:
    assert "modelyard data key" in lost


def test_names_do_not_leave_the_raw_bucket(journey: Journey, package: str) -> None:
    assert not [key for key, body in stored(journey, "artifacts").items() if b"applicant-" in body]


def test_manifest_records_key_and_expired_rows(journey: Journey, package: str) -> None:
    found = manifest(journey)
    assert found["pseudonyms"]["columns"] == ["applicant"]
    assert found["retention"]["dropped"] == 100


@pytest.mark.parametrize("persona", ["data-scientist", "model-approver", "auditor"])
def test_nobody_else_reads_the_key(journey: Journey, package: str, persona: str) -> None:
    s3 = journey.client(journey.session("dev", persona), "s3")
    account = journey.project.environments["dev"].account
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(
            Bucket=f"{journey.project.name}-dev-artifacts-{account}",
            Key="pseudonyms/current/key.json",
        )


def test_history_and_list_are_the_stewards_to_see(journey: Journey, package: str) -> None:
    steward = journey.session("dev", "data-steward")
    name = journey.project.dataset.name
    assert "1889" in journey.modelyard(steward, "data", "history", name)
    assert "restricted" in journey.modelyard(steward, "data", "list")


def test_person_is_forgotten_and_the_model_named(journey: Journey, package: str) -> None:
    steward = journey.session("dev", "data-steward")
    told = json.loads(
        journey.modelyard(steward, "data", "forget", "--subject", FORGOTTEN, "--json")
    )
    (model,) = told["models"]
    assert model["arn"] == package
    assert len(model["splits"]) == 1
    # The raw file and one prepared split.
    assert (told["rows"], len(told["objects"])) == (2, 2)
    name = f"{FORGOTTEN},".encode()
    assert not [key for key, body in stored(journey, "raw").items() if name in body]


def test_scientist_may_not_forget(journey: Journey, package: str) -> None:
    with pytest.raises(JourneyError, match="AWS denies"):
        journey.modelyard(
            journey.session("dev", "data-scientist"), "data", "forget", "--subject", "applicant-9"
        )
