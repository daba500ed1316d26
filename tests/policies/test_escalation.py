"""Each known way to more rights, tried by every role of every environment, and denied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from policies.documents import ENVIRONMENTS, PERSONAS_BY_ENVIRONMENT
from policies.landscape import Documents, Place, Question, judge

Context = Mapping[str, str | list[str]]

PLACES = {name: Place("loans", name, "123456789012", "us-east-1") for name in ENVIRONMENTS}
LANDSCAPE = Documents.of(PLACES)
WHO = [(env, persona) for env in ENVIRONMENTS for persona in PERSONAS_BY_ENVIRONMENT[env]]
EVERYBODY = pytest.mark.parametrize(("env", "persona"), WHO)
SAGEMAKER = "arn:aws:sagemaker:us-east-1:123456789012:"
ROLE = "arn:aws:iam::123456789012:role/"
PACKAGE = f"{SAGEMAKER}model-package/loans/7"
SERVICES = ("sagemaker", "lambda", "ec2", "glue", "states", "events", "cloudformation", "ecs-tasks")
# Who hands which role to which service, as the flows need it; anything else is a way up.
PASSED = {
    ("data-scientist", "pipeline", "sagemaker"),
    ("ml-engineer", "pipeline", "sagemaker"),
    ("publisher", "pipeline", "sagemaker"),
    ("pipeline", "pipeline", "sagemaker"),
    ("monitor", "monitor", "sagemaker"),
    ("deployer", "serving", "sagemaker"),
    ("deployer", "monitor", "sagemaker"),
    ("ml-engineer", "scheduler", "scheduler"),
}


def allowed(env: str, persona: str, action: str, resource: str, context: Context) -> bool:
    """Without service control policies: they are a second fence, not the first."""
    question = Question(persona, action, resource, context)
    return judge(question, PLACES[env], LANDSCAPE).allowed


def tried(
    env: str, persona: str, actions: Sequence[str], resource: str, context: Context
) -> list[str]:
    """The actions that go through."""
    return [one for one in actions if allowed(env, persona, one, resource, context)]


@EVERYBODY
@pytest.mark.parametrize("service", [*SERVICES, "scheduler"])
def test_pass_role_leads_to_no_other_role(env: str, persona: str, service: str) -> None:
    passed = {"iam:PassedToService": f"{service}.amazonaws.com"}
    roles = {one for personas in PERSONAS_BY_ENVIRONMENT.values() for one in personas}
    through = {
        (persona, role, service)
        for role in roles
        if allowed(env, persona, "iam:PassRole", f"{ROLE}loans-{env}-{role}", passed)
    }
    assert through <= PASSED


@EVERYBODY
@pytest.mark.parametrize("role", ["admin", "loans-eu-dev-pipeline", "loans-dev-pipeline-2"])
def test_pass_role_leads_to_no_role_of_others(env: str, persona: str, role: str) -> None:
    passed = {"iam:PassedToService": "sagemaker.amazonaws.com"}
    assert not allowed(env, persona, "iam:PassRole", f"{ROLE}{role}", passed)


@EVERYBODY
def test_no_notebook_instance_with_a_role(env: str, persona: str) -> None:
    actions = ["sagemaker:CreateNotebookInstance", "sagemaker:StartNotebookInstance"]
    assert tried(env, persona, actions, f"{SAGEMAKER}notebook-instance/loans-{env}-x", {}) == []


@EVERYBODY
def test_no_presigned_notebook_url(env: str, persona: str) -> None:
    actions = ["sagemaker:CreatePresignedNotebookInstanceUrl"]
    assert tried(env, persona, actions, f"{SAGEMAKER}notebook-instance/loans-{env}-x", {}) == []


@EVERYBODY
def test_no_lifecycle_configuration_is_injected(env: str, persona: str) -> None:
    config = f"{SAGEMAKER}studio-lifecycle-config/x"
    actions = [
        "sagemaker:CreateStudioLifecycleConfig",
        "sagemaker:CreateNotebookInstanceLifecycleConfig",
        "sagemaker:UpdateNotebookInstanceLifecycleConfig",
    ]
    assert tried(env, persona, actions, config, {}) == []
    space: Context = {
        "sagemaker:DomainId": "d-1",
        "sagemaker:UserProfileName": "alice",
        "sagemaker:OwnerUserProfileArn": f"{SAGEMAKER}user-profile/d-1/alice",
        "sagemaker:SpaceSharingType": "Private",
        "sagemaker:InstanceTypes": ["ml.t3.medium"],
        "sagemaker:StudioLifecycleConfigArns": [config],
    }
    creating = ["sagemaker:CreateSpace", "sagemaker:CreateApp", "sagemaker:UpdateSpace"]
    assert tried(env, persona, creating, f"{SAGEMAKER}space/d-1/alice", space) == []


@EVERYBODY
def test_no_studio_url_for_another_profile(env: str, persona: str) -> None:
    other: Context = {
        "aws:PrincipalTag/user": "alice",
        "aws:ResourceTag/user": "carol",
        "aws:ResourceTag/project": "loans",
        "aws:ResourceTag/env": env,
    }
    profile = f"{SAGEMAKER}user-profile/d-1/carol"
    assert not allowed(env, persona, "sagemaker:CreatePresignedDomainUrl", profile, other)


@EVERYBODY
def test_no_studio_url_without_knowing_whose(env: str, persona: str) -> None:
    untagged: Context = {"aws:PrincipalTag/user": "alice", "aws:ResourceTag/project": "loans"}
    profile = f"{SAGEMAKER}user-profile/d-1/alice"
    assert not allowed(env, persona, "sagemaker:CreatePresignedDomainUrl", profile, untagged)


@EVERYBODY
def test_no_domain_or_profile_gets_a_full_access_role(env: str, persona: str) -> None:
    attach: Context = {"iam:PolicyARN": "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"}
    role = f"{ROLE}loans-{env}-{persona}"
    assert tried(env, persona, ["iam:AttachRolePolicy", "iam:PutRolePolicy"], role, attach) == []
    profile = f"{SAGEMAKER}user-profile/d-1/alice"
    changing = ["sagemaker:UpdateUserProfile", "sagemaker:UpdateDomain"]
    assert tried(env, persona, changing, profile, {}) == []


@EVERYBODY
@pytest.mark.parametrize("status", ["Approved", "PendingManualApproval", "Rejected"])
def test_nobody_approves_their_own_model_by_update(env: str, persona: str, status: str) -> None:
    own: Context = {
        "sagemaker:ModelApprovalStatus": "Approved",
        "sagemaker:CurrentCustomerMetadataProperties/trained_by": "alice",
        "aws:PrincipalTag/user": "alice",
    }
    stage = {
        **own,
        "sagemaker:ModelApprovalStatus": status,
        "sagemaker:ModelLifeCycle:Stage": "Production",
    }
    assert not allowed(env, persona, "sagemaker:UpdateModelPackage", PACKAGE, own)
    staged: Context = {**stage, "sagemaker:ModelLifeCycle:StageStatus": "Approved"}
    assert not allowed(env, persona, "sagemaker:UpdateModelPackage", PACKAGE, staged)


@EVERYBODY
@pytest.mark.parametrize("resource", [PACKAGE, f"{SAGEMAKER}model-package-group/loans"])
def test_nobody_creates_an_approved_model(env: str, persona: str, resource: str) -> None:
    born: Context = {
        "sagemaker:ModelApprovalStatus": "Approved",
        "sagemaker:CustomerMetadataProperties/trained_by": "carol",
    }
    assert not allowed(env, persona, "sagemaker:CreateModelPackage", resource, born)


@EVERYBODY
def test_only_the_registrar_registers(env: str, persona: str) -> None:
    pending: Context = {
        "sagemaker:ModelApprovalStatus": "PendingManualApproval",
        "sagemaker:CustomerMetadataProperties/trained_by": "alice",
    }
    registers = allowed(env, persona, "sagemaker:CreateModelPackage", PACKAGE, pending)
    assert registers is (persona == "registrar")


@EVERYBODY
def test_no_callback_is_faked(env: str, persona: str) -> None:
    actions = [
        "sagemaker:SendPipelineExecutionStepSuccess",
        "sagemaker:SendPipelineExecutionStepFailure",
    ]
    run = f"{SAGEMAKER}pipeline/loans-{env}-train/execution/abc"
    assert tried(env, persona, actions, run, {}) == []


@EVERYBODY
@pytest.mark.parametrize(
    "resource",
    [PACKAGE, f"{SAGEMAKER}user-profile/d-1/alice", f"{SAGEMAKER}endpoint-config/loans-prod-v7"],
)
def test_no_tag_is_rewritten(env: str, persona: str, resource: str) -> None:
    """Once something exists, AWS states AddTags itself as the tagging action, or none."""
    for context in ({}, {"sagemaker:TaggingAction": "AddTags"}):
        actions = ["sagemaker:AddTags", "sagemaker:DeleteTags"]
        assert tried(env, persona, actions, resource, context) == []
    role = f"{ROLE}loans-{env}-{persona}"
    assert tried(env, persona, ["iam:TagRole", "iam:UntagRole"], role, {}) == []


@EVERYBODY
def test_only_the_versions_of_a_pipeline_are_tagged_anew(env: str, persona: str) -> None:
    versions = ["modelyard-version", "repository", "template-commit", "template-version"]
    pipeline = f"{SAGEMAKER}pipeline/loans-{env}-train"
    for more in ("project", "owner", "persona", "user"):
        context: Context = {"aws:TagKeys": [*versions, more]}
        assert tried(env, persona, ["sagemaker:AddTags"], pipeline, context) == []
    publishes = env == "dev" and persona in ("data-scientist", "ml-engineer", "publisher")
    stated: Context = {"aws:TagKeys": versions}
    assert allowed(env, persona, "sagemaker:AddTags", pipeline, stated) is publishes


@EVERYBODY
def test_no_image_is_swapped(env: str, persona: str) -> None:
    repository = "arn:aws:ecr:us-east-1:123456789012:repository/loans"
    actions = [
        "ecr:PutImageTagMutability",
        "ecr:BatchDeleteImage",
        "ecr:SetRepositoryPolicy",
        "ecr:DeleteRepositoryPolicy",
        "ecr:DeleteRepository",
    ]
    assert tried(env, persona, actions, repository, {}) == []


@EVERYBODY
def test_the_registry_is_shared_by_nobody(env: str, persona: str) -> None:
    group = f"{SAGEMAKER}model-package-group/loans"
    actions = ["sagemaker:PutModelPackageGroupPolicy", "sagemaker:DeleteModelPackageGroupPolicy"]
    assert tried(env, persona, actions, group, {}) == []


@EVERYBODY
def test_no_shell_into_jobs_or_spaces(env: str, persona: str) -> None:
    debug: Context = {"sagemaker:EnableRemoteDebug": "true"}
    job = f"{SAGEMAKER}training-job/loans-{env}-train-abc"
    assert tried(env, persona, ["sagemaker:UpdateTrainingJob"], job, debug) == []
    space = f"{SAGEMAKER}space/d-1/alice"
    assert tried(env, persona, ["sagemaker:StartSession"], space, {}) == []
    assert tried(env, persona, ["ssm:StartSession", "ssm:SendCommand"], "*", {}) == []


@EVERYBODY
def test_no_permission_boundary_is_lifted(env: str, persona: str) -> None:
    role = f"{ROLE}loans-{env}-{persona}"
    actions = ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"]
    assert tried(env, persona, actions, role, {}) == []
    policy = "arn:aws:iam::123456789012:policy/modelyard-boundary"
    changing = ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicy"]
    assert tried(env, persona, changing, policy, {}) == []


@EVERYBODY
def test_no_key_of_the_project_is_granted_away(env: str, persona: str) -> None:
    key = LANDSCAPE.values[env]["key"]
    people: Context = {"kms:GrantIsForAWSResource": "false"}
    actions = ["kms:CreateGrant", "kms:PutKeyPolicy", "kms:RetireGrant", "kms:ReplicateKey"]
    assert tried(env, persona, actions, key, people) == []
