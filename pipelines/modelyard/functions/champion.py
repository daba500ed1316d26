"""The champion: the newest approved version, which a challenger has to beat on the same rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.functions.execution import Execution
from modelyard.functions.service import Refused


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


def comparison(
    sagemaker: Any,
    facts: Mapping[str, str],
    execution: Execution,
    evaluation: Mapping[str, Any],
    starter: str,
) -> str:
    """How the challenger did against the champion, as one sentence.

    Refused where a run that no person started does not beat it: nobody is asked to look at a model
    that is no better. A person's run is registered all the same; they may have their reasons.
    """
    best, automatic = champion(sagemaker, facts), starter == automatic_name(facts)
    found = evaluation.get("champion") or {}
    if best is None:
        return str(found.get("sentence") or "no version is approved yet")
    if execution.champion_uri != best.model_uri:
        sentence = f"it was not compared with version {best.version}, the champion"
        if automatic:
            raise Refused(sentence)
        return sentence
    sentence = f"version {best.version} is the champion: {found.get('sentence')}"
    if automatic and found.get("better") is not True:
        raise Refused(f"the challenger is not registered; {sentence}")
    return sentence


def automatic_name(facts: Mapping[str, str]) -> str:
    """The starter that the audit trail names where the retrain function started a run.

    Lambda names a function's role session after the function.
    """
    return f"{facts['project']}-dev-retrain"
