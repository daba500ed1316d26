"""What the rules of retraining look back on: earlier runs, what waits, and the newest data."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from modelyard.functions.champion import automatic_name
from modelyard.functions.clients import Clients
from modelyard.functions.retrain_rules import Past, Run

# What the names of runs begin with that no person started.
AUTOMATIC = "auto-"
_MOST_RUNS = 100


def past(session: Clients, facts: Mapping[str, str]) -> Past:
    sagemaker = session.client("sagemaker")
    return Past(
        runs=list(_runs(sagemaker, facts["train_pipeline"])),
        waiting=_waiting(sagemaker, facts),
        newest_data=_newest_data(session.client("s3"), facts["bucket_raw"]),
    )


def _runs(sagemaker: Any, pipeline: str) -> Iterator[Run]:
    """The newest runs; hours are looked up where they count, which is for our own."""
    try:
        found = sagemaker.list_pipeline_executions(
            PipelineName=pipeline,
            SortBy="CreationTime",
            SortOrder="Descending",
            MaxResults=_MOST_RUNS,
        )["PipelineExecutionSummaries"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFound":
            return
        raise
    for item in found:
        automatic = str(item.get("PipelineExecutionDisplayName", "")).startswith(AUTOMATIC)
        arn = item["PipelineExecutionArn"]
        yield Run(
            item["StartTime"],
            automatic,
            item["PipelineExecutionStatus"],
            _hours(sagemaker, arn) if automatic else 0.0,
        )


def _hours(sagemaker: Any, arn: str) -> float:
    """Instance hours of a run's jobs: every job has one instance."""
    pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=arn
    )
    return sum(
        (step["EndTime"] - step["StartTime"]).total_seconds() / 3600
        for page in pages
        for step in page["PipelineExecutionSteps"]
        if step.get("EndTime") and {"ProcessingJob", "TrainingJob"} & set(step["Metadata"])
    )


def _waiting(sagemaker: Any, facts: Mapping[str, str]) -> int | None:
    """The newest version of our own that nobody has decided on."""
    found = sagemaker.list_model_packages(
        ModelPackageGroupName=facts["model_package_group"],
        ModelApprovalStatus="PendingManualApproval",
        SortBy="CreationTime",
        SortOrder="Descending",
    )["ModelPackageSummaryList"]
    for summary in found:
        package = sagemaker.describe_model_package(ModelPackageName=summary["ModelPackageArn"])
        metadata = package.get("CustomerMetadataProperties") or {}
        if metadata.get("trained_by") == automatic_name(facts):
            return int(package["ModelPackageVersion"])
    return None


def _newest_data(s3: Any, bucket: str) -> datetime | None:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    times = [
        item["LastModified"]
        for page in pages
        for item in page.get("Contents", [])
        if not item["Key"].startswith("quarantine/")
    ]
    return max(times, default=None)
