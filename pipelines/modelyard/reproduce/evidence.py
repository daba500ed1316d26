"""The record of a reproduction: what was repeated, by whom, with which verdict."""

from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from modelyard.aws import Place, code_of
from modelyard.evidence import chain
from modelyard.reproduce.record import Build
from modelyard.reproduce.verdict import Comparison

FOLDER = "reports/reproductions/"


def document(
    place: Place, build: Build, compared: Comparison, data_from: str, seconds: float
) -> dict[str, Any]:
    """The reproduction as plain data."""
    package = build.package
    return {
        "schema_version": 1,
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "model_package_arn": package.arn,
        "version": package.version,
        "trained_by": package.metadata.get("trained_by", ""),
        "reproduced_as": place.client("sts").get_caller_identity()["Arn"],
        "code_commit": build.commit,
        "image_digest": build.image_digest,
        "evaluation": build.evaluation.link,
        "data": {
            "from": data_from,
            "files": [
                {"uri": one.uri, "version_id": one.version_id, "sha256": one.sha256}
                for one in build.sources
            ],
        },
        "seconds": round(seconds, 1),
        **compared.document(),
    }


def keep(place: Place, build: Build, answer: dict[str, Any]) -> tuple[str | None, str | None]:
    """Appends it to the evidence; its address, or why this caller's is not kept."""
    workspace = place.workspace()
    stamp = datetime.fromisoformat(answer["time"]).strftime("%Y%m%dT%H%M%S%f")[:-3] + "Z"
    try:
        link = chain.append(
            place.registry_client("s3"),
            workspace.bucket_evidence,
            FOLDER,
            f"{build.package.version}-{stamp}.json",
            answer,
            workspace.key_arn,
        )
    except ClientError as error:
        if not code_of(error).startswith("AccessDenied"):
            raise
        return None, (
            "not recorded as evidence, which only a model approver or a data steward may do "
            f"(AWS: {error.response['Error']['Message']})"
        )
    return link["uri"], None
