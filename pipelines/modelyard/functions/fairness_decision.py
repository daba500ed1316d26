"""The documented decision that a model with open fairness gates needs before it serves anyone."""

from collections.abc import Mapping
from typing import Any

from modelyard.fairness_gates import FairnessJudgement
from modelyard.functions.service import Refused, person, read_json, role_name

FOLDER = "reports/decisions/"


def decisions(s3: Any, bucket: str, version: int) -> list[tuple[Mapping[str, Any], str]]:
    """The decisions on a version with their addresses, newest first.

    Asked by listing: a missing object and a forbidden one look alike to a reader.
    """
    found = s3.list_objects_v2(Bucket=bucket, Prefix=f"{FOLDER}{version}-").get("Contents", ())
    uris = [f"s3://{bucket}/{key}" for key in sorted((item["Key"] for item in found), reverse=True)]
    return [(read_json(s3, uri)[0], uri) for uri in uris]


def covering(
    found: list[tuple[Mapping[str, Any], str]],
    judgement: FairnessJudgement,
    arn: str,
    recorded: Mapping[str, str],
) -> tuple[Mapping[str, Any], str] | None:
    """The decision on this very package and evaluation that names every open gate."""
    wanted = {result.key for result in judgement.open}
    for decision, uri in found:
        same = (decision.get("model_package_arn"), decision.get("evaluation_sha256"))
        if same == (arn, recorded.get("evaluation_sha256")) and wanted <= _named(decision):
            return decision, uri
    return None


def require(
    s3: Any,
    facts: Mapping[str, str],
    judgement: FairnessJudgement,
    package: Mapping[str, Any],
) -> str:
    """The address of the decision; empty where none is needed, Refused where it is missing."""
    if not judgement.open:
        return ""
    recorded = package.get("CustomerMetadataProperties") or {}
    arn, version = package["ModelPackageArn"], int(package["ModelPackageVersion"])
    found = covering(decisions(s3, facts["registry_evidence"], version), judgement, arn, recorded)
    if found is None:
        raise Refused(
            f"nobody decided on fairness: {judgement.sentence}; an approver documents it with "
            f"`modelyard approve --version {version} --accept-bias REASON`"
        )
    decision, uri = found
    by = {"arn": str(decision.get("decided_as", ""))}
    if role_name(by["arn"]) != f"{facts['project']}-dev-model-approver":
        raise Refused(f"{uri} was decided as {by['arn'] or 'nobody'}, not as a model approver")
    if person(by) == recorded.get("trained_by", "").lower():
        raise Refused(f"{person(by)} both trained the model and decided on its fairness ({uri})")
    if not str(decision.get("reason", "")).strip():
        raise Refused(f"{uri} gives no reason")
    return uri


def _named(decision: Mapping[str, Any]) -> set[tuple[Any, ...]]:
    return {
        tuple(gate.get(name) for name in ("attribute", "group", "metric", "bound", "limit"))
        for gate in decision.get("gates") or ()
        if isinstance(gate, Mapping)
    }
