"""What holds for every bucket, and what for evidence alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.infra.conftest import EstateOf, Graph

ENVIRONMENTS = ("dev", "staging", "prod")
KINDS = ("raw", "curated", "artifacts", "predictions", "evidence")
EVERY_BUCKET = [(environment, kind) for environment in ENVIRONMENTS for kind in KINDS]


def policy(graph: Graph, kind: str) -> dict[str, dict[str, Any]]:
    """A bucket's policy statements by their Sid."""
    document = json.loads(graph.named(":BucketPolicy", f"-{kind}-policy")["inputs"]["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


@pytest.mark.parametrize(("environment", "kind"), EVERY_BUCKET)
def test_bucket_has_its_fixed_name(
    workspaces: dict[str, Graph], environment: str, kind: str
) -> None:
    bucket = workspaces[environment].named(":Bucket", f"-{kind}-bucket")
    assert bucket["outputs"]["bucket"] == f"loans-{environment}-{kind}-123456789012"


@pytest.mark.parametrize(("environment", "kind"), EVERY_BUCKET)
def test_bucket_is_encrypted_with_the_project_key(
    workspaces: dict[str, Graph], environment: str, kind: str
) -> None:
    graph = workspaces[environment]
    (rule,) = graph.named("ServerSideEncryptionConfiguration", f"-{kind}-encryption")["inputs"][
        "rules"
    ]
    (key,) = graph.of(":Key")
    assert rule["bucketKeyEnabled"]
    assert rule["applyServerSideEncryptionByDefault"] == {
        "sseAlgorithm": "aws:kms",
        "kmsMasterKeyId": key["outputs"]["arn"],
    }


@pytest.mark.parametrize(("environment", "kind"), EVERY_BUCKET)
def test_bucket_cannot_be_public(workspaces: dict[str, Graph], environment: str, kind: str) -> None:
    graph = workspaces[environment]
    block = graph.named(":BucketPublicAccessBlock", f"-{kind}-privacy")["inputs"]
    ownership = graph.named(":BucketOwnershipControls", f"-{kind}-ownership")["inputs"]
    assert {key for key, value in block.items() if value is True} == {
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    }
    assert ownership["rule"] == {"objectOwnership": "BucketOwnerEnforced"}


@pytest.mark.parametrize(("environment", "kind"), EVERY_BUCKET)
def test_bucket_keeps_versions(workspaces: dict[str, Graph], environment: str, kind: str) -> None:
    versioning = workspaces[environment].named(":BucketVersioning", f"-{kind}-versioning")
    assert versioning["inputs"]["versioningConfiguration"] == {"status": "Enabled"}


@pytest.mark.parametrize(("environment", "kind"), EVERY_BUCKET)
def test_bucket_refuses_plain_http_and_foreign_keys(
    workspaces: dict[str, Graph], environment: str, kind: str
) -> None:
    graph = workspaces[environment]
    (key,) = graph.of(":Key")
    statements = policy(graph, kind)
    assert statements["OnlyOverTls"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    foreign = statements["NoOtherKey"]["Condition"]["StringNotEquals"]
    assert foreign == {"s3:x-amz-server-side-encryption-aws-kms-key-id": key["outputs"]["arn"]}
    assert {"NoOtherAlgorithm", "NoUnnamedKey"} <= statements.keys()


@pytest.mark.parametrize(("environment", "kind"), EVERY_BUCKET)
def test_bucket_and_all_its_settings_are_protected(
    workspaces: dict[str, Graph], environment: str, kind: str
) -> None:
    settings = [each for each in workspaces[environment].aws if f"-storage-{kind}-" in each["name"]]
    assert [each["name"] for each in settings if not each["protect"]] == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_only_evidence_is_locked(workspaces: dict[str, Graph], environment: str) -> None:
    graph = workspaces[environment]
    locked = [
        each["name"] for each in graph.of(":Bucket") if each["inputs"].get("objectLockEnabled")
    ]
    assert locked == [f"loans-{environment}-storage-evidence-bucket"]
    assert len(graph.of(":BucketObjectLockConfiguration")) == 1


@pytest.mark.parametrize(
    ("environment", "tier", "mode", "days"),
    [
        ("dev", "high", "GOVERNANCE", 365),
        ("prod", "high", "COMPLIANCE", 3653),
        ("prod", "limited", "GOVERNANCE", 365),
    ],
)
def test_lock_follows_the_risk(
    estate_of: EstateOf, environment: str, tier: str, mode: str, days: int
) -> None:
    estate = estate_of(risk={"tier": tier, "decision": "assisted"})
    lock = estate.workspace(environment).of(":BucketObjectLockConfiguration")[0]
    assert lock["inputs"]["rule"]["defaultRetention"] == {"mode": mode, "days": days}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nobody_removes_evidence(workspaces: dict[str, Graph], environment: str) -> None:
    statement = policy(workspaces[environment], "evidence")["NobodyRemovesEvidence"]
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == "*"
    assert "Condition" not in statement
    assert set(statement["Action"]) == {
        "s3:BypassGovernanceRetention",
        "s3:DeleteObjectVersion",
    }


def test_only_the_infrastructure_role_changes_the_rules_of_evidence(estate_of: EstateOf) -> None:
    role = "arn:aws:iam::111111111111:role/modelyard-infrastructure"
    graph = estate_of(config={"assumeRole": role}).workspace("dev")
    assert policy(graph, "evidence")["RulesStay"]["Condition"] == {
        "ArnNotEquals": {"aws:PrincipalArn": [role, "arn:aws:iam::111111111111:root"]}
    }


def test_quarantined_rows_expire(dev: Graph) -> None:
    rules = dev.named(":BucketLifecycleConfiguration", "-raw-lifecycle")["inputs"]["rules"]
    expiring = {
        rule["filter"]["prefix"]: rule["expiration"] for rule in rules if "expiration" in rule
    }
    assert expiring["quarantine/"] == {"days": 30}
