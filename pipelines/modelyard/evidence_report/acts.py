"""What people and machines did with the model: approvals, releases, monitoring, other records."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from modelyard.evidence import Dossier
from modelyard.evidence.document import Document
from modelyard.evidence_report.records import Records

_ROLE = re.compile(r":assumed-role/(?P<role>[^/]+)/(?P<user>[^/]+)$")
_CALLERS = ("decided_as", "reproduced_as", "reviewed_as")
_APPROVAL = ("time", "stage", "decision", "comment", "trained_by")
_HASHES = ("evaluation_sha256", "model_sha256", "evidence_sha256")
_RELEASE = (
    "time",
    "environment",
    "phase",
    "strategy",
    "reason",
    "approved_by",
    "image_digest",
    "model_sha256",
)
_WINDOW = ("environment", "verdict", "rows", "shock")


def approvals(dossier: Dossier) -> dict[str, Any]:
    """Every decision about this version, and whether the chain of decisions holds."""
    broken = [one for one in dossier.problems if "/approvals/" in one]
    return {
        "records": [
            {**one.link, **_taken(one.content, (*_APPROVAL, *_HASHES)), **who(one.content)}
            for one in dossier.approvals
        ],
        "chain": chain_status(dossier.approvals, broken),
    }


def releases(dossier: Dossier) -> dict[str, Any]:
    """Every phase of every release of this version, and what staging's verification found."""
    broken = [one for one in dossier.problems if "/releases/" in one]
    return {
        "records": [{**one.link, **_taken(one.content, _RELEASE)} for one in dossier.releases],
        "verifications": [
            {**one.link, **_taken(one.content, ("time", "passed", "sentence", "checks"))}
            for one in dossier.verifications
        ],
        "chain": chain_status(dossier.releases, broken),
    }


def monitoring(dossier: Dossier) -> list[dict[str, Any]]:
    """The windows in which this version was watched, oldest first."""
    return [
        {
            **one.link,
            **_taken(one.content, _WINDOW),
            "start": one.content.get("window", {}).get("start"),
            "end": one.content.get("window", {}).get("end"),
            "metrics": {
                metric["name"]: metric["value"] for metric in one.content.get("metrics") or ()
            },
            "findings": [
                {name: finding.get(name) for name in ("severity", "sentence")}
                for finding in one.content.get("findings") or ()
                if finding.get("severity") != "info"
            ],
        }
        for one in sorted(dossier.monitoring, key=_window)
    ]


def others(records: Records) -> dict[str, Any]:
    """Rebuilds, human reviews of single decisions, and deletions of persons."""
    return {
        "reproductions": _whole(records.reproductions),
        "reviews": _whole(records.reviews),
        "deletions": _whole(records.deletions),
    }


def chain_status(documents: Iterable[Document], broken: list[str]) -> dict[str, Any]:
    """Whether each record names the one before it and its hash."""
    known = list(documents)
    return {"records": len(known), "holds": bool(known) and not broken, "problems": broken}


def who(record: Mapping[str, Any]) -> dict[str, str]:
    """Person and role; where a record does not name them, its role session's ARN does."""
    caller = next((str(record[name]) for name in _CALLERS if record.get(name)), "")
    named = _ROLE.search(caller)
    parts = named.groupdict() if named else {"role": "", "user": ""}
    return {
        "user": str(record.get("user") or parts["user"] or caller),
        "role": str(record.get("role") or parts["role"]),
    }


def _taken(content: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: content.get(name) for name in names}


def _whole(documents: Iterable[Document]) -> list[dict[str, Any]]:
    return [whole(one) for one in documents]


def whole(document: Document) -> dict[str, Any]:
    """A record with its hash and its author, without what only its chain needs."""
    left = ("previous", "joins", "schema_version")
    kept = {name: value for name, value in document.content.items() if name not in left}
    return {**kept, **who(document.content), **document.link}


def _window(document: Document) -> tuple[str, str]:
    return str(document.content.get("window", {}).get("start")), document.uri
