"""docs/operations.md does what it says: its `bash` blocks run, in order, on one sandbox."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from sandbox.journey import server
from sandbox.journey.commands import clean_environment
from tests.infra.conftest import ACCOUNTS, project_document

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "operations.md"
SECTION = re.compile(
    r"^(?:## (?P<title>[^\n]+)|```bash\n(?P<block>.*?)^```)$", re.MULTILINE | re.DOTALL
)
BUCKET = f"loans-dev-artifacts-{ACCOUNTS['dev']}"
STATE = f"modelyard-state-{ACCOUNTS['dev']}"


def blocks() -> dict[str, str]:
    """Executable blocks by section and number, in the page's order."""
    title, found = "Names", dict[str, str]()
    for match in SECTION.finditer(PAGE.read_text()):
        if match["title"]:
            title = match["title"]
        else:
            number = 1 + sum(name.startswith(f"{title} ") for name in found)
            found[f"{title} {number}"] = match["block"]
    return found


BLOCKS = blocks()
RESTORE = "Disaster recovery 1"


@dataclass(frozen=True)
class Desk:
    """Where the operator sits: a sandbox with three empty accounts, and a project."""

    url: str
    project: Path
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, block: str, **variables: str) -> str:
        """Run a block as root of dev's account, with the page's names; what it printed."""
        environment = clean_environment(
            {
                "AWS_ENDPOINT_URL": self.url,
                "AWS_ACCESS_KEY_ID": ACCOUNTS["dev"],
                "AWS_SECRET_ACCESS_KEY": "sandbox",
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_PAGER": "",
                "PROJECT": str(self.project),
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
                **variables,
            }
        )
        script = f"set -eu\n{BLOCKS['Names 1']}\n{BLOCKS[block]}"
        done = subprocess.run(
            ["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def root(self, service: str) -> Any:
        """A client of dev's root."""
        client: Any = boto3.client
        return client(
            service,
            region_name="us-east-1",
            endpoint_url=self.url,
            aws_access_key_id=ACCOUNTS["dev"],
            aws_secret_access_key="sandbox",
        )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk of its own: the blocks build on each other."""
    place = tmp_path_factory.mktemp("operations")
    project = place / "project.yaml"
    project.write_text(yaml.safe_dump(project_document(ACCOUNTS)))
    with server.serving(place) as url:
        yield Desk(url, project)


def changes(desk: Desk) -> list[str]:
    """What an apply of dev has to do, as the lines that say so; none when all is in place."""
    said = desk.run("Disaster recovery 3").splitlines()
    return [
        line for line in said if re.search(r"[1-9]\d* (created|changed|replaced|deleted)", line)
    ]


@pytest.mark.parametrize(
    "block",
    [name for name in BLOCKS if not name.startswith(("Names", "Upgrading", "Disaster", "Leaving"))],
)
def test_block_runs_as_it_stands(desk: Desk, block: str) -> None:
    desk.run(block)


def test_bootstrap_leaves_a_role_that_may_do_nothing(desk: Desk) -> None:
    iam = desk.root("iam")
    attached = iam.list_attached_role_policies(RoleName="modelyard-infrastructure-preview")
    assert attached["AttachedPolicies"] == []
    assert iam.list_attached_role_policies(RoleName="modelyard-infrastructure")["AttachedPolicies"]


def test_graph_is_the_same_when_nothing_was_upgraded(desk: Desk) -> None:
    # `make setup` belongs to the test run itself.
    assert "make setup\n" in BLOCKS["Upgrading Modelyard 1"]
    BLOCKS["Upgrading without setup"] = BLOCKS["Upgrading Modelyard 1"].replace("make setup\n", "")
    assert desk.run("Upgrading without setup") == ""


@pytest.mark.parametrize("kind", ["artifacts", "evidence"])
def test_deleted_object_is_restored(desk: Desk, kind: str) -> None:
    bucket, s3 = f"loans-dev-{kind}-{ACCOUNTS['dev']}", desk.root("s3")
    s3.put_object(Bucket=bucket, Key="runs/1/model.tar.gz", Body=b"good")
    s3.delete_object(Bucket=bucket, Key="runs/1/model.tar.gz")
    desk.run(RESTORE, BUCKET=bucket, OBJECT="runs/1/model.tar.gz")
    assert s3.get_object(Bucket=bucket, Key="runs/1/model.tar.gz")["Body"].read() == b"good"


def test_overwritten_object_is_restored(desk: Desk) -> None:
    s3 = desk.root("s3")
    for body in (b"good", b"spoilt"):
        s3.put_object(Bucket=BUCKET, Key="runs/2/model.tar.gz", Body=body)
    desk.run(RESTORE, BUCKET=BUCKET, OBJECT="runs/2/model.tar.gz", BACK="1")
    assert s3.get_object(Bucket=BUCKET, Key="runs/2/model.tar.gz")["Body"].read() == b"good"


def test_key_is_saved_from_deletion(desk: Desk) -> None:
    kms = desk.root("kms")
    key = kms.describe_key(KeyId="alias/loans-dev")["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
    desk.run("Disaster recovery 2")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_restored_state_finds_everything_in_place(desk: Desk) -> None:
    desk.root("s3").delete_object(Bucket=STATE, Key="modelyard/loans.dev.json")
    desk.run(RESTORE, BUCKET=STATE, OBJECT="modelyard/loans.dev.json")
    assert changes(desk) == []


def test_lost_state_converges_onto_what_exists(desk: Desk) -> None:
    """What is there is taken over, which counts as creating it; what is gone is made again."""
    before = bucket_names(desk)
    desk.root("s3").delete_object(Bucket=STATE, Key="modelyard/loans.dev.json")
    desk.root("ssm").delete_parameter(Name="/modelyard/loans/dev/key_arn")
    (taken,) = changes(desk)
    assert taken.startswith("loans.dev ")
    assert desk.root("ssm").get_parameter(Name="/modelyard/loans/dev/key_arn")
    assert changes(desk) == []
    assert bucket_names(desk) == before


def bucket_names(desk: Desk) -> set[str]:
    """Every bucket of dev's account."""
    return {bucket["Name"] for bucket in desk.root("s3").list_buckets()["Buckets"]}


def test_leaving_keeps_data_and_says_so(desk: Desk) -> None:
    said = desk.run("Leaving cleanly 1")
    for kind in ("raw", "artifacts", "evidence"):
        assert f"kept Bucket loans-dev-{kind}-{ACCOUNTS['dev']}" in said
    assert "aws kms schedule-key-deletion" in said
    assert bucket_names(desk) >= {f"loans-dev-raw-{ACCOUNTS['dev']}", BUCKET}
