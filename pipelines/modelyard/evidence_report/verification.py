"""Checks a report against what is stored today: every hash in it, and its page."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from botocore.exceptions import ClientError

from modelyard.aws import Place
from modelyard.errors import EvidenceError
from modelyard.evidence.reader import reason
from modelyard.evidence_report.page import page
from modelyard.evidence_report.report import Report, written
from modelyard.functions.service import split_uri

JSON_NAME, PAGE_NAME = "report.json", "report.html"
# Newer versions of these are the ordinary course of things; the one that was read must stay.
_RENEWED = ("data file", "monitoring summary", "verification")
Outcome = Literal["same", "differs", "unread"]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; `unread`: this caller cannot tell."""

    what: str
    outcome: Outcome
    sentence: str


def load(folder: Path) -> Report:
    """The report in a folder that `modelyard report` wrote.

    Raises:
        EvidenceError: it is not one, or its bytes are not those that were written.
    """
    file = folder / JSON_NAME
    try:
        text = file.read_text(encoding="utf-8")
        document = json.loads(text)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "not JSON"
        raise EvidenceError(f"{file}: {why}; make it with `modelyard report`") from None
    if not isinstance(document, dict) or document.get("kind") != "model":
        raise EvidenceError(f"{file}: not a model's evidence report; make it anew")
    if written(document) != text:
        raise EvidenceError(f"{file}: was edited: these are not the bytes that were written")
    return Report(document)


def checks(place: Place, folder: Path) -> Iterator[Check]:
    """The page first, then every stored object in the report's order."""
    report = load(folder)
    yield _page(report, folder / PAGE_NAME)
    for entry in report.document["evidence"]:
        yield _stored(place, entry)


def _page(report: Report, file: Path) -> Check:
    try:
        same = file.read_text(encoding="utf-8") == page(report)
    except (OSError, ValueError):
        return Check("page", "differs", f"{file} is not there, or cannot be read")
    if same:
        return Check("page", "same", f"{file} says what report.json says")
    return Check("page", "differs", f"{file} was edited: it does not say what report.json says")


def _stored(place: Place, entry: Mapping[str, Any]) -> Check:
    what, uri, version = entry["what"], entry["uri"], entry["version_id"]
    bucket, key = split_uri(uri)
    s3 = _client(place, bucket)
    try:
        if what not in _RENEWED:
            newest = s3.get_object(Bucket=bucket, Key=key)
            if version and newest.get("VersionId") != version:
                return Check(what, "differs", f"{uri} was written again after this report")
            return _compared(what, uri, newest, entry["sha256"])
        wanted = {"VersionId": version} if version else {}
        found = s3.get_object(Bucket=bucket, Key=key, **wanted)
        return _compared(what, uri, found, entry["sha256"])
    except ClientError as error:
        told = reason(error)
        outcome: Outcome = "differs" if told == "it does not exist" else "unread"
        return Check(what, outcome, f"{uri}: {told}")


def _compared(what: str, uri: str, answer: Mapping[str, Any], expected: str) -> Check:
    digest = hashlib.sha256()
    for chunk in answer["Body"].iter_chunks(1 << 20):
        digest.update(chunk)
    if digest.hexdigest() == expected:
        return Check(what, "same", uri)
    return Check(what, "differs", f"{uri} has other content than this report says")


def _client(place: Place, bucket: str) -> Any:
    """A client in the region of the environment whose bucket it is."""
    for name in place.project.environments:
        if bucket.startswith(f"{place.project.name}-{name}-"):
            return place.at(name).client("s3")
    return place.registry_client("s3")
