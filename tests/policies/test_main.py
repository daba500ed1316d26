"""python -m policies: questions in, answers out, mistakes in one line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from policies.__main__ import main
from tests.policies.conftest import ACCOUNT, PROJECT

APPROVAL: dict[str, Any] = {
    "id": 1,
    "principal": "model-approver",
    "action": "sagemaker:UpdateModelPackage",
    "resource": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package/loans/1",
    "context": {
        "sagemaker:ModelApprovalStatus": "Approved",
        "sagemaker:CurrentCustomerMetadataProperties/trained_by": "alice",
        "aws:PrincipalTag/user": "bob",
    },
}
OWN = {
    **APPROVAL,
    "id": "own",
    "context": {**APPROVAL["context"], "aws:PrincipalTag/user": "alice"},
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "project.yaml"
    path.write_text(PROJECT % ((ACCOUNT,) * 3))
    return path


def run(
    monkeypatch: pytest.MonkeyPatch, lines: str, project: Path, *arguments: str, env: str = "dev"
) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    return main(["evaluate", "--project", str(project), "--env", env, *arguments])


def test_answers_come_in_order_with_their_reasons(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], project: Path
) -> None:
    lines = f"{json.dumps(APPROVAL)}\n\n{json.dumps(OWN)}\n"
    assert run(monkeypatch, lines, project) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first == {
        "id": 1,
        "decision": "allow",
        "reason": "allowed by DecideOnPackages of personas/model-approver.json",
    }
    assert (second["id"], second["decision"]) == ("own", "deny")
    assert "NotOwnModel" in second["reason"]


@pytest.mark.parametrize(
    ("principal", "decision"),
    [
        (f"arn:aws:iam::{ACCOUNT}:role/loans-dev-model-approver", "allow"),
        (f"arn:aws:iam::{ACCOUNT}:role/loans-dev-auditor", "deny"),
        (f"arn:aws:iam::{ACCOUNT}:role/somebody-else", "deny"),
        ("model-operator", "deny"),
    ],
)
def test_a_principal_is_a_persona_or_a_role(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    project: Path,
    principal: str,
    decision: str,
) -> None:
    run(monkeypatch, json.dumps({**APPROVAL, "principal": principal}), project)
    assert json.loads(capsys.readouterr().out)["decision"] == decision


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 1: not JSON"),
        ("[]", "line 1: write an object"),
        ('{"principal": "auditor"}', "line 1: 'action' is missing"),
        (json.dumps({**APPROVAL, "action": "Approve"}), "lacks its service"),
        (json.dumps({**APPROVAL, "context": []}), None),
        (json.dumps({**APPROVAL, "context": ["x"]}), "'context' must be an object"),
    ],
)
def test_a_senseless_line_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    project: Path,
    line: str,
    message: str | None,
) -> None:
    assert run(monkeypatch, line, project) == (2 if message else 0)
    error = capsys.readouterr().err
    assert error.count("\n") == (1 if message else 0)
    assert (message or "") in error


def test_a_missing_project_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(monkeypatch, "", tmp_path / "none.yaml") == 2
    assert capsys.readouterr().err.count("\n") == 1


def resource(type_: str, name: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> Any:
    urn = f"urn:pulumi:loans.dev::modelyard::{type_}::{name}"
    return {"urn": urn, "type": type_, "name": name, "inputs": inputs, "outputs": outputs}


def document(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})


ROLE = f"arn:aws:iam::{ACCOUNT}:role/loans-dev-auditor"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/abc"
GRAPH = {
    "resources": [
        resource(
            "aws:iam/role:Role",
            "auditor",
            {
                "permissionsBoundary": "arn:b",
                "assumeRolePolicy": document(Principal="*", Action="sts:AssumeRole"),
            },
            {"arn": ROLE, "name": "loans-dev-auditor"},
        ),
        resource(
            "aws:iam/policy:Policy",
            "auditing",
            {"policy": document(Action=["s3:GetObject", "s3:PutObject", "kms:*"], Resource="*")},
            {"arn": "arn:p"},
        ),
        resource(
            "aws:iam/policy:Policy",
            "boundary",
            {"policy": document(Action=["s3:GetObject", "kms:*"], Resource="*")},
            {"arn": "arn:b"},
        ),
        resource(
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "attached",
            {"role": "loans-dev-auditor", "policyArn": "arn:p"},
            {},
        ),
        resource(
            "aws:s3/bucketPolicy:BucketPolicy",
            "closed",
            {
                "bucket": "closed",
                "policy": json.dumps(
                    {
                        "Statement": {
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": "*",
                            "Resource": "arn:aws:s3:::closed/*",
                        }
                    }
                ),
            },
            {},
        ),
        resource(
            "aws:kms/key:Key",
            "key",
            {"policy": document(Principal={"AWS": ACCOUNT}, Action="kms:*", Resource="*")},
            {"arn": KEY},
        ),
    ],
    "outputs": {},
}


@pytest.mark.parametrize(
    ("action", "on", "decision"),
    [
        ("s3:GetObject", "arn:aws:s3:::open/x", "allow"),
        ("s3:GetObject", "arn:aws:s3:::closed/x", "deny"),
        ("s3:PutObject", "arn:aws:s3:::open/x", "deny"),
        ("kms:Decrypt", KEY, "allow"),
        ("kms:Decrypt", f"{KEY}-two", "deny"),
    ],
)
def test_a_graph_is_judged_with_boundary_and_resource_policies(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    project: Path,
    tmp_path: Path,
    action: str,
    on: str,
    decision: str,
) -> None:
    graph = tmp_path / "graph.json"
    graph.write_text(json.dumps(GRAPH))
    line = json.dumps({"id": 1, "principal": "auditor", "action": action, "resource": on})
    assert run(monkeypatch, line, project, "--graph", str(graph)) == 0
    assert json.loads(capsys.readouterr().out)["decision"] == decision


def test_a_file_that_is_no_graph_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    project: Path,
    tmp_path: Path,
) -> None:
    graph = tmp_path / "graph.json"
    graph.write_text("[]")
    assert run(monkeypatch, "", project, "--graph", str(graph)) == 2
    assert "not a rendered graph" in capsys.readouterr().err
