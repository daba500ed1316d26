"""One run of the build pipeline as facts: asked of SageMaker, and read from its jobs' files."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from modelyard.functions import job_contract as jobs

_UNREADABLE = ("NoSuchKey", "AccessDenied", "404", "403")


@dataclass(frozen=True)
class RunFacts:
    """A run, finished or not; what a failed run never reached is empty.

    Attributes:
        who: the person the registrar found in the audit trail, else who called the service.
        evaluation: the evaluate job's document; empty where it was not reached.
        evaluation_uri: empty too, where there is none that this caller may read.
    """

    arn: str
    status: str
    reason: str
    started: datetime
    ended: datetime | None
    who: str
    commit: str
    image_digest: str
    instance_type: str
    hyperparameters: Mapping[str, str]
    evaluation: Mapping[str, Any]
    evaluation_uri: str
    package_arn: str
    package_version: int | None
    package_status: str
    metadata: Mapping[str, str]

    @property
    def id(self) -> str:
        return self.arn.rsplit("/", 1)[1]

    @property
    def dataset_sha256(self) -> str:
        return str((self.evaluation.get("dataset") or {}).get("sha256", ""))

    @property
    def metrics(self) -> Mapping[str, Mapping[str, Any]]:
        """Each measured metric with `value`, `low` and `high`."""
        found = self.evaluation.get("metrics") or {}
        return {name: one for name, one in found.items() if one.get("value") is not None}

    @property
    def gates(self) -> str:
        """What the gates said, in one sentence."""
        return str((self.evaluation.get("gates") or {}).get("sentence", ""))

    @property
    def parameters(self) -> dict[str, str]:
        """Everything that was chosen for the training, as text."""
        training = self.evaluation.get("training") or {}
        chosen = {key: training.get(key) for key in ("seed", "threads", "hash_seed")}
        stated = {key: str(value) for key, value in chosen.items() if value is not None}
        return {**stated, **self.hyperparameters}


def run_facts(sagemaker: Any, s3: Any, artifacts: str, arn: str) -> RunFacts:
    """The facts of a pipeline execution, whatever became of it."""
    described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    steps = {step["StepName"]: step for step in _steps(sagemaker, arn)}
    training = _training_job(sagemaker, steps.get(jobs.TRAIN, {}))
    uri = f"s3://{artifacts}/runs/{arn.rsplit('/', 1)[1]}/{jobs.EVALUATION}/evaluation.json"
    evaluation = _stored(s3, uri)
    package = _package(sagemaker, steps.get(jobs.REGISTER, {}))
    metadata = package.get("CustomerMetadataProperties", {})
    image = (training.get("AlgorithmSpecification") or {}).get("TrainingImage", "")
    return RunFacts(
        arn=arn,
        status=described["PipelineExecutionStatus"],
        reason=_reason(described, steps),
        started=described["CreationTime"],
        ended=_ended(described),
        who=metadata.get("trained_by") or _caller(described.get("CreatedBy") or {}),
        commit=(training.get("Environment") or {}).get(jobs.CODE_COMMIT, ""),
        image_digest=image.partition("@")[2],
        instance_type=(training.get("ResourceConfig") or {}).get("InstanceType", ""),
        hyperparameters=dict(sorted((training.get("HyperParameters") or {}).items())),
        evaluation=evaluation,
        evaluation_uri=uri if evaluation else "",
        package_arn=package.get("ModelPackageArn", ""),
        package_version=package.get("ModelPackageVersion"),
        package_status=package.get("ModelApprovalStatus", ""),
        metadata=metadata,
    )


def _steps(sagemaker: Any, arn: str) -> list[Mapping[str, Any]]:
    pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=arn
    )
    return [step for page in pages for step in page["PipelineExecutionSteps"]]


def _training_job(sagemaker: Any, step: Mapping[str, Any]) -> Mapping[str, Any]:
    arn = (step.get("Metadata") or {}).get("TrainingJob", {}).get("Arn", "")
    if not arn:
        return {}
    found: Mapping[str, Any] = sagemaker.describe_training_job(
        TrainingJobName=arn.rsplit("/", 1)[1]
    )
    return found


def _package(sagemaker: Any, step: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the registrar answered, if it was asked and the package is still there."""
    answers = (step.get("Metadata") or {}).get("Lambda", {}).get("OutputParameters") or ()
    arn = next((one["Value"] for one in answers if one["Name"] == "model_package_arn"), "")
    if not arn:
        return {}
    try:
        found: Mapping[str, Any] = sagemaker.describe_model_package(ModelPackageName=arn)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("ValidationException", "ResourceNotFound"):
            raise
        return {}
    return found


def _stored(s3: Any, uri: str) -> Mapping[str, Any]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        found: Mapping[str, Any] = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        if error.response["Error"]["Code"] not in _UNREADABLE:
            raise
        return {}
    return found


def _reason(described: Mapping[str, Any], steps: Mapping[str, Mapping[str, Any]]) -> str:
    failed = [
        f"{name}: {step['FailureReason']}"
        for name, step in steps.items()
        if "FailureReason" in step
    ]
    return "; ".join(failed) or str(described.get("FailureReason", ""))


def _ended(described: Mapping[str, Any]) -> datetime | None:
    over = described["PipelineExecutionStatus"] in ("Succeeded", "Failed", "Stopped")
    return described.get("LastModifiedTime") if over else None


def _caller(created_by: Mapping[str, Any]) -> str:
    """Whom the service saw: the last part of a role session's ARN."""
    arn = str((created_by.get("IamIdentity") or {}).get("Arn", ""))
    return str(created_by.get("UserProfileName") or arn.rsplit("/", 1)[-1]).lower()
