"""Reviews of decisions by people, kept as evidence of the environment that made them."""

import hashlib
import re
from datetime import UTC, date, datetime
from typing import Any

from botocore.exceptions import ClientError

from modelyard.aws import Place, code_of
from modelyard.decided import captured
from modelyard.errors import DecisionError
from modelyard.functions import chain
from modelyard.functions.service import person, role_name

FOLDER = "reports/reviews/"
_ABSENT = ("404", "NoSuchKey")
# Inference ids may be any ASCII; what is no good name is named by its hash.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def file_name(inference_id: str) -> str:
    """What a review of this decision is called."""
    if _NAME.fullmatch(inference_id):
        return f"{inference_id}.json"
    return f"{hashlib.sha256(inference_id.encode()).hexdigest()}.json"


def record(
    place: Place, inference_id: str, outcome: str, comment: str, day: date | None = None
) -> str:
    """Records a review and returns its address; a decision is reviewed once."""
    workspace, s3, now = place.workspace(), place.client("s3"), datetime.now(UTC)
    name = file_name(inference_id)
    bucket = workspace.bucket_evidence
    if _exists(s3, bucket, f"{FOLDER}{name}"):
        raise DecisionError(
            f"{inference_id} was reviewed already: see s3://{bucket}/{FOLDER}{name}"
        )
    found = captured(place, inference_id, day, now)
    caller = place.client("sts").get_caller_identity()["Arn"]
    document = {
        "schema_version": 1,
        "time": now.isoformat(timespec="milliseconds"),
        "inference_id": inference_id,
        "decided": found.time.isoformat(),
        "model_package_arn": found.model_package,
        "outcome": outcome,
        "comment": comment,
        "reviewed_as": caller,
        "user": person({"arn": caller}),
        "role": role_name(caller),
    }
    return chain.append(s3, bucket, FOLDER, name, document, workspace.key_arn)["uri"]


def _exists(s3: Any, bucket: str, key: str) -> bool:
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if code_of(error) in _ABSENT:
            return False
        raise
    return True
