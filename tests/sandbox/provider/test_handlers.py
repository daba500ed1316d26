"""Every group of resource types goes through its whole life on a running sandbox."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.provider.program import Program
from tests.sandbox.provider.conftest import PROGRAMS, Sandbox

pytestmark = pytest.mark.timeout(120)
# Policies over accounts need an organization, which nobody creates by program.
PREPARED: dict[str, Callable[[Sandbox], object]] = {
    "governance": lambda sandbox: sandbox.client("organizations").create_organization()
}
GROUPS = sorted(path.name for path in PROGRAMS.iterdir() if path.is_dir())


@pytest.mark.parametrize("group", GROUPS)
def test_group_lives_from_creation_to_deletion(group: str, sandbox: Sandbox) -> None:
    program = Program(PROGRAMS / group)
    PREPARED.get(group, id)(sandbox)

    created = sandbox.apply(program, variant="first")
    again = sandbox.apply(program, variant="first")
    updated = sandbox.apply(program, variant="updated")
    replaced = sandbox.apply(program, variant="replaced")
    removed = sandbox.apply(program, variant="none")

    number = created.counts["created"]
    assert set(created.counts) == {"created"}
    assert again.counts == {"unchanged": number}
    assert updated.counts["changed"] >= 1
    assert set(updated.counts) <= {"changed", "unchanged"}
    assert replaced.counts["replaced"] + replaced.counts.get("created", 0) >= 1
    assert removed.counts == {"deleted": number}


def test_bucket_is_set_up_as_the_program_says(sandbox: Sandbox) -> None:
    result = sandbox.apply(Program(PROGRAMS / "storage"), variant="first")

    s3, bucket = sandbox.client("s3"), f"fixture-data-{sandbox.account}"
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    rule = encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    assert rule == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": result.outputs["key"]}
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    lifecycle = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]
    assert lifecycle["Expiration"] == {"Days": 30}
    assert result.outputs["tags"] == {"project": "fixture", "variant": "first"}
    assert result.outputs["domain"] == f"{bucket}.s3.us-east-1.amazonaws.com"


def test_replacing_a_role_takes_its_policies_along(sandbox: Sandbox) -> None:
    program = Program(PROGRAMS / "access")
    sandbox.apply(program, variant="first")

    result = sandbox.apply(program, variant="replaced")

    iam = sandbox.client("iam")
    attached = iam.list_attached_role_policies(RoleName="fixture-other-role")["AttachedPolicies"]
    assert [one["PolicyName"] for one in attached] == [result.outputs["managed"]]
    assert "fixture-role" not in [role["RoleName"] for role in iam.list_roles()["Roles"]]


def test_function_carries_the_zipped_code(sandbox: Sandbox) -> None:
    result = sandbox.apply(Program(PROGRAMS / "functions"), variant="first")

    found = sandbox.client("lambda").get_function(FunctionName="fixture-function")
    assert found["Configuration"]["CodeSha256"] == result.outputs["sha256"]
    assert found["Configuration"]["Environment"]["Variables"] == {"VARIANT": "first"}


def test_new_security_group_is_closed_but_for_its_rules(sandbox: Sandbox) -> None:
    result = sandbox.apply(Program(PROGRAMS / "network"), variant="first")

    ec2 = sandbox.client("ec2")
    groups = ec2.describe_security_groups(GroupIds=[result.outputs["group"]])
    egress = groups["SecurityGroups"][0]["IpPermissionsEgress"]
    assert [(rule["IpProtocol"], rule["IpRanges"]) for rule in egress] == [("tcp", [])]


def test_folder_archives_depend_on_content_alone(tmp_path: Path) -> None:
    import os

    import pulumi

    from sandbox.provider.assets import package

    for name in ("a", "b"):
        (tmp_path / name / "__pycache__").mkdir(parents=True)
        (tmp_path / name / "main.py").write_text("x = 1\n")
        (tmp_path / name / "__pycache__" / f"main.{name}.pyc").write_text(name)
    os.utime(tmp_path / "b" / "main.py", (0, 0))

    digests = {package(pulumi.FileArchive(name), tmp_path).sha256 for name in ("a", "b")}

    assert len(digests) == 1
