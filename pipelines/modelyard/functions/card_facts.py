"""What a package's card is made of, asked of the registry, the run and the evidence."""

import time
from collections.abc import Mapping
from typing import Any

from modelyard.card.facts import Facts, approval
from modelyard.functions.job_contract import EVALUATE, TRAIN
from modelyard.functions.service import Clients, read_json


def decisions(package: Mapping[str, Any]) -> dict[str, str]:
    """What was decided, by stage."""
    cycle = package.get("ModelLifeCycle") or {}
    production = cycle.get("StageStatus", "") if cycle.get("Stage") == "Production" else ""
    return {"staging": package["ModelApprovalStatus"], "production": production}


def gather(
    clients: Clients,
    package: Mapping[str, Any],
    facts: Mapping[str, str],
    statement: Mapping[str, Any],
    patience: float,
) -> Facts:
    """What the card says; waits `patience` seconds for the record of a decision already made."""
    metadata, decided = package.get("CustomerMetadataProperties") or {}, decisions(package)
    s3 = clients.client("s3")

    def read(name: str) -> Mapping[str, Any]:
        return read_json(s3, metadata[name])[0] if metadata.get(name) else {}

    return Facts(
        statement=statement,
        arn=package["ModelPackageArn"],
        version=int(package["ModelPackageVersion"]),
        status=decided["staging"],
        production=decided["production"],
        metadata=metadata,
        evaluation=read("evaluation"),
        manifest=read("dataset_manifest"),
        dataset_versions=read("dataset_versions"),
        training=_training(clients.client("sagemaker"), metadata.get("execution", "")),
        approvals=_approvals(s3, package, decided, facts["bucket_evidence"], patience),
    )


def _training(sagemaker: Any, execution: str) -> Mapping[str, Any]:
    """The training and evaluation jobs of the run, as SageMaker remembers them."""
    if not execution:
        return {}
    pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=execution
    )
    jobs = {
        step["StepName"]: next(
            (one["Arn"] for one in step.get("Metadata", {}).values() if "Arn" in one), ""
        )
        for page in pages
        for step in page["PipelineExecutionSteps"]
    }
    job = sagemaker.describe_training_job(TrainingJobName=jobs[TRAIN].rsplit("/", 1)[1])
    return {
        "arn": jobs[TRAIN],
        "evaluation_arn": jobs.get(EVALUATE, ""),
        "image": job["AlgorithmSpecification"].get("TrainingImage", ""),
        "model_uri": job["ModelArtifacts"]["S3ModelArtifacts"],
        "hyperparameters": dict(job.get("HyperParameters") or {}),
    }


def _approvals(
    s3: Any, package: Mapping[str, Any], decided: Mapping[str, str], bucket: str, patience: float
) -> list[dict[str, str]]:
    """The approval records of the package; whoever approves leaves the record after the act."""
    awaited = {
        (stage, status)
        for stage, status in decided.items()
        if status and status != "PendingManualApproval"
    }
    deadline = time.monotonic() + patience
    while True:
        records = _records(s3, bucket, package)
        found = {(one["stage"], one["decision"]) for one in records}
        if awaited <= found or time.monotonic() > deadline:
            return records
        time.sleep(0.2)


def _records(s3: Any, bucket: str, package: Mapping[str, Any]) -> list[dict[str, str]]:
    prefix = f"approvals/{package['ModelPackageVersion']}-"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
    read = [(f"s3://{bucket}/{key}", *read_json(s3, f"s3://{bucket}/{key}")) for key in keys]
    told = [
        approval(uri, sha256, record)
        for uri, record, sha256 in read
        if record.get("model_package_arn") == package["ModelPackageArn"]
    ]
    return sorted(told, key=lambda one: (one["time"], one["uri"]))
