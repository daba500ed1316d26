"""Files a report in dev's evidence: the page, the data, and a chained record that names both."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from modelyard.aws import Place
from modelyard.evidence import chain
from modelyard.evidence.document import Document
from modelyard.evidence.reader import Reader
from modelyard.evidence.store import bucket_of
from modelyard.evidence_report.page import page
from modelyard.evidence_report.report import SCHEMA_VERSION, Report

FOLDER = "reports/evidence/"


def file(place: Place, report: Report, key_arn: str, now: datetime) -> str:
    """Stores the report; the address of the record. The record comes last: no record, no report."""
    s3, bucket = place.registry_client("s3"), bucket_of(place.project, "dev")
    version = report.document["model"]["version"]
    name = f"{version}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    contents = {"report.json": report.text, "report.html": page(report)}
    links = {
        each: _put(s3, bucket, f"{FOLDER}{name}/{each}", text.encode(), key_arn)
        for each, text in contents.items()
    }
    record = {
        "schema_version": SCHEMA_VERSION,
        "model_package_arn": report.document["model"]["arn"],
        "version": version,
        "verdict": report.verdict,
        "report": links["report.json"],
        "page": links["report.html"],
        "filed_as": place.client("sts").get_caller_identity()["Arn"],
        "time": now.astimezone(UTC).isoformat(timespec="milliseconds"),
    }
    return chain.append(s3, bucket, FOLDER, f"{name}.json", record, key_arn)["uri"]


def filings(place: Place, reader: Reader) -> tuple[Document, ...]:
    """The records of every filed report of the project, oldest first; the chain is verified."""
    s3, bucket = place.registry_client("s3"), bucket_of(place.project, "dev")
    found = reader.kept(s3, bucket, FOLDER, "dev: filed reports")
    reader.problems += chain.verify(found)
    return found


def previous_report(place: Place, version: int, reader: Reader) -> Document | None:
    """The newest filed report of this version, or else of the newest version before it."""
    earlier = [one for one in filings(place, reader) if _version(one) <= version]
    if not earlier:
        return None
    newest = max(earlier, key=_version)
    record = [one for one in earlier if _version(one) == _version(newest)][-1]
    link: Mapping[str, Any] = record.content.get("report") or {}
    uri = str(link.get("uri", ""))
    found = reader.document(place.registry_client("s3"), uri, "dev: the report before this one")
    if found is not None and found.sha256 != link.get("sha256"):
        reader.problems.append(f"{uri} was edited after it was filed")
    return found


def _version(record: Document) -> int:
    stated = record.content.get("version")
    return stated if isinstance(stated, int) else 0


def _put(s3: Any, bucket: str, key: str, body: bytes, key_arn: str) -> dict[str, str]:
    kind = "text/html; charset=utf-8" if key.endswith(".html") else "application/json"
    s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=body,
        ContentType=kind,
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key_arn,
    )
    return {"uri": f"s3://{bucket}/{key}", "sha256": hashlib.sha256(body).hexdigest()}
