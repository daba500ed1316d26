"""The documents: complete, small enough for IAM, within the boundary, and trusted by few."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from policies import documents
from policies.documents import (
    MANAGED_POLICY_LIMIT,
    PERSONAS_BY_ENVIRONMENT,
    TRUST_BY_PERSONA,
    DocumentError,
    TrustKind,
    borrowing_part,
    boundary,
    mode_parts,
    parts,
    render_permissions,
    render_trust,
)
from policies.evaluation import Policy, PolicySet, Request, evaluate
from policies.landscape import Place, placeholder_values

ROLES = [
    (env, persona) for env, personas in PERSONAS_BY_ENVIRONMENT.items() for persona in personas
]
LONG = {
    "registry": Place("a" * 24, "dev", "123456789012", "ap-southeast-2"),
    "dev": Place("a" * 24, "dev", "123456789012", "ap-southeast-2"),
    "staging": Place("a" * 24, "staging", "210987654321", "ap-southeast-2"),
    "prod": Place("a" * 24, "prod", "210987654321", "ap-southeast-2"),
}
ACCOUNT = "123456789012"
VALUES = {
    **placeholder_values(
        Place("loans", "dev", ACCOUNT, "us-east-1"), Place("loans", "dev", ACCOUNT, "us-east-1")
    ),
    "user": "alice",
    "gitlab_host": "gitlab.example.com",
    "gitlab_project": "example/loans",
}


def statements(document: dict[str, Any], effect: str) -> list[dict[str, Any]]:
    return [one for one in document["Statement"] if one["Effect"] == effect]


def whole(persona: str, values: dict[str, str] = VALUES) -> dict[str, Any]:
    """All documents of a persona as one."""
    parts = render_permissions(persona, values)
    return {"Statement": [statement for part in parts for statement in part["Statement"]]}


def listed(element: str | list[str]) -> list[str]:
    return [element] if isinstance(element, str) else element


@pytest.mark.parametrize(("environment", "persona"), ROLES)
def test_a_document_of_a_long_name_fits_a_managed_policy(environment: str, persona: str) -> None:
    values = placeholder_values(LONG[environment], LONG["registry"])
    compact = [
        json.dumps(one, separators=(",", ":")) for one in render_permissions(persona, values)
    ]
    assert max(len(one) for one in compact) <= MANAGED_POLICY_LIMIT


def test_the_boundary_fits_a_managed_policy() -> None:
    assert len(json.dumps(boundary(VALUES), separators=(",", ":"))) <= MANAGED_POLICY_LIMIT


@pytest.mark.parametrize(("environment", "persona"), ROLES)
def test_a_rendered_document_is_a_valid_policy(environment: str, persona: str) -> None:
    values = placeholder_values(LONG[environment], LONG["registry"])
    for document in render_permissions(persona, values):
        assert Policy.parse(document, persona).statements
    assert Policy.parse(render_trust(TRUST_BY_PERSONA[persona], values), persona).statements


@pytest.mark.parametrize("persona", TRUST_BY_PERSONA)
def test_no_persona_is_allowed_a_pattern_of_actions(persona: str) -> None:
    allowed = statements(whole(persona), "Allow")
    assert [action for one in allowed for action in listed(one["Action"]) if "*" in action] == []


@pytest.mark.parametrize("persona", TRUST_BY_PERSONA)
def test_everything_else_than_lists_and_logins_names_its_resource(persona: str) -> None:
    anywhere = re.compile(
        "sagemaker:List.*|ec2:Describe.*|ecr:GetAuthorizationToken|cloudwatch:PutMetricData"
        "|cloudtrail:LookupEvents"
    )
    allowed = statements(whole(persona), "Allow")
    loose = [one for one in allowed if "*" in listed(one["Resource"])]
    actions = [action for one in loose for action in listed(one["Action"])]
    assert [action for action in actions if not anywhere.fullmatch(action)] == []
    assert [one["Sid"] for one in loose if "Condition" not in one] == []


def test_the_auditor_only_reads() -> None:
    reading = re.compile(r"\w+:(Get|List|Describe|Lookup|Filter)\w*|kms:Decrypt")
    allowed = statements(whole("auditor"), "Allow")
    actions = [action for one in allowed for action in listed(one["Action"])]
    assert [action for action in actions if not reading.fullmatch(action)] == []


@pytest.mark.parametrize("persona", TRUST_BY_PERSONA)
def test_every_list_condition_of_an_allow_asks_for_presence(persona: str) -> None:
    allowed = statements(whole(persona), "Allow")
    conditions = [one["Condition"] for one in allowed if "Condition" in one]
    unguarded = [
        key
        for condition in conditions
        for operator, keys in condition.items()
        if operator.startswith("ForAllValues:")
        for key in keys
        if condition.get("Null", {}).get(key) != "false"
    ]
    assert unguarded == []


def test_a_missing_value_names_file_and_placeholder() -> None:
    values = {key: value for key, value in VALUES.items() if key != "subnet_b"}
    with pytest.raises(DocumentError, match=r"personas/pipeline\.json: .*\$\{subnet_b\}"):
        render_permissions("pipeline", values)


def test_an_unknown_persona_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"personas/emperor\.json does not exist"):
        render_permissions("emperor", VALUES)


@pytest.mark.parametrize("persona", TRUST_BY_PERSONA)
def test_only_iam_variables_remain(persona: str) -> None:
    text = json.dumps(render_permissions(persona, VALUES))
    assert [name for name in re.findall(r"\$\{([^}]*)\}", text) if ":" not in name] == []


def test_a_value_cannot_smuggle_in_a_statement() -> None:
    values = {**VALUES, "project": 'x"}, {"Effect": "Allow", "Action": "*", "Resource": "*'}
    assert len(whole("auditor", values)["Statement"]) == len(whole("auditor")["Statement"])


def test_every_document_belongs_to_a_persona() -> None:
    folder = Path(documents.__file__).parent / "personas"
    read = {part for environment, persona in ROLES for part in parts(persona, environment)}
    read |= {part for _, persona in ROLES for part in mode_parts(persona, "serverless")}
    read |= {part for _, persona in ROLES if (part := borrowing_part(persona))}
    read |= {part for parts_ in documents.ADMINISTRATION.values() for part in parts_}
    assert {path.stem for path in folder.glob("*.json")} == read
    assert {persona for _, persona in ROLES} == set(TRUST_BY_PERSONA)


# Trust: who may become a role

SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/modelyard"
GITHUB = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
SIGN_IN = {
    "SAML:aud": "https://signin.aws.amazon.com/saml",
    "aws:RequestTag/user": "alice",
    "sts:RoleSessionName": "alice",
}
TOKEN = {
    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
    "token.actions.githubusercontent.com:sub": "repo:example/loans:environment:dev",
}


SOURCE = {
    "events": "events:us-east-1:{account}:rule/loans-dev-approvals",
    "lambda": "lambda:us-east-1:{account}:function:loans-dev-registrar",
    "sagemaker": "sagemaker:us-east-1:{account}:training-job/loans-dev-train",
    "scheduler": "scheduler:us-east-1:{account}:schedule-group/loans-dev",
    "studio": "sagemaker:us-east-1:{account}:domain/d-1",
}


def ours(source: str) -> str:
    return f"arn:aws:{source.format(account=ACCOUNT)}"


def trusted(
    kind: TrustKind, action: str, principal: str, service: str | None, context: dict[str, str]
) -> bool:
    """May this principal assume a role of this kind?"""
    request = Request(
        action=action,
        resource=f"arn:aws:iam::{ACCOUNT}:role/loans-dev-x",
        principal_arn=principal,
        principal_account=ACCOUNT,
        resource_account=ACCOUNT,
        service=service,
        context=context,
    )
    trust = Policy.parse(render_trust(kind, VALUES), kind)
    return evaluate(request, PolicySet(resource=trust)).allowed


@pytest.mark.parametrize(
    "action", ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]
)
@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({}, True),
        ({"aws:RequestTag/user": "bob"}, False),
        ({"sts:RoleSessionName": "bob"}, False),
        ({"aws:RequestTag/user": "", "sts:RoleSessionName": ""}, False),
        ({"SAML:aud": "https://elsewhere.example"}, False),
    ],
)
def test_people_arrive_as_themselves(action: str, change: dict[str, str], allowed: bool) -> None:
    assert trusted("saml", action, SAML, None, {**SIGN_IN, **change}) is allowed


def test_an_untagged_person_does_not_arrive() -> None:
    untagged = {key: value for key, value in SIGN_IN.items() if key != "aws:RequestTag/user"}
    assert not trusted("saml", "sts:AssumeRoleWithSAML", SAML, None, untagged)


def test_another_provider_is_not_believed() -> None:
    assert not trusted("saml", "sts:AssumeRoleWithSAML", f"{SAML}-two", None, SIGN_IN)
    assert not trusted("saml", "sts:AssumeRoleWithSAML", GITHUB, None, SIGN_IN)


@pytest.mark.parametrize(
    ("kind", "service", "source", "allowed"),
    [
        ("sagemaker", "sagemaker.amazonaws.com", ACCOUNT, True),
        ("sagemaker", "sagemaker.amazonaws.com", "999999999999", False),
        ("sagemaker", "lambda.amazonaws.com", ACCOUNT, False),
        ("lambda", "lambda.amazonaws.com", ACCOUNT, True),
        ("lambda", "sagemaker.amazonaws.com", ACCOUNT, False),
        ("events", "events.amazonaws.com", ACCOUNT, True),
        ("events", "events.amazonaws.com", "999999999999", False),
        ("scheduler", "scheduler.amazonaws.com", ACCOUNT, True),
        ("scheduler", "scheduler.amazonaws.com", "999999999999", False),
        ("scheduler", "events.amazonaws.com", ACCOUNT, False),
        ("studio", "sagemaker.amazonaws.com", ACCOUNT, True),
        ("studio", "sagemaker.amazonaws.com", "999999999999", False),
    ],
)
def test_a_machine_role_trusts_its_service_for_our_account(
    kind: TrustKind, service: str, source: str, allowed: bool
) -> None:
    context = {"aws:SourceAccount": source, "aws:SourceArn": ours(SOURCE[kind])}
    assert trusted(kind, "sts:AssumeRole", "", service, context) is allowed


@pytest.mark.parametrize("kind", ["sagemaker", "studio"])
def test_what_people_start_carries_their_name(kind: TrustKind) -> None:
    """Without it "your actions fail [...] when you call the job creation API" ("Turn on
    sourceIdentity in CloudTrail logs for SageMaker AI Studio Classic").
    """
    context = {
        "aws:SourceAccount": ACCOUNT,
        "aws:SourceArn": ours(SOURCE[kind]),
        "sts:SourceIdentity": VALUES["user"],
    }
    assert trusted(kind, "sts:SetSourceIdentity", "", "sagemaker.amazonaws.com", context)
    assert not trusted(kind, "sts:SetSourceIdentity", "", "lambda.amazonaws.com", context)


@pytest.mark.parametrize("kind", ["events", "sagemaker", "scheduler", "studio"])
@pytest.mark.parametrize(
    "source",
    [
        "arn:aws:s3:::bucket",
        "arn:aws:sagemaker:us-east-1:999999999999:training-job/loans-dev-train",
        "arn:aws:events:us-east-1:999999999999:rule/loans-dev-approvals",
        "arn:aws:scheduler:us-east-1:999999999999:schedule-group/loans-dev",
        None,
    ],
)
def test_a_service_acts_for_our_own_resources_only(kind: TrustKind, source: str | None) -> None:
    """A service that another account sends is a confused deputy."""
    service = "sagemaker" if kind == "studio" else kind
    context = {"aws:SourceAccount": ACCOUNT, **({"aws:SourceArn": source} if source else {})}
    assert not trusted(kind, "sts:AssumeRole", "", f"{service}.amazonaws.com", context)


@pytest.mark.parametrize(
    ("subject", "allowed"),
    [
        ("repo:example/loans:environment:dev", True),
        ("repo:example/loans:environment:prod", False),
        ("repo:example/loans:ref:refs/heads/main", False),
        ("repo:example/loans:pull_request", False),
        ("repo:example/loans-eu:environment:dev", False),
    ],
)
def test_ci_arrives_from_one_repository_and_environment(subject: str, allowed: bool) -> None:
    context = {**TOKEN, "token.actions.githubusercontent.com:sub": subject}
    asked = trusted("github", "sts:AssumeRoleWithWebIdentity", GITHUB, None, context)
    assert asked is allowed


GITLAB = f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.example.com"


@pytest.mark.parametrize(
    ("subject", "allowed"),
    [
        ("project_path:example/loans:ref_type:branch:ref:main", True),
        ("project_path:example/loans:ref_type:branch:ref:trial", False),
        ("project_path:example/loans:ref_type:tag:ref:main", False),
        ("project_path:example/loans-eu:ref_type:branch:ref:main", False),
    ],
)
def test_ci_arrives_from_one_project_and_branch_of_gitlab(subject: str, allowed: bool) -> None:
    host = "gitlab.example.com"
    context = {f"{host}:aud": f"https://{host}", f"{host}:sub": subject}
    action = "sts:AssumeRoleWithWebIdentity"
    assert trusted("gitlab", action, GITLAB, None, context) is allowed
    assert not trusted("gitlab", action, GITHUB, None, context)
    assert not trusted("gitlab", action, GITLAB, None, {**context, f"{host}:aud": "sts"})


# The boundary: what no role may do, whatever its documents say

FORBIDDEN = [
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:CreateAccessKey",
    "iam:PutRolePolicy",
    "iam:AttachRolePolicy",
    "iam:CreatePolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:DeleteRolePermissionsBoundary",
    "organizations:LeaveOrganization",
    "account:CloseAccount",
    "sts:AssumeRole",
    "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "config:StopConfigurationRecorder",
    "kms:ScheduleKeyDeletion",
    "kms:PutKeyPolicy",
    "s3:BypassGovernanceRetention",
    "s3:DeleteObjectVersion",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "logs:DeleteLogGroup",
    "logs:PutRetentionPolicy",
    "sagemaker:CreateNotebookInstance",
    "sagemaker:CreatePresignedNotebookInstanceUrl",
    "sagemaker:CreateStudioLifecycleConfig",
    "sagemaker:SendPipelineExecutionStepSuccess",
    "sagemaker:PutModelPackageGroupPolicy",
    "sagemaker:DeleteModelPackageGroup",
    "sagemaker:DeleteModelPackage",
    "lambda:CreateFunction",
    "lambda:UpdateFunctionCode",
    "lambda:AddPermission",
    "ecr:SetRepositoryPolicy",
    "ecr:BatchDeleteImage",
    "events:PutRule",
    "events:DisableRule",
    "ssm:PutParameter",
    "ec2:RunInstances",
    "ec2:CreateSecurityGroup",
]


def as_administrator(action: str, context: dict[str, str] | None = None) -> bool:
    """Would a role with every permission, but with our boundary, be allowed this?"""
    everything = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    request = Request(
        action=action,
        resource="*",
        principal_arn=f"arn:aws:iam::{ACCOUNT}:role/loans-dev-x",
        principal_account=ACCOUNT,
        resource_account=ACCOUNT,
        context=context or {},
    )
    bound = Policy.parse(boundary(VALUES), "boundary")
    return evaluate(request, PolicySet((Policy.parse(everything, "all"),), bound)).allowed


@pytest.mark.parametrize("action", FORBIDDEN)
def test_even_an_administrator_within_the_boundary_cannot(action: str) -> None:
    assert not as_administrator(action)


@pytest.mark.parametrize(
    ("action", "context", "allowed"),
    [
        ("iam:PassRole", {"iam:PassedToService": "sagemaker.amazonaws.com"}, True),
        ("iam:PassRole", {"iam:PassedToService": "lambda.amazonaws.com"}, False),
        ("iam:PassRole", {"iam:PassedToService": "ec2.amazonaws.com"}, False),
        ("iam:PassRole", {}, False),
        (
            "sagemaker:CreateModelPackage",
            {"sagemaker:ModelApprovalStatus": "PendingManualApproval"},
            True,
        ),
        ("sagemaker:CreateModelPackage", {"sagemaker:ModelApprovalStatus": "Approved"}, False),
        ("sagemaker:CreateModelPackage", {}, False),
        ("kms:CreateGrant", {"kms:GrantIsForAWSResource": "true"}, True),
        ("kms:CreateGrant", {}, False),
    ],
)
def test_the_boundary_looks_at_circumstances(
    action: str, context: dict[str, str], allowed: bool
) -> None:
    assert as_administrator(action, context) is allowed


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_serverless_lets_no_instance_out_of_the_network(environment: str) -> None:
    """What a serverless project may do on top names no instances."""
    values = placeholder_values(LONG[environment], LONG["registry"])
    (part,) = mode_parts("deployer", "serverless")
    conditions = [
        one["Condition"]["Null"] for one in documents.render_part(part, values)["Statement"]
    ]
    assert conditions == [
        {"sagemaker:VpcSubnets": "true", "sagemaker:VpcSecurityGroupIds": "true"},
        {"sagemaker:ServerlessMaxConcurrency": "false", "sagemaker:InstanceTypes": "true"},
    ]


def test_other_modes_add_nothing() -> None:
    assert [mode_parts("deployer", mode) for mode in ("real-time", "asynchronous", "batch")] == [
        (),
        (),
        (),
    ]
