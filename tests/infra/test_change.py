"""Changing an environment is safe: what holds data stays, and the rest converges."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml

from tests.infra.conftest import ROOT, project_document

pytestmark = pytest.mark.timeout(240)

ACCOUNT = "640000000001"
SOURCES = ("Pulumi.yaml", "infra", "pipelines", "policies", "sandbox")
# What a destroy leaves, because it holds data.
LASTING = {"Bucket", "Key", "Repository", "LogGroup", "ModelPackageGroup", "Domain"}
# What would go on costing money, or stand in the way of a second project of the same name.
REMAINS = {
    "alarms": ("cloudwatch", "describe_alarms", "MetricAlarms[].AlarmName"),
    "functions": ("lambda", "list_functions", "Functions[].FunctionName"),
    "parameters": ("ssm", "describe_parameters", "Parameters[].Name"),
    "policies": ("iam", "list_policies", "Policies[].PolicyName"),
    "queues": ("sqs", "list_queues", "QueueUrls[]"),
    "roles": ("iam", "list_roles", "Roles[].RoleName"),
    "rules": ("events", "list_rules", "Rules[].Name"),
    "security groups": ("ec2", "describe_security_groups", "SecurityGroups[].GroupName"),
    "topics": ("sns", "list_topics", "Topics[].TopicArn"),
}


@dataclass(frozen=True)
class Applied:
    """How a command ended."""

    code: int
    output: str
    error: str

    @property
    def touched(self) -> dict[str, str]:
        """What was done to each resource that did not stay as it was, by URN."""
        lines = [line.split() for line in self.output.splitlines() if line.startswith("  ")]
        done = {words[1]: words[0] for words in lines if len(words) == 2}
        return {urn: action for urn, action in done.items() if action != "unchanged"}


class Checkout:
    """A copy of the programs that a test may change, and a project applied with it."""

    def __init__(self, folder: Path, url: str, account: str) -> None:
        self.folder = folder
        self.account = account
        self._url = url
        for name in SOURCES:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, folder / name)

    def run(self, command: str, *more: str, **project: Any) -> Applied:
        """Run a command of the sandbox on the dev environment of a project."""
        environments = dict.fromkeys(("dev", "staging", "prod"), self.account)
        file = self.folder / "project.yaml"
        file.write_text(yaml.safe_dump(project_document(environments, **project)))
        place = ("--project", str(file), "--env", "dev")
        ended = subprocess.run(
            [sys.executable, "-m", "sandbox", command, *place, *more],
            cwd=self.folder,
            env={
                **os.environ,
                "AWS_ENDPOINT_URL": self._url,
                # Before the installed packages, which are those of the checkout under test.
                "PYTHONPATH": f"{self.folder}{os.pathsep}{self.folder / 'pipelines'}",
            },
            capture_output=True,
            text=True,
        )
        return Applied(ended.returncode, ended.stdout, ended.stderr)

    def apply(self, **project: Any) -> Applied:
        """Apply, which must succeed."""
        applied = self.run("apply", "--verbose", **project)
        assert applied.code == 0, applied.error
        return applied

    @contextmanager
    def edited(self, file: str, before: str, after: str) -> Iterator[None]:
        """A program that says something else meanwhile."""
        path = self.folder / file
        text = path.read_text()
        assert text.count(before) == 1, f"{file} holds {before!r} {text.count(before)} times"
        path.write_text(text.replace(before, after))
        try:
            yield
        finally:
            path.write_text(text)

    def client(self, service: str) -> Any:
        """A client as the account's root."""
        return botocore.session.Session().create_client(
            service,
            region_name="us-east-1",
            endpoint_url=self._url,
            aws_access_key_id=self.account,
            aws_secret_access_key="sandbox",
        )


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, sandbox_url: str) -> Checkout:
    """A dev environment that stands; every test leaves it as the shipped programs say."""
    made = Checkout(tmp_path_factory.mktemp("checkout"), sandbox_url, ACCOUNT)
    made.apply()
    return made


def test_second_apply_changes_nothing(checkout: Checkout) -> None:
    assert checkout.apply().touched == {}


@contextmanager
def storage_named(checkout: Checkout, name: str, before: str) -> Iterator[None]:
    """The storage component under a name, with an alias for the one it had before."""
    old = f'pulumi.Alias(name=name.replace("{name}", "{before}"))'
    made = 'super().__init__("modelyard:storage:Storage", name, {})'
    with (
        checkout.edited("infra/workspace.py", 'self.child("storage")', f'self.child("{name}")'),
        checkout.edited(
            "infra/storage.py",
            made.format("opts"),
            made.format(
                f"pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(aliases=[{old}]))"
            ),
        ),
    ):
        yield


def test_component_is_renamed_by_an_alias(checkout: Checkout) -> None:
    with storage_named(checkout, "stores", before="storage"):
        there = checkout.apply()
    with storage_named(checkout, "storage", before="stores"):
        back = checkout.apply()

    assert there.touched == {}
    assert back.touched == {}


def test_replacing_what_holds_data_is_refused(checkout: Checkout) -> None:
    before = checkout.client("s3").list_buckets()["Buckets"]
    with checkout.edited("infra/base.py", "{self.prefix}-{kind}-{", "{self.prefix}-{kind}-new-{"):
        refused = checkout.run("apply")

    assert refused.code == 2
    assert "is protected and a new bucket would replace it" in refused.error
    assert checkout.client("s3").list_buckets()["Buckets"] == before


def test_new_member_touches_only_that_member(checkout: Checkout) -> None:
    team = project_document({})["team"]
    grown = {**team, "data-scientist": [*team["data-scientist"], "carol"]}

    joined = checkout.apply(team=grown)
    left = checkout.apply()

    assert [urn for urn in joined.touched if "carol" not in urn] == []
    assert set(joined.touched.values()) <= {"created"}
    assert set(left.touched) == set(joined.touched)
    assert set(left.touched.values()) <= {"deleted"}


@pytest.fixture(scope="module")
def converged(checkout: Checkout) -> tuple[Applied, Applied, Applied]:
    """A second project whose first apply met another's resource: it, the next, and one more."""
    logs, group = checkout.client("logs"), "/aws/lambda/second-dev-registrar"
    logs.create_log_group(logGroupName=group)
    broken = checkout.run("apply", "--verbose", name="second")
    logs.delete_log_group(logGroupName=group)
    return broken, checkout.apply(name="second"), checkout.apply(name="second")


def test_half_failed_apply_converges(converged: tuple[Applied, Applied, Applied]) -> None:
    broken, mended, again = converged

    assert broken.code == 2
    assert len(broken.error.splitlines()) == 1
    assert "it exists already and is not this stack's" in broken.error
    assert broken.touched
    assert set(mended.touched.values()) == {"created"}
    assert not set(broken.touched) & set(mended.touched)
    assert again.touched == {}


@pytest.fixture(scope="module")
def destroyed(checkout: Checkout, converged: object) -> Applied:
    """The second project's end, with an object in one of its buckets."""
    bucket = f"second-dev-raw-{checkout.account}"
    checkout.client("s3").put_object(Bucket=bucket, Key="rows", Body=b"data")
    return checkout.run("destroy", name="second")


def test_removed_environment_keeps_its_data(checkout: Checkout, destroyed: Applied) -> None:
    bucket = f"second-dev-raw-{checkout.account}"
    kept = checkout.client("s3").get_object(Bucket=bucket, Key="rows")["Body"].read()

    assert destroyed.code == 0, destroyed.error
    assert kept == b"data"
    assert f"kept Bucket {bucket}; to remove it: delete every object version" in destroyed.output


def test_destroy_names_all_it_keeps_and_keeps_only_what_holds_data(destroyed: Applied) -> None:
    kept = [line.split()[1] for line in destroyed.output.splitlines() if "to remove it" in line]

    assert {"Bucket", "Key", "Repository", "ModelPackageGroup"} <= set(kept) <= LASTING
    assert kept.count("Bucket") == 5


@pytest.mark.parametrize("kind", REMAINS)
def test_destroy_leaves_no_orphan(checkout: Checkout, destroyed: Applied, kind: str) -> None:
    service, operation, path = REMAINS[kind]
    pages = checkout.client(service).get_paginator(operation).paginate()
    names = [name for name in pages.search(path) if name]

    assert [name for name in names if "second" in name] == []
