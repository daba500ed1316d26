"""A registered model with everything that its package records, in a git repository of its own."""

import hashlib
import json
import random
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pandas as pd
import pytest

from modelyard.functions.raw_versions import versions_read
from tests.modelyard.jobs.conftest import Repo, _make_repo
from tests.modelyard.test_workspace import values

NAME = "team-model"
PIPELINE = f"arn:aws:sagemaker:us-east-1:123456789012:pipeline/{NAME}-dev-train"
KINDS = ("raw", "artifacts", "evidence")
RAW, ARTIFACTS, EVIDENCE = (f"{NAME}-dev-{kind}-123456789012" for kind in KINDS)


def git(folder: Path, *words: str) -> str:
    """What git answers in a folder."""
    who = ("-c", "user.name=alice", "-c", "user.email=alice@example.com")
    command = ["git", "-C", str(folder), *who, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def commit(folder: Path) -> str:
    """Commits everything in a folder; the commit."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "More")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repo whose three jobs ran; the code and not the data is committed."""
    dice = random.Random(5)
    sizes = [round(dice.gauss(0, 1), 6) for _ in range(300)]
    target = ["yes" if size + dice.gauss(0, 1) > 0 else "no" for size in sizes]
    frame = pd.DataFrame({"size": sizes, "target": target})
    repo = _make_repo(tmp_path_factory.mktemp("built") / "repo", frame, "target", "binary")
    (repo.folder / ".gitignore").write_text("ml/\ndata/\n__pycache__/\n")
    git(repo.folder, "init", "--quiet")
    commit(repo.folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONHASHSEED", "0")
        for job in (repo.prepare, repo.train, repo.evaluate):
            done = job()
            assert done.returncode == 0, done.stderr
    return repo


@dataclass
class Registered:
    """A package in a registry, and what it points at; tests change one thing."""

    repo: Path
    version: int
    raw_version: str
    properties: dict[str, str] = field(repr=False)

    def put(self, uri: str, document: Any) -> str:
        """Stores a document where it is recorded; its sha256."""
        bucket, key = uri.removeprefix("s3://").split("/", 1)
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
        return hashlib.sha256(body).hexdigest()

    def get(self, uri: str) -> Any:
        bucket, key = uri.removeprefix("s3://").split("/", 1)
        return json.loads(boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


@pytest.fixture
def register(
    aws: str, built: Repo, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Registered]]:
    """Registers the built model as the registrar would, with some properties changed."""
    monkeypatch.chdir(built.folder)
    s3, sagemaker, ssm = (boto3.client(service) for service in ("s3", "sagemaker", "ssm"))
    for bucket in (RAW, ARTIFACTS, EVIDENCE):
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    key_arn = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
    facts = {
        **values("dev"),
        "key_arn": key_arn,
        "bucket_raw": RAW,
        "bucket_artifacts": ARTIFACTS,
        "bucket_evidence": EVIDENCE,
    }
    for name, value in facts.items():
        ssm.put_parameter(Name=f"/modelyard/{NAME}/dev/{name}", Value=value, Type="String")
    sagemaker.create_model_package_group(ModelPackageGroupName=NAME)
    data = (built.folder / "data" / "rows.csv").read_bytes()
    raw = s3.put_object(Bucket=RAW, Key="rows/rows.csv", Body=data)["VersionId"]
    made: list[str] = []

    def make(**changed: str) -> Registered:
        run = f"s3://{ARTIFACTS}/runs/abc{len(made)}"
        found = Registered(built.folder, 0, raw, {})
        manifest, evaluation = (
            (built.output / name).read_bytes()
            for name in ("manifest/dataset_manifest.json", "evaluation/evaluation.json")
        )
        found.properties = {
            "trained_by": "alice",
            "execution": f"{PIPELINE}/execution/{len(made)}",
            "code_commit": git(built.folder, "rev-parse", "HEAD"),
            "image_digest": f"sha256:{'a' * 64}",
            "dataset_sha256": json.loads(manifest)["dataset"]["sha256"],
            "dataset_manifest": f"{run}/prepare/manifest/dataset_manifest.json",
            "dataset_versions": f"s3://{ARTIFACTS}/registry/{len(made)}/dataset_versions.json",
            "evaluation": f"{run}/evaluation/evaluation.json",
            "evaluation_sha256": found.put(f"{run}/evaluation/evaluation.json", evaluation),
            **changed,
        }
        digest = found.put(f"{run}/prepare/manifest/dataset_manifest.json", manifest)
        until = s3.head_object(Bucket=RAW, Key="rows/rows.csv", VersionId=raw)["LastModified"]
        files = versions_read(s3, f"s3://{RAW}/rows/", until, json.loads(manifest)["files"])
        if found.properties["dataset_versions"]:
            found.put(found.properties["dataset_versions"], {"sha256": digest, "files": files})
        arn = sagemaker.create_model_package(
            ModelPackageGroupName=NAME,
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={
                "Containers": [{"Image": "image", "ModelDataUrl": "s3://models/model.tar.gz"}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
            CustomerMetadataProperties={key: one for key, one in found.properties.items() if one},
        )["ModelPackageArn"]
        made.append(arn)
        found.version = int(arn.rsplit("/", 1)[1])
        return found

    yield make
    for arn in made:
        sagemaker.delete_model_package(ModelPackageName=arn)
    sagemaker.delete_model_package_group(ModelPackageGroupName=NAME)
    for name in facts:
        ssm.delete_parameter(Name=f"/modelyard/{NAME}/dev/{name}")
    for bucket in (RAW, ARTIFACTS, EVIDENCE):
        everything = boto3.resource("s3").Bucket(bucket)
        everything.object_versions.delete()
        everything.delete()
