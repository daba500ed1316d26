"""A deletion request against an account in memory: what goes, what is told, what stays as proof."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from botocore.exceptions import ClientError
from moto import mock_aws

from modelyard.capture_log import Inference, record
from modelyard.forgetting.forget import ForgetError, Outcome, Request, chosen, forget
from modelyard.project import Project, parse
from modelyard.pseudonym_store import KeyStore
from modelyard.pseudonyms import Pseudonyms
from modelyard.registry import Package
from tests.modelyard.conftest import TEXT

KINDS = ("raw", "curated", "artifacts", "predictions", "evidence")
NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
RAW = b"id,income\nalice,1\nbob,2\n"
SERVED = "capture/loans-dev/main/2026/11/21/06/a.jsonl"


@dataclass
class Account:
    """A place whose S3 is in memory, with a registry of one model."""

    project: Project
    s3: Any
    environment: str = "dev"
    packages: list[Package] = field(default_factory=list)
    live: dict[str, str] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        return self.s3 if service == "s3" else self

    registry_client = client

    def at(self, environment: str) -> "Account":
        return self

    def get_caller_identity(self) -> dict[str, str]:
        return {"Arn": "arn:aws:sts::123456789012:assumed-role/loans-dev-data-steward/dora"}

    def describe_endpoint(self, EndpointName: str) -> dict[str, Any]:  # noqa: N803
        if EndpointName not in self.live:
            error = {"Code": "ValidationException", "Message": "Could not find endpoint"}
            raise ClientError({"Error": error}, "DescribeEndpoint")
        name = self.live[EndpointName]
        return {"EndpointStatus": "InService", "EndpointConfigName": name, "LastModifiedTime": NOW}

    def workspace(self) -> Any:
        names = {f"bucket_{kind}": kind for kind in KINDS}
        return type("Workspace", (), {**names, "key_arn": "arn:aws:kms:us-east-1:1:key/k"})

    def put(self, bucket: str, key: str, body: bytes) -> str:
        return str(self.s3.put_object(Bucket=bucket, Key=key, Body=body)["VersionId"])

    def get(self, bucket: str, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read())

    def everything(self, *buckets: str) -> bytes:
        """All versions of all objects, Parquet unpacked."""
        found = b""
        for bucket in buckets:
            for version in self.s3.list_object_versions(Bucket=bucket).get("Versions", ()):
                stored = self.s3.get_object(
                    Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"]
                )["Body"].read()
                if stored[:4] == b"PAR1":
                    stored = str(pq.read_table(io.BytesIO(stored)).to_pylist()).encode()
                found += stored
        return found


@pytest.fixture
def account() -> Iterator[Account]:
    """The raw file in two versions, a run that trained on it, and what was captured."""
    with mock_aws():
        s3: Any = boto3.client("s3", region_name="us-east-1")
        for kind in KINDS:
            s3.create_bucket(Bucket=kind)
            s3.put_bucket_versioning(Bucket=kind, VersioningConfiguration={"Status": "Enabled"})
        made = Account(parse(yaml.safe_load(TEXT)), s3)
        made.put("raw", "applications/a.csv", RAW)
        made.put("raw", "applications/a.csv", RAW + b"carol,3\n")
        made.put("raw", "quarantine/x/a.csv.rejected.csv", b"file,row,reasons,id\na,1,odd,alice\n")
        made.put("artifacts", "runs/run1/prepare/train/data.parquet", parquet(["alice", "bob"]))
        made.put("artifacts", "runs/run2/prepare/test/data.parquet", parquet(["bob"]))
        made.put("predictions", SERVED, captured("q1", "alice") + captured("q2", "bob"))
        made.put("predictions", "labels/l.csv", b"inference_id,label\nq1,1\nq2,0\n")
        made.packages = [package(1, "run1"), package(2, "run2")]
        with patch("modelyard.forgetting.learned.registry") as registry:
            registry.summaries.side_effect = lambda place: [
                {"ModelPackageArn": one.arn} for one in made.packages
            ]
            registry.describe.side_effect = lambda place, arn: next(
                one for one in made.packages if one.arn == arn
            )
            yield made


def parquet(ids: list[str]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"id": ids, "income": [1.0] * len(ids)}), sink)
    return sink.getvalue()


def captured(name: str, who: str) -> bytes:
    answered = {"predictions": [{"prediction": 1}], "inference_id": name}
    asked = {"instances": [{"id": who, "income": 1}]}
    sides = (json.dumps(side).encode() for side in (asked, answered))
    inference = Inference("application/json", *sides, name)
    return json.dumps(record(inference, name, NOW)).encode() + b"\n"


def package(version: int, run: str) -> Package:
    manifest = f"s3://artifacts/runs/{run}/prepare/manifest/dataset_manifest.json"
    metadata = {"dataset_manifest": manifest}
    return Package(f"arn/{version}", version, "Approved", "", "", NOW, metadata)


def ask(account: Account, subject: str = "alice", dry_run: bool = False, later: int = 0) -> Outcome:
    place: Any = account
    request = Request(subject, chosen(place, None), dry_run)
    return forget(place, request, NOW + timedelta(seconds=later))


def proof(account: Account, outcome: Outcome) -> Any:
    return json.loads(account.get("evidence", outcome.proof.removeprefix("s3://evidence/")))


def test_no_version_of_any_file_holds_the_person_afterwards(account: Account) -> None:
    ask(account)
    left = account.everything("raw", "curated", "artifacts", "predictions")
    assert b"alice" not in left
    assert account.get("raw", "applications/a.csv") == b"id,income\nbob,2\ncarol,3\n"


def test_others_stay(account: Account) -> None:
    ask(account)
    assert account.get("predictions", SERVED) == captured("q2", "bob")
    assert account.get("predictions", "labels/l.csv") == b"inference_id,label\nq2,0\n"
    rows = pq.read_table(
        io.BytesIO(account.get("artifacts", "runs/run1/prepare/train/data.parquet"))
    )
    assert rows.column("id").to_pylist() == ["bob"]


def test_models_that_learned_from_the_person_are_named_with_their_endpoints(
    account: Account,
) -> None:
    account.live = {"loans-prod": "loans-prod-v1-x", "loans-staging": "loans-staging-v2-x"}
    (model,) = ask(account).models
    assert (model.version, model.splits, model.answering) == (1, ("train",), ("loans-prod",))
    assert "version 1 (train): Approved" in model.sentence


def test_proof_counts_and_names_places_but_not_the_person(account: Account) -> None:
    outcome = ask(account)
    kept = proof(account, outcome)
    assert kept["rows"] == 5
    (raw,) = [one for one in kept["objects"] if one["uri"] == "s3://raw/applications/a.csv"]
    assert (raw["rows"], len(raw["versions_removed"]), bool(raw["kept_as"])) == (1, 2, True)
    assert kept["models"][0]["version"] == 1
    assert (kept["decided_as"], kept["previous"]) == ("dora", None)
    assert b"alice" not in account.everything("evidence")


def test_person_whose_name_is_a_files_is_not_named_by_the_proof(account: Account) -> None:
    account.put("raw", "applications/alice.csv", b"id,income\nalice,4\n")
    outcome = ask(account)
    assert "s3://raw/applications/(the person).csv" in [
        one["uri"] for one in proof(account, outcome)["objects"]
    ]


def test_dry_run_changes_nothing_and_leaves_no_proof(account: Account) -> None:
    before = account.everything(*KINDS)
    outcome = ask(account, dry_run=True)
    assert account.everything(*KINDS) == before
    assert (outcome.proof, len(outcome.search.removals), len(outcome.models)) == ("", 5, 1)


def test_second_request_finds_nothing_more_and_still_names_the_models(account: Account) -> None:
    first, again = ask(account), ask(account, later=1)
    assert again.search.removals == []
    assert [model.version for model in again.models] == [1]
    assert proof(account, again)["previous"]["uri"] == first.proof


def test_person_is_found_under_a_retired_pseudonym(account: Account) -> None:
    store = KeyStore(account.s3, "artifacts", "arn:aws:kms:us-east-1:1:key/k")
    old = Pseudonyms.parse(store.make(NOW))
    store.rotate(NOW + timedelta(days=1))
    body = parquet([old.of("alice"), old.of("bob")])
    account.put("artifacts", "runs/run2/prepare/test/data.parquet", body)
    assert [model.version for model in ask(account).models] == [1, 2]
    assert old.of("alice").encode() not in account.everything("artifacts")


def test_interrupted_request_is_completed_by_the_next(account: Account) -> None:
    with (
        patch.object(account.s3, "delete_object", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        ask(account)
    ask(account, later=1)
    assert b"alice" not in account.everything("raw", "curated", "artifacts", "predictions")


def test_upload_at_the_same_moment_is_not_overwritten(account: Account) -> None:
    """S3 refuses a conditional write; the account in memory does not know the condition."""
    put, asked = account.s3.put_object, []

    def refused(**request: Any) -> Any:
        if request["Key"] == "applications/a.csv":
            asked.append(request["IfMatch"])
            error = {"Code": "PreconditionFailed", "Message": "changed meanwhile"}
            raise ClientError({"Error": error}, "PutObject")
        return put(**request)

    etag = account.s3.head_object(Bucket="raw", Key="applications/a.csv")["ETag"]
    with patch.object(account.s3, "put_object", side_effect=refused):
        outcome = ask(account)
    assert asked == [etag]
    assert account.get("raw", "applications/a.csv") == RAW + b"carol,3\n"
    missed = "s3://raw/applications/a.csv: PutObject failed (PreconditionFailed)"
    assert missed in outcome.record["not_reached"]


def test_file_of_nobody_else_goes_altogether(account: Account) -> None:
    account.put("raw", "applications/only.csv", b"id,income\nalice,4\n")
    ask(account)
    listed = account.s3.list_object_versions(Bucket="raw", Prefix="applications/only")
    assert listed.get("Versions", []) == []


def test_emptied_file_does_not_bring_an_older_one_back(account: Account) -> None:
    account.put("raw", "applications/only.csv", b"id,income\nbob,4\n")
    account.put("raw", "applications/only.csv", b"id,income\nalice,4\n")
    ask(account)
    assert account.get("raw", "applications/only.csv") == b"id,income\n"


def test_what_cannot_be_read_is_told(account: Account) -> None:
    account.put("raw", "applications/scan.pdf", b"alice")
    told = ask(account).record["not_reached"]
    assert "s3://raw/applications/scan.pdf: is of a kind that holds no rows we can read" in told
    assert "prod: run `modelyard data forget --env prod` there" in told


@pytest.mark.parametrize(
    ("stated", "sentence"),
    [
        (
            {"shared_with": [{"project": "pricing", "account": "444444444444"}]},
            "pricing in 444444444444 borrows applications: its data steward has to forget the "
            "person too",
        ),
        (
            {"source": "dataset://lending/applied"},
            "dataset://lending/applied: the rows are lending's; its data steward has to forget the "
            "person there, or later runs read them again",
        ),
    ],
)
def test_other_projects_that_hold_the_rows_are_named(
    account: Account, stated: dict[str, Any], sentence: str
) -> None:
    document = yaml.safe_load(TEXT)
    document["data"][0] |= stated
    account.project = parse(document)
    assert sentence in ask(account).record["not_reached"]


def test_where_models_serve_only_predictions_are_searched(account: Account) -> None:
    account.environment = "prod"
    outcome = ask(account)
    assert {one.bucket for one in outcome.search.removals} == {"predictions"}
    assert outcome.proof


def test_data_set_that_does_not_say_whom_it_is_about_is_refused(tmp_path: Path) -> None:
    place: Any = Account(parse(yaml.safe_load(TEXT.replace(", row_key: id", ""))), None)
    with pytest.raises(ForgetError, match="state its 'subject' column"):
        chosen(place, None)


def test_unknown_data_set_is_told_with_the_known_ones(account: Account) -> None:
    place: Any = account
    with pytest.raises(ForgetError, match="there is no data set x; known: applications"):
        chosen(place, "x")
