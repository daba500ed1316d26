"""Attacks with real clients on a finished journey: each is refused, and the audit trail has it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from modelyard.project import EnvironmentName
from sandbox.identity import LoginError, assertion, login
from tests.journey.attacks import ATTACKS, PIPELINE, Attack, Scene, job
from tests.journey.travelled import Travelled

OBJECT_OPERATIONS = frozenset(
    {"delete_object", "put_object", "put_object_retention", "get_object", "put_object_legal_hold"}
)


@pytest.fixture(scope="module")
def scene(travelled: Travelled) -> Scene:
    journey = travelled.journey
    account = journey.project.environments["dev"].account
    image = journey.client(journey.root("dev"), "ecr").describe_images(repositoryName="loans")
    newest = image["imageDetails"][0]
    registry = f"{account}.dkr.ecr.us-east-1.amazonaws.com/loans"
    held = f"loans-staging-evidence-{journey.project.environments['staging'].account}"
    s3 = journey.client(journey.root("staging"), "s3")
    version = s3.list_object_versions(Bucket=held, Prefix="releases/")["Versions"][0]
    return Scene(
        journey,
        travelled.package,
        account,
        {"uri": f"{registry}@{newest['imageDigest']}", "tag": newest["imageTags"][0]},
        {"bucket": held, "key": version["Key"], "version": version["VersionId"]},
        travelled.endpoint,
    )


def signed_in(scene: Scene, env: EnvironmentName, persona: str, user: str) -> boto3.Session:
    place = scene.journey.project.environments[env]
    return login(scene.journey.url, place.account, f"loans-{env}-{persona}", user, place.region)


def refused(call: Callable[..., Any], parameters: Mapping[str, Any]) -> str:
    """AWS's words when it denied the call."""
    with pytest.raises(ClientError) as raised:
        call(**parameters)
    error = raised.value.response["Error"]
    assert error["Code"] in ("AccessDenied", "AccessDeniedException"), error
    return str(error["Message"])


def trail(scene: Scene, env: EnvironmentName, event: str) -> Iterator[dict[str, Any]]:
    """Records of an API call, as the environment's auditor finds them."""
    session = signed_in(scene, env, "auditor", "audrey")
    client = scene.journey.client(session, "cloudtrail")
    pages = client.get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": event}]
    )
    for page in pages:
        for one in page["Events"]:
            yield json.loads(one["CloudTrailEvent"])


def denied(scene: Scene, event: str, role: str) -> Iterator[dict[str, Any]]:
    """Refused attempts to become a role, as dev's auditor finds them."""
    for record in trail(scene, "dev", event):
        asked = record["requestParameters"]["roleArn"]
        if asked == role and record.get("errorCode") == "AccessDenied":
            yield record


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack_is_refused_and_recorded(scene: Scene, attack: Attack) -> None:
    session = signed_in(scene, attack.env, attack.persona, attack.user)
    client = scene.journey.client(session, attack.service)
    refused(getattr(client, attack.operation), attack.request(scene))
    event = client.meta.method_to_api_mapping[attack.operation]
    if attack.operation in OBJECT_OPERATIONS or event in ("Invoke", "PutLogEvents"):
        return  # data events: kept in the trail's bucket, no part of the event history
    who = f"loans-{attack.env}-{attack.persona}/{attack.user.lower()}"
    records = [
        record
        for record in trail(scene, attack.env, event)
        if record.get("errorCode", "").startswith("AccessDenied")
        and record["userIdentity"]["arn"].endswith(who)
    ]
    assert records


def test_what_the_attackers_vary_is_allowed(scene: Scene) -> None:
    """The attacks fail for what they change, not because everything is refused."""
    client = scene.journey.client(signed_in(scene, "dev", "data-scientist", "alice"), "sagemaker")
    client.create_training_job(**job(scene, TrainingJobName="loans-dev-allowed"))
    client.stop_training_job(TrainingJobName="loans-dev-allowed")


@pytest.mark.parametrize(
    "change",
    [
        {"RoleSessionName": "bob"},
        {"PrincipalTag:user": "bob"},
        {"RoleSessionName": "bob", "SourceIdentity": "bob"},
    ],
    ids=["another session name", "another tag", "only the tag is one's own"],
)
def test_nobody_signs_in_under_two_names(scene: Scene, change: dict[str, str]) -> None:
    """The directory's assertion names one person; whoever bends one name of it stays outside."""
    provider = f"arn:aws:iam::{scene.account}:saml-provider/modelyard"
    role = scene.role("loans-dev-data-scientist")
    document = base64.b64decode(assertion(role, provider, "alice")).decode()
    for name, value in change.items():
        old = f'Attributes/{name}"><saml:AttributeValue>alice<'
        assert old in document
        document = document.replace(old, old.replace("alice", value))
    sts = scene.journey.client(scene.journey.root("dev"), "sts")
    forged = base64.b64encode(document.encode()).decode()
    before = len(list(denied(scene, "AssumeRoleWithSAML", role)))
    refused(
        sts.assume_role_with_saml,
        {"RoleArn": role, "PrincipalArn": provider, "SAMLAssertion": forged},
    )
    assert len(list(denied(scene, "AssumeRoleWithSAML", role))) == before + 1


def test_a_person_does_not_sign_in_as_a_machine(scene: Scene) -> None:
    with pytest.raises(LoginError, match="cannot sign in as loans-dev-registrar"):
        signed_in(scene, "dev", "registrar", "alice")


def test_a_pipeline_cannot_name_another_starter(scene: Scene) -> None:
    """Alice edits her pipeline so that the registrar is told carol started it."""
    journey = scene.journey
    client = journey.client(signed_in(scene, "dev", "data-scientist", "alice"), "sagemaker")
    described = client.describe_pipeline(PipelineName=PIPELINE)
    definition: dict[str, Any] = json.loads(described["PipelineDefinition"])
    gate = next(step for step in definition["Steps"] if step["Type"] == "Condition")
    for name in ("trained_by", "starter", "user", "source_identity"):
        gate["Arguments"]["IfSteps"][0]["Arguments"][name] = "carol"
    original = {name: described[name] for name in ("PipelineDefinition", "RoleArn")}
    forged = {**original, "PipelineDefinition": json.dumps(definition)}
    client.update_pipeline(PipelineName=PIPELINE, **forged)
    try:
        arn = journey.train()
    finally:
        client.update_pipeline(PipelineName=PIPELINE, **original)
    assert arn != scene.package
    assert journey.package(arn)["CustomerMetadataProperties"]["trained_by"] == "alice"
    changed = [
        record
        for record in trail(scene, "dev", "UpdatePipeline")
        if '"starter": "carol"' in record["requestParameters"].get("pipelineDefinition", "")
    ]
    assert [one["userIdentity"]["arn"].rsplit("/", 1)[1] for one in changed] == ["alice"]


def test_an_image_is_not_swapped_under_its_tag(scene: Scene) -> None:
    """Pushing is allowed, replacing is not: the tag keeps naming the image that was reviewed."""
    ecr = scene.journey.client(signed_in(scene, "dev", "data-scientist", "alice"), "ecr")
    held = ecr.batch_get_image(repositoryName="loans", imageIds=[{"imageTag": scene.image["tag"]}])
    manifest = json.loads(held["images"][0]["imageManifest"])
    manifest.setdefault("annotations", {})["swapped"] = "yes"
    with pytest.raises(ClientError) as raised:
        ecr.put_image(
            repositoryName="loans",
            imageManifest=json.dumps(manifest),
            imageManifestMediaType=manifest.get("mediaType", ""),
            imageTag=scene.image["tag"],
        )
    assert raised.value.response["Error"]["Code"] == "ImageTagAlreadyExistsException"
    (tried,) = [
        record
        for record in trail(scene, "dev", "PutImage")
        if record.get("errorCode") == "ImageTagAlreadyExistsException"
    ]
    assert tried["userIdentity"]["arn"].endswith("loans-dev-data-scientist/alice")
    assert tried["requestParameters"]["imageTag"] == scene.image["tag"]


@pytest.fixture(scope="module")
def studio(scene: Scene) -> str:
    """A domain with a profile for alice and one for carol, as the workspace program tags them."""
    journey = scene.journey
    root = journey.client(journey.root("dev"), "sagemaker")
    ssm = journey.client(journey.root("dev"), "ssm")
    subnet = ssm.get_parameter(Name="/modelyard/loans/dev/subnet_a")["Parameter"]["Value"]
    ec2 = journey.client(journey.root("dev"), "ec2")
    network = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]
    domain = root.create_domain(
        DomainName="attacked",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": scene.role("loans-dev-pipeline")},
        SubnetIds=[subnet],
        VpcId=network["VpcId"],
    )
    domain_id = str(domain["DomainArn"].rsplit("/", 1)[1])
    for user in ("alice", "carol"):
        tags = {"project": "loans", "env": "dev", "user": user}
        root.create_user_profile(
            DomainId=domain_id,
            UserProfileName=user,
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
    return domain_id


def test_another_members_studio_stays_closed(scene: Scene, studio: str) -> None:
    session = signed_in(scene, "dev", "data-scientist", "alice")
    client = scene.journey.client(session, "sagemaker")
    own = client.create_presigned_domain_url(DomainId=studio, UserProfileName="alice")
    assert own["AuthorizedUrl"].startswith("https://")
    refused(client.create_presigned_domain_url, {"DomainId": studio, "UserProfileName": "carol"})
    denied = [
        record["requestParameters"]["userProfileName"]
        for record in trail(scene, "dev", "CreatePresignedDomainUrl")
        if record.get("errorCode", "").startswith("AccessDenied")
    ]
    assert "carol" in denied


@pytest.mark.parametrize("persona", ["model-approver", "auditor", "model-operator"])
def test_who_approves_or_watches_has_no_studio(scene: Scene, studio: str, persona: str) -> None:
    session = signed_in(scene, "dev", persona, "alice")
    client = scene.journey.client(session, "sagemaker")
    refused(client.create_presigned_domain_url, {"DomainId": studio, "UserProfileName": "alice"})
