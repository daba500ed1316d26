"""Which approved version waits for its release: what an event should have told, asked again."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from modelyard.functions.records import ENDINGS


def release_name(version: int, approved: datetime | None) -> str:
    """Names a release: another approval of the same version is another release."""
    stamp = f"{approved.astimezone(UTC):%Y%m%dT%H%M%SZ}" if approved else "unread"
    return f"{version}-{stamp}"


def newest(sagemaker: Any, facts: Mapping[str, str], above: int) -> Iterator[str]:
    """Approved packages above a version that this environment may take, newest first."""
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=_group(facts),
        ModelApprovalStatus="Approved",
        SortBy="CreationTime",
        SortOrder="Descending",
    )
    for summary in (item for page in pages for item in page["ModelPackageSummaryList"]):
        if int(summary["ModelPackageVersion"]) <= above:
            return
        arn = str(summary["ModelPackageArn"])
        if facts["environment"] == "prod" and not in_production(
            sagemaker.describe_model_package(ModelPackageName=arn)
        ):
            continue
        yield arn


def _group(facts: Mapping[str, str]) -> str:
    """The group as this account must call it: by ARN from another one."""
    here = facts["account"] == facts["registry_account"]
    return facts["model_package_group" if here else "model_package_group_arn"]


def in_production(package: Mapping[str, Any]) -> bool:
    """Whether the second gate is open."""
    stage = package.get("ModelLifeCycle") or {}
    return (stage.get("Stage"), stage.get("StageStatus")) == ("Production", "Approved")


def tried(keys: list[str], release: str) -> bool:
    """Whether this very approval was acted on already, whatever came of it."""
    return any(
        key.startswith(f"releases/{release}") and key.endswith(f"-{ending}.json")
        for key in keys
        for ending in ENDINGS
    )
