"""Whether a model package may be released into an environment; IAM cannot ask all of this."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from modelyard import fairness_gates
from modelyard.functions import fairness_decision
from modelyard.functions.service import Refused, person, read_json, role_name, sha256_of
from modelyard.gates import judge


class TooEarly(Refused):
    """Approved, but not for production yet."""


@dataclass(frozen=True)
class Approved:
    """A package that may be released, with the facts its endpoint is made of."""

    arn: str
    version: int
    image: str
    model_uri: str
    trained_by: str
    approved_by: str
    gates: str
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def image_digest(self) -> str:
        return self.image.partition("@")[2]

    @property
    def model_sha256(self) -> str:
        return self.metadata.get("model_sha256", "")


@dataclass(frozen=True)
class Registry:
    """Clients in the registry's region."""

    sagemaker: Any
    s3: Any
    ecr: Any


def check(arn: str, registry: Registry, facts: Mapping[str, str]) -> Approved:
    """The package, held against every rule of its release; Refused names the first it breaks."""
    package = registry.sagemaker.describe_model_package(ModelPackageName=arn)
    recorded = package.get("CustomerMetadataProperties") or {}
    if package.get("ModelPackageGroupName") != facts["model_package_group"]:
        raise Refused(f"{arn} does not belong to {facts['model_package_group']}")
    if package.get("ModelApprovalStatus") != "Approved":
        raise Refused(f"the package is {package.get('ModelApprovalStatus')}, not Approved")
    if facts["environment"] == "prod":
        _check_stage(package.get("ModelLifeCycle") or {})
        _check_card(facts)
    approver = _approver(package, recorded.get("trained_by", ""), facts)
    container = package["InferenceSpecification"]["Containers"][0]
    _check_image(registry.ecr, container["Image"], recorded, facts)
    if sha256_of(registry.s3, container["ModelDataUrl"]) != recorded.get("model_sha256"):
        raise Refused("the model file is not the one that was registered")
    return replace(
        stated(arn, package), approved_by=approver, gates=_gates_met(registry.s3, package, facts)
    )


def stated(arn: str, package: Mapping[str, Any]) -> Approved:
    """What a package says of itself, held against nothing: for one that was checked before."""
    recorded = package.get("CustomerMetadataProperties") or {}
    container = package["InferenceSpecification"]["Containers"][0]
    return Approved(
        arn=arn,
        version=int(package["ModelPackageVersion"]),
        image=container["Image"],
        model_uri=container["ModelDataUrl"],
        trained_by=recorded.get("trained_by", ""),
        approved_by=approver_of(package),
        gates="",
        metadata=dict(recorded),
    )


def _check_stage(stage: Mapping[str, str]) -> None:
    if (stage.get("Stage"), stage.get("StageStatus")) != ("Production", "Approved"):
        raise TooEarly("prod needs the package's life cycle at stage Production, status Approved")


def _check_card(facts: Mapping[str, str]) -> None:
    """The reviewed project.yaml states what a model card of its risk tier needs."""
    gaps = json.loads(facts["card_gaps"])
    if gaps:
        raise Refused(f"the model's card is incomplete: {'; '.join(gaps)}")


def approver_of(package: Mapping[str, Any]) -> str:
    """Who changed the package last, as the service recorded it."""
    return person(_last_session(package))


def _last_session(package: Mapping[str, Any]) -> dict[str, str]:
    identity = (package.get("LastModifiedBy") or {}).get("IamIdentity") or {}
    return {
        "arn": identity.get("Arn") or "",
        "sourceIdentity": identity.get("SourceIdentity") or "",
    }


def _approver(package: Mapping[str, Any], trained_by: str, facts: Mapping[str, str]) -> str:
    approver, arn = approver_of(package), _last_session(package)["arn"]
    expected = f"{facts['project']}-dev-model-approver"
    if not trained_by:
        raise Refused("the package does not say who trained it")
    if role_name(arn) != expected:
        raise Refused(f"approved as {arn or 'nobody'}, not as {expected}")
    if approver == trained_by.lower():
        raise Refused(f"{approver} both trained and approved the model")
    return approver


def _check_image(
    ecr: Any, image: str, recorded: Mapping[str, str], facts: Mapping[str, str]
) -> None:
    repository, _, digest = image.partition("@")
    if repository != facts["repository_uri"] or digest != recorded.get("image_digest"):
        raise Refused(f"{image} is not the image that was registered")
    found = ecr.batch_get_image(
        registryId=facts["registry_account"],
        repositoryName=repository.split("/", 1)[1],
        imageIds=[{"imageDigest": digest}],
    )
    if not found.get("images"):
        raise Refused(f"the image {image} does not exist any more")


def _gates_met(s3: Any, package: Mapping[str, Any], facts: Mapping[str, str]) -> str:
    recorded = package["CustomerMetadataProperties"]
    evaluation, checksum = read_json(s3, recorded["evaluation"])
    if checksum != recorded.get("evaluation_sha256"):
        raise Refused("the evaluation is not the one that was registered")
    judgement = judge(json.loads(facts["gates"]), evaluation.get("metrics", {}))
    if not judgement.passed:
        raise Refused(f"this environment's gates are not met: {judgement.sentence}")
    fairness = fairness_gates.judge(json.loads(facts["fairness"]), evaluation)
    decision = fairness_decision.require(s3, facts, fairness, package)
    accepted = f"; accepted in {decision}: {fairness.sentence}" if decision else ""
    return judgement.sentence + accepted
