"""Registers a model: the only code that may create a model package, and always as pending.

It is handed an execution and believes nothing else: what ran comes from SageMaker, who started it
from the audit trail, the gates from the reviewed contract.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import boto3

from modelyard import fairness_gates
from modelyard.functions.champion import comparison
from modelyard.functions.execution import Execution, examine
from modelyard.functions.raw_versions import versions_read
from modelyard.functions.reviewed_data import require_pseudonyms
from modelyard.functions.service import Refused, contract, put_json, read_json, sha256_of
from modelyard.functions.starter import starter_of
from modelyard.gates import judge

_PATIENCE_S = 120.0
_SAFETY_S = 60.0
_CONTENT_TYPES = ["text/csv", "application/json"]
# What AWS takes as the value of a metadata property, and what it does not.
_METADATA = 256
_UNTAKEN = re.compile(r"[^\w\s.:/=+@-]+")


def handler(event: Mapping[str, Any], context: Any) -> dict[str, str]:
    """Lambda's entry: {"execution_arn"} in, {"model_package_arn"} out; a refusal fails the step."""
    remaining = context.get_remaining_time_in_millis() / 1000 if context else _PATIENCE_S
    arn = register(
        str(event["execution_arn"]), boto3.Session(), min(_PATIENCE_S, remaining - _SAFETY_S)
    )
    return {"model_package_arn": arn}


def register(execution_arn: str, session: boto3.Session, patience: float = _PATIENCE_S) -> str:
    """The package of an execution, created if it does not exist yet."""
    sagemaker, s3 = session.client("sagemaker"), session.client("s3")
    facts = contract(session.client("ssm"))
    execution = examine(sagemaker, execution_arn, facts)
    existing = _registered(sagemaker, execution, facts)
    if existing:
        return existing
    evaluation, evaluation_sha256 = read_json(s3, execution.evaluation_uri)
    judgement = judge(json.loads(facts["gates"]), evaluation.get("metrics", {}))
    if not judgement.passed:
        raise Refused(f"the reviewed gates are not met: {judgement.sentence}")
    starter = starter_of(
        session.client("logs"),
        facts["starts_log_group"],
        execution_arn,
        execution.started,
        patience,
    )
    compared = comparison(sagemaker, facts, execution, evaluation, starter)
    manifest, manifest_sha256 = read_json(s3, execution.manifest_uri)
    require_pseudonyms(facts, manifest)
    inputs = versions_read(s3, execution.data_uri, execution.data_read_at, manifest["files"])
    evidence = f"s3://{facts['bucket_artifacts']}/registry/{execution.id}/dataset_versions.json"
    put_json(
        s3,
        evidence,
        {"manifest": execution.manifest_uri, "sha256": manifest_sha256, "files": inputs},
        facts["key_arn"],
    )
    folder = execution.evaluation_uri.rsplit("/", 1)[0]
    properties = {
        "trained_by": starter,
        "execution": execution.arn,
        "code_commit": execution.code_commit,
        "image_digest": execution.image_digest,
        "model_sha256": sha256_of(s3, execution.model_uri),
        "dataset_sha256": str(manifest["dataset"]["sha256"]),
        "dataset_manifest": execution.manifest_uri,
        "dataset_versions": evidence,
        "evaluation": execution.evaluation_uri,
        "evaluation_sha256": evaluation_sha256,
        "champion_comparison": _UNTAKEN.sub(" ", compared)[:_METADATA],
        "baseline_profile": f"{folder}/baseline_profile.json",
        "golden_predictions": f"{folder}/golden_predictions.json",
    }
    fairness = fairness_gates.judge(json.loads(facts["fairness"]), evaluation)
    decide = f"; needs a documented decision: {fairness.sentence}" if fairness.open else ""
    return _create(sagemaker, execution, facts, properties, judgement.sentence + decide)


def _registered(sagemaker: Any, execution: Execution, facts: Mapping[str, str]) -> str | None:
    """The package an earlier try of the same execution made."""
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=facts["model_package_group"], CreationTimeAfter=execution.started
    )
    for summary in (item for page in pages for item in page["ModelPackageSummaryList"]):
        arn = summary["ModelPackageArn"]
        package = sagemaker.describe_model_package(ModelPackageName=arn)
        if package.get("CustomerMetadataProperties", {}).get("execution") == execution.arn:
            return str(arn)
    return None


def _create(
    sagemaker: Any,
    execution: Execution,
    facts: Mapping[str, str],
    properties: Mapping[str, str],
    sentence: str,
) -> str:
    report = {"ContentType": "application/json", "S3Uri": execution.evaluation_uri}
    created = sagemaker.create_model_package(
        ModelPackageGroupName=facts["model_package_group"],
        ModelPackageDescription=sentence[:1024],
        ModelApprovalStatus="PendingManualApproval",
        InferenceSpecification={
            "Containers": [{"Image": execution.image, "ModelDataUrl": execution.model_uri}],
            "SupportedContentTypes": _CONTENT_TYPES,
            "SupportedResponseMIMETypes": ["application/json"],
        },
        ModelMetrics={"ModelQuality": {"Statistics": report}, "Bias": {"Report": report}},
        MetadataProperties={
            "CommitId": execution.code_commit or "unknown",
            "GeneratedBy": execution.arn,
        },
        CustomerMetadataProperties=properties,
        ClientToken=execution.id,
    )
    return str(created["ModelPackageArn"])
