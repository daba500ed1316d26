"""Releases approved model packages into one environment and records how each release ended.

Called by three events: a package was approved, the endpoint changed its state, or an operator asks
by hand for what an event should have done.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3

from modelyard.functions import approval, endpoint
from modelyard.functions.records import keep, tell
from modelyard.functions.service import Refused, contract

_ENDED = ("InService", "Failed")


def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """Lambda's entry. A refusal is an answer; anything else that fails is retried."""
    session = boto3.Session()
    facts = contract(session.client("ssm"))
    if event.get("detail-type") == "SageMaker Endpoint State Change":
        return ended(session, facts)
    detail = event.get("detail") or {}
    arn = detail.get("ModelPackageArn") or event.get("model_package_arn")
    if not arn:
        raise ValueError(f"no model package in the event: {sorted(event)}")
    return release(str(arn), session, facts)


def release(arn: str, session: boto3.Session, facts: Mapping[str, str]) -> dict[str, Any]:
    """Starts the release of a package, or refuses it with a record and a message."""
    region = facts["registry_region"]
    registry = approval.Registry(
        *(session.client(name, region_name=region) for name in ("sagemaker", "s3", "ecr"))
    )
    try:
        package = approval.check(arn, registry, facts)
    except approval.TooEarly as refusal:
        # An approval for staging reaches prod too, where it is no mistake.
        return {"released": False, "refused": str(refusal)}
    except Refused as refusal:
        record = {"decision": "refused", "reason": str(refusal), "model_package_arn": arn}
        keep(session.client("s3"), facts, arn.rsplit("/", 1)[1], _now(), record)
        tell(session.client("sns"), facts, f"Release refused: {facts['endpoint']}", record)
        return {"released": False, "refused": str(refusal)}
    clients = session.client("sagemaker"), session.client("ssm")
    outcome = endpoint.release(*clients, package, facts)
    return {"released": True, "outcome": outcome, "version": package.version}


def ended(session: boto3.Session, facts: Mapping[str, str]) -> dict[str, Any]:
    """Records a release that came into service or failed; other states are passing."""
    sagemaker = session.client("sagemaker")
    described = sagemaker.describe_endpoint(EndpointName=facts["endpoint"])
    status = described["EndpointStatus"]
    if status not in _ENDED:
        return {"recorded": False, "status": status}
    arn = _served_package(sagemaker, described["EndpointConfigName"])
    version = arn.rsplit("/", 1)[1]
    package = session.client(
        "sagemaker", region_name=facts["registry_region"]
    ).describe_model_package(ModelPackageName=arn)
    metadata = package.get("CustomerMetadataProperties") or {}
    record = {
        "decision": "released" if status == "InService" else "failed",
        "status": status,
        "reason": described.get("FailureReason", ""),
        "endpoint_config": described["EndpointConfigName"],
        "model_package_arn": arn,
        "approved_by": approval.approver_of(package),
        "trained_by": metadata.get("trained_by", ""),
        "image_digest": metadata.get("image_digest", ""),
        "model_sha256": metadata.get("model_sha256", ""),
    }
    uri = keep(session.client("s3"), facts, version, described["LastModifiedTime"], record)
    word = "Released" if status == "InService" else "Release failed"
    tell(session.client("sns"), facts, f"{word}: {facts['endpoint']} version {version}", record)
    return {"recorded": True, "status": status, "record": uri}


def _served_package(sagemaker: Any, config: str) -> str:
    variants = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    model = sagemaker.describe_model(ModelName=variants[0]["ModelName"])
    return str(model["PrimaryContainer"]["Environment"]["MODELYARD_MODEL_PACKAGE"])


def _now() -> datetime:
    return datetime.now(UTC)
