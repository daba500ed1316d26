"""Evidence and audit trails cannot be deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policies.guardrails.resource import BUCKET, Estate, Resource
from policies.guardrails.rule import Rule, Severity

_LOCK: Final = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
_DAYS: Final = 365
_KEPT: Final = ("-evidence-", "-trail")


def check(resource: Resource, estate: Estate) -> Iterator[str]:
    """Buckets of evidence are locked when they are made, and by a rule for every object."""
    if resource.type == _LOCK:
        yield from _period(resource)
    elif any(part in str(resource.value("bucket")) for part in _KEPT):
        if resource.value("objectLockEnabled") is not True:
            yield "the bucket of evidence has no Object Lock"
        elif not estate.settings_of(resource, _LOCK):
            yield "the bucket of evidence has no default retention"


def _period(resource: Resource) -> Iterator[str]:
    default = ("rule", "defaultRetention")
    if resource.value(*default, "mode") not in ("GOVERNANCE", "COMPLIANCE"):
        yield "the lock has no mode"
        return
    years = int(resource.value(*default, "years") or 0)
    if years * 365 + int(resource.value(*default, "days") or 0) < _DAYS:
        yield f"evidence is kept for less than {_DAYS} days"


RULE = Rule(
    id="evidence-retention",
    control="Evidence and the audit trail are under Object Lock for at least a year.",
    severity=Severity.CRITICAL,
    owner="model-risk",
    rationale="An approval or a report that can be deleted proves nothing.",
    remedy="Create the bucket with objectLockEnabled and a default retention of 365 days or more.",
    references=(
        "Security Hub S3.15",
        "EU AI Act Art. 12",
        "EU AI Act Art. 18",
        "EU AI Act Art. 19",
        "ISO/IEC 42001 A.6",
        "SR 26-2 documentation",
    ),
    effective=date(2026, 11, 21),
    types=frozenset({BUCKET, _LOCK}),
    check=check,
    across=frozenset({BUCKET}),
)
