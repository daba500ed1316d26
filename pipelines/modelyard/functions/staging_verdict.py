"""What verification in staging found out: prod takes a version only with its passed verdict."""

import json
from collections.abc import Mapping
from typing import Any

from modelyard.functions.approval import Approved, TooEarly
from modelyard.functions.release_step import Verdict
from modelyard.functions.service import Refused

FOLDER = "releases/verifications"


def read(s3: Any, bucket: str, version: int) -> tuple[dict[str, Any], str] | None:
    """The record of a version's verification with its address; None while there is none.

    Asked by listing: a missing object and a forbidden one look alike to a reader.
    """
    key = f"{FOLDER}/{version}.json"
    found = s3.list_objects_v2(Bucket=bucket, Prefix=key)
    if key not in [item["Key"] for item in found.get("Contents", ())]:
        return None
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return dict(json.loads(body)), f"s3://{bucket}/{key}"


def verdict(s3: Any, bucket: str, version: int, release: str) -> Verdict | None:
    """The verdict on one release; that on an earlier release of the version does not count."""
    found = read(s3, bucket, version)
    if found is None or found[0].get("release") != release:
        return None
    document, uri = found
    return Verdict(bool(document.get("passed")), str(document.get("reason", "")), uri)


def require(s3: Any, facts: Mapping[str, str], package: Approved) -> None:
    """Holds a package against staging's verdict, on this version with these very bytes."""
    found = read(s3, facts["staging_evidence"], package.version)
    if found is None:
        raise TooEarly(f"staging has not verified version {package.version} yet")
    document, uri = found
    if not document.get("passed"):
        raise Refused(f"staging's verification failed: {document.get('reason')} ({uri})")
    verified = (document.get("image_digest"), document.get("model_sha256"))
    if verified != (package.image_digest, package.model_sha256):
        raise Refused(f"staging verified another image or model file than this one ({uri})")
