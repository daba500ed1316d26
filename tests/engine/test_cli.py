"""Pulumi's own engine drives programs against the sandbox as it would against AWS."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import Cli

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

PREAMBLE = """
import pulumi
import pulumi_aws as aws

account = pulumi.Config().require("account")
provider = aws.Provider(
    "aws",
    region="us-east-1",
    allowed_account_ids=[account],
    default_tags=aws.ProviderDefaultTagsArgs(tags=dict(project="fixture")),
)


def options(**more):
    return pulumi.ResourceOptions(provider=provider, **more)

"""
BUCKET = PREAMBLE + (
    "b = aws.s3.Bucket('data', tags=dict(kind='{kind}'), opts=options())\n"
    "v = aws.s3.BucketVersioning('versions', bucket=b.id,"
    " versioning_configuration=dict(status='Enabled'), opts=options())\n"
    "pulumi.export('bucket', b.id)\n"
    "pulumi.export('arn', b.arn)\n"
)
PARAMETER = PREAMBLE + (
    "p = aws.ssm.Parameter('p', name='{name}', type='String', value='{value}', opts=options())\n"
)
Clients = Callable[[str], Any]


def test_preview_from_nothing_shows_unknowns_and_no_errors(cli: Cli, client: Clients) -> None:
    shown = json.loads(cli.write(BUCKET.format(kind="raw")).done("preview", "--json"))

    assert shown["changeSummary"] == {"create": 4}
    assert not [one for one in shown.get("diagnostics", ()) if one["severity"] == "error"]
    assert client("s3").list_buckets()["Buckets"] == []


def test_second_up_changes_nothing(cli: Cli) -> None:
    cli.write(BUCKET.format(kind="raw")).done("up", "--yes")

    cli.done("up", "--yes", "--expect-no-changes")
    cli.done("preview", "--refresh", "--expect-no-changes")


def test_manual_change_is_drift(cli: Cli, client: Clients) -> None:
    cli.write(BUCKET.format(kind="raw")).done("up", "--yes")
    bucket = json.loads(cli.done("stack", "output", "--json"))["bucket"]
    client("s3").put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}
    )

    drift = cli("preview", "--refresh", "--expect-no-changes", "--diff")
    refreshed = cli.done("refresh", "--yes", "--diff")
    mended = cli.done("up", "--yes")

    assert drift.code != 0
    assert "versioningConfiguration" in drift
    assert "Suspended" in refreshed
    assert "1 updated" in mended
    assert client("s3").get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_change_in_place_updates(cli: Cli, client: Clients) -> None:
    cli.write(PARAMETER.format(name="/life", value="1")).done("up", "--yes")

    changed = cli.write(PARAMETER.format(name="/life", value="2")).done("up", "--yes")

    assert "1 updated" in changed
    assert client("ssm").get_parameter(Name="/life")["Parameter"]["Value"] == "2"


def test_new_name_replaces(cli: Cli, client: Clients) -> None:
    cli.write(PARAMETER.format(name="/old", value="1")).done("up", "--yes")

    changed = cli.write(PARAMETER.format(name="/new", value="1")).done("up", "--yes")

    names = [one["Name"] for one in client("ssm").describe_parameters()["Parameters"]]
    assert "1 replaced" in changed
    assert names == ["/new"]


def test_secret_is_stored_encrypted(cli: Cli, client: Clients, tmp_path: Path) -> None:
    source = PREAMBLE + (
        "hidden = pulumi.Config().require_secret('password')\n"
        "aws.ssm.Parameter('p', name='/p', type='SecureString', value=hidden, opts=options())\n"
    )
    cli.done("config", "set", "--secret", "password", "correct horse")

    cli.write(source).done("up", "--yes")

    stored = [one for one in (tmp_path / "state").rglob("*") if one.is_file()]
    value = client("ssm").get_parameter(Name="/p", WithDecryption=True)["Parameter"]["Value"]
    assert value == "correct horse"
    assert stored
    assert not [one for one in stored if b"correct horse" in one.read_bytes()]


def test_existing_bucket_is_imported_without_a_difference(
    cli: Cli, client: Clients, account: str
) -> None:
    name = f"existing-{account}"
    s3 = client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_tagging(
        Bucket=name,
        Tagging={"TagSet": [{"Key": "project", "Value": "fixture"}]},
    )
    source = PREAMBLE + "aws.s3.Bucket('b', bucket='{}', opts=options({}))\n"

    imported = cli.write(source.format(name, f"import_='{name}'")).done("up", "--yes")

    assert "1 imported" in imported
    cli.write(source.format(name, "")).done("up", "--yes", "--expect-no-changes")


def test_destroy_removes_everything(cli: Cli, client: Clients) -> None:
    cli.write(BUCKET.format(kind="raw")).done("up", "--yes")

    cli.done("destroy", "--yes")

    assert client("s3").list_buckets()["Buckets"] == []
    assert json.loads(cli.done("stack", "export"))["deployment"].get("resources", []) == []


def test_policy_pack_refuses_an_open_bucket(cli: Cli, root: Path) -> None:
    pack = root / "policies" / "guardrails"
    if not pack.is_dir():
        pytest.skip("this checkout has no policies/guardrails")

    refused = cli.write(BUCKET.format(kind="raw"))("preview", "--policy-pack", str(pack))

    assert refused.code != 0
    assert "modelyard-guardrails" in refused
    assert "mandatory" in refused.output.lower()
