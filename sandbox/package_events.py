"""The event SageMaker sends when a model package is created or changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

DETAIL_TYPE = "SageMaker Model Package State Change"
# "Amazon SageMaker AI model package state change" (Developer Guide, EventBridge events).
MEMBERS = {
    "ModelPackageName": "model_package_name",
    "ModelPackageGroupName": "model_package_group_name",
    "ModelPackageVersion": "model_package_version",
    "ModelPackageArn": "arn",
    "ModelPackageDescription": "model_package_description",
    "CreationTime": "creation_time",
    "InferenceSpecification": "inference_specification",
    "ValidationSpecification": "validation_specification",
    "ModelPackageStatus": "model_package_status",
    "ModelPackageStatusDetails": "model_package_status_details",
    "CertifyForMarketplace": "certify_for_marketplace",
    "ModelApprovalStatus": "model_approval_status",
    "ApprovalDescription": "approval_description",
    "CreatedBy": "created_by",
    "LastModifiedBy": "last_modified_by",
    "LastModifiedTime": "last_modified_time",
    "MetadataProperties": "metadata_properties",
    "ModelMetrics": "model_metrics",
    "CustomerMetadataProperties": "customer_metadata_properties",
    "DriftCheckBaselines": "drift_check_baselines",
    "ModelLifeCycle": "model_life_cycle",
    "Tags": "tags",
}


def announce(sandbox: Sandbox, package: Any, account: str, region: str) -> None:
    """Tell the default bus of the registry's account what the package is now."""
    sandbox.events.emit(
        account,
        region,
        "aws.sagemaker",
        DETAIL_TYPE,
        {**dict(_detail(package)), "Tags": _tags(package.tags)},
        [package.arn],
    )


def _detail(package: Any) -> Iterator[tuple[str, Any]]:
    for member, attribute in MEMBERS.items():
        value = getattr(package, attribute, None)
        if isinstance(value, datetime):
            value = int(value.timestamp() * 1000)
        if value is not None:
            yield member, value


def _tags(tags: Any) -> Mapping[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags or []}
