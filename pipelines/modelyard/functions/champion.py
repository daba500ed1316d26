"""The champion: the newest approved version, which a challenger has to beat on the same rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Champion:
    """The version to beat."""

    arn: str
    version: int
    model_uri: str


def champion(sagemaker: Any, facts: Mapping[str, str]) -> Champion | None:
    """The newest approved version; None before the first approval."""
    found = sagemaker.list_model_packages(
        ModelPackageGroupName=facts["model_package_group"],
        ModelApprovalStatus="Approved",
        SortBy="CreationTime",
        SortOrder="Descending",
        MaxResults=1,
    )["ModelPackageSummaryList"]
    if not found:
        return None
    arn = str(found[0]["ModelPackageArn"])
    package = sagemaker.describe_model_package(ModelPackageName=arn)
    container = package["InferenceSpecification"]["Containers"][0]
    return Champion(arn, int(package["ModelPackageVersion"]), str(container["ModelDataUrl"]))


def automatic_name(facts: Mapping[str, str]) -> str:
    """The starter that the audit trail names where the retrain function started a run.

    Lambda names a function's role session after the function.
    """
    return f"{facts['project']}-dev-retrain"
