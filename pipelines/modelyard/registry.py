"""The model registry: which versions there are, what they carry, and the act of approving one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from modelyard.aws import Place
from modelyard.errors import RegistryError

# SageMaker's names of the second gate (ModelLifeCycle, SageMaker API reference).
PRODUCTION = "Production"
STAGES = ("staging", "production")


@dataclass(frozen=True)
class Package:
    """One registered model version.

    Attributes:
        status: the first gate, to staging.
        production: the second gate, to production; empty while nobody decided.
    """

    arn: str
    version: int
    status: str
    production: str
    description: str
    created: datetime
    metadata: Mapping[str, str]
    image: str = ""
    model_uri: str = ""


def group(place: Place) -> str:
    """The package group as this environment's account must call it: by ARN from another one."""
    registry, here = (
        place.project.environments["dev"],
        place.project.environments[place.environment],
    )
    if registry.account == here.account:
        return place.project.name
    return (
        f"arn:aws:sagemaker:{registry.region}:{registry.account}:"
        f"model-package-group/{place.project.name}"
    )


def summaries(place: Place, **criteria: Any) -> list[Mapping[str, Any]]:
    """What the registry lists, newest version first."""
    pages = (
        place.registry_client("sagemaker")
        .get_paginator("list_model_packages")
        .paginate(
            ModelPackageGroupName=group(place),
            SortBy="CreationTime",
            SortOrder="Descending",
            **criteria,
        )
    )
    found = [summary for page in pages for summary in page["ModelPackageSummaryList"]]
    return sorted(found, key=lambda summary: -summary["ModelPackageVersion"])


def describe(place: Place, arn: str) -> Package:
    """A package with everything it carries."""
    described = place.registry_client("sagemaker").describe_model_package(ModelPackageName=arn)
    containers = (described.get("InferenceSpecification") or {}).get("Containers") or [{}]
    return Package(
        arn=described["ModelPackageArn"],
        version=described["ModelPackageVersion"],
        status=described["ModelApprovalStatus"],
        production=_production(described.get("ModelLifeCycle") or {}),
        description=described.get("ModelPackageDescription", ""),
        created=described["CreationTime"],
        metadata=described.get("CustomerMetadataProperties", {}),
        image=containers[0].get("Image", ""),
        model_uri=containers[0].get("ModelDataUrl", ""),
    )


def _production(life_cycle: Mapping[str, str]) -> str:
    return life_cycle["StageStatus"] if life_cycle.get("Stage") == PRODUCTION else ""


def find(place: Place, version: int | None, status: str) -> Package:
    """That version, or the newest one of a status."""
    if version is not None:
        for summary in summaries(place):
            if summary["ModelPackageVersion"] == version:
                return describe(place, summary["ModelPackageArn"])
        raise RegistryError(f"{place.project.name} has no version {version}")
    found = summaries(place, ModelApprovalStatus=status)
    if not found:
        raise RegistryError(f"{place.project.name} has no version that is {status}")
    return describe(place, found[0]["ModelPackageArn"])


def evaluation(place: Place, package: Package) -> Mapping[str, Any]:
    """The evaluation the package was registered with."""
    bucket, key = package.metadata["evaluation"].removeprefix("s3://").split("/", 1)
    body = place.registry_client("s3").get_object(Bucket=bucket, Key=key)["Body"]
    return dict(json.loads(body.read()))


def update(place: Place, arn: str, stage: str, status: str, why: str) -> dict[str, Any]:
    """Opens or shuts a gate; who the service says did so (IamIdentity)."""
    sagemaker = place.registry_client("sagemaker")
    sagemaker.update_model_package(ModelPackageArn=arn, **_gate(stage, status, why[:1024]))
    described = sagemaker.describe_model_package(ModelPackageName=arn)
    return dict((described.get("LastModifiedBy") or {}).get("IamIdentity") or {})


def _gate(stage: str, status: str, why: str) -> dict[str, Any]:
    """The members of UpdateModelPackage that are the act itself."""
    if stage == "production":
        described = {"Stage": PRODUCTION, "StageStatus": status, "StageDescription": why}
        return {"ModelLifeCycle": described}
    return {"ModelApprovalStatus": status, "ApprovalDescription": why}
