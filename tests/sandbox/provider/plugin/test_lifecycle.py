"""Resources live their whole life under Pulumi's protocol, as under its own provider of AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.provider.conftest import Sandbox
from tests.sandbox.provider.plugin.conftest import UNKNOWN, Engine, Resource

pytestmark = pytest.mark.timeout(60)

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
BUCKET = "aws:s3/bucket:Bucket"
ROLE = "aws:iam/role:Role"
PARAMETER = "aws:ssm/parameter:Parameter"
KEY = "aws:kms/key:Key"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"

# A type, its inputs, and a change that AWS makes in place.
LIVES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "bucket": (BUCKET, {"tags": {"kind": "raw"}}, {"tags": {"kind": "curated"}}),
    "role": (
        ROLE,
        {"assumeRolePolicy": json.dumps(TRUST), "description": "before"},
        {"assumeRolePolicy": json.dumps(TRUST), "description": "after"},
    ),
    "parameter": (
        PARAMETER,
        {"name": "/life", "type": "String", "value": "1"},
        {"name": "/life", "type": "String", "value": "2"},
    ),
    "key": (
        KEY,
        {"description": "before", "enableKeyRotation": True},
        {"description": "after", "enableKeyRotation": False},
    ),
}
DIFF_NONE, DIFF_SOME = 1, 2


@pytest.fixture(params=LIVES)
def life(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """One type's life."""
    return LIVES[request.param]


def test_preview_invents_nothing(engine: Engine, life: Any) -> None:
    token, inputs, _ = life

    answer = engine.preview(token, "one", inputs)

    assert answer.id == ""
    assert answer.properties["arn"] == UNKNOWN
    assert answer.properties["id"] == UNKNOWN


def test_what_was_created_is_unchanged(engine: Engine, life: Any) -> None:
    token, inputs, _ = life
    resource = engine.create(token, "one", inputs)

    assert resource.id
    assert resource.outputs["arn"].startswith("arn:aws:")
    assert resource.outputs["tagsAll"]["project"] == "fixture"
    assert engine.diff(resource, inputs).changes == DIFF_NONE
    assert engine.refresh(resource) == resource


def test_change_in_place_reaches_aws(engine: Engine, life: Any) -> None:
    token, inputs, changed = life
    resource = engine.create(token, "one", inputs)

    diff = engine.diff(resource, changed)
    updated = engine.update(resource, changed)

    assert diff.changes == DIFF_SOME
    assert not diff.replaces
    assert all(one.kind == 4 and one.inputDiff for one in diff.detailedDiff.values())
    assert updated.id == resource.id
    assert engine.refresh(updated) == updated
    assert engine.diff(updated, changed).changes == DIFF_NONE


def test_preview_of_a_change_makes_none(engine: Engine, life: Any) -> None:
    token, inputs, changed = life
    resource = engine.create(token, "one", inputs)

    engine.update(resource, changed, preview=True)

    assert engine.refresh(resource) == resource


def test_delete_is_idempotent(engine: Engine, life: Any) -> None:
    token, inputs, _ = life
    resource = engine.create(token, "one", inputs)

    engine.delete(resource)

    assert engine.refresh(resource) is None
    engine.delete(resource)


def test_imported_resource_shows_no_difference(engine: Engine, life: Any) -> None:
    token, inputs, _ = life
    made = engine.create(token, "one", inputs)

    imported = engine.import_(token, "other", made.id)

    assert imported is not None
    named: dict[str, Any] = {
        key: made.inputs[key] for key in ("bucket", "name") if key in made.inputs
    }
    assert engine.diff(imported, {**inputs, **named}).changes == DIFF_NONE


def test_import_of_what_does_not_exist_finds_nothing(engine: Engine) -> None:
    assert engine.import_(BUCKET, "none", "no-such-bucket-anywhere") is None


def test_manual_change_is_shown(engine: Engine, sandbox: Sandbox) -> None:
    stated = {"bucket": f"drifting-{sandbox.account}", "tags": {"kind": "raw"}}
    bucket = engine.create(BUCKET, "b", stated)
    stated_versioning = {"bucket": bucket.id, "versioningConfiguration": {"status": "Enabled"}}
    versioning = engine.create(VERSIONING, "v", stated_versioning)
    s3 = sandbox.client("s3")
    s3.put_bucket_versioning(Bucket=bucket.id, VersioningConfiguration={"Status": "Suspended"})
    s3.put_bucket_tagging(Bucket=bucket.id, Tagging={"TagSet": [{"Key": "kind", "Value": "mine"}]})

    drifted, suspended = engine.refresh(bucket), engine.refresh(versioning)

    assert drifted is not None
    assert suspended is not None
    assert set(engine.diff(drifted, stated).detailedDiff) == {
        "tags.kind",
        "tagsAll.kind",
        "tagsAll.project",
    }
    assert set(engine.diff(suspended, stated_versioning).detailedDiff) == {
        "versioningConfiguration.status"
    }


def test_resource_removed_by_hand_is_gone(engine: Engine, sandbox: Sandbox) -> None:
    bucket = engine.create(BUCKET, "b", {})
    sandbox.client("s3").delete_bucket(Bucket=bucket.id)

    assert engine.refresh(bucket) is None


def test_automatic_name_comes_from_the_seed_and_stays(engine: Engine) -> None:
    fresh = Resource(BUCKET, "data")
    first = engine.check(fresh, {}, seed=b"first")["bucket"]
    second = engine.check(fresh, {}, seed=b"second")["bucket"]
    made = engine.create(BUCKET, "data", {})

    assert first.startswith("data-")
    assert first != second
    assert engine.check(made, {}, seed=b"another")["bucket"] == made.id


def test_new_name_replaces_with_both_standing(engine: Engine) -> None:
    parameter = engine.create(PARAMETER, "p", {"name": "/old", "type": "String", "value": "1"})

    diff = engine.diff(parameter, {"name": "/new", "type": "String", "value": "1"})

    assert list(diff.replaces) == ["name"]
    assert diff.detailedDiff["name"].kind == 5
    assert not diff.deleteBeforeReplace


def test_replacement_under_the_same_name_deletes_first(engine: Engine) -> None:
    stated = {"name": "keeper", "assumeRolePolicy": json.dumps(TRUST)}
    role = engine.create(ROLE, "r", stated)

    diff = engine.diff(role, {**stated, "path": "/teams/"})

    assert list(diff.replaces) == ["path"]
    assert diff.detailedDiff["path"].kind == 1
    assert diff.deleteBeforeReplace


def test_replacement_under_an_automatic_name_creates_first(engine: Engine) -> None:
    role = engine.create(ROLE, "r", {"assumeRolePolicy": json.dumps(TRUST)})

    diff = engine.diff(role, {"assumeRolePolicy": json.dumps(TRUST), "path": "/teams/"})

    assert list(diff.replaces) == ["path"]
    assert not diff.deleteBeforeReplace


def test_ignored_change_is_no_difference(engine: Engine) -> None:
    bucket = engine.create(BUCKET, "b", {"tags": {"kind": "raw", "a.b": "1"}})
    changed = {"tags": {"kind": "curated", "a.b": "2"}}

    left = engine.diff(bucket, changed, "tags.kind", "tagsAll")

    assert set(left.detailedDiff) == {'tags["a.b"]'}
    assert engine.diff(bucket, changed, "tags", "tagsAll").changes == DIFF_NONE


def test_unknown_input_stays_unknown(engine: Engine) -> None:
    answer = engine.preview(ROLE, "r", {"assumeRolePolicy": UNKNOWN, "tags": {"key": UNKNOWN}})
    versioning = engine.preview(
        VERSIONING, "v", {"bucket": UNKNOWN, "versioningConfiguration": {"status": "Enabled"}}
    )

    assert answer.id == versioning.id == ""
    assert answer.properties["assumeRolePolicy"] == UNKNOWN
    assert answer.properties["name"].startswith("r-")
    assert versioning.properties["bucket"] == UNKNOWN
