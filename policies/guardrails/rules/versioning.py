"""Nothing stored is overwritten for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policies.guardrails.resource import BUCKET, Estate, Resource
from policies.guardrails.rule import Rule, Severity

_VERSIONING: Final = "aws:s3/bucketVersioning:BucketVersioning"


def check(resource: Resource, estate: Estate) -> Iterator[str]:
    """Every bucket has versioning, and it is switched on."""
    if resource.type == BUCKET:
        if not estate.settings_of(resource, _VERSIONING):
            yield "the bucket keeps no versions"
    elif resource.value("versioningConfiguration", "status") != "Enabled":
        yield "the bucket's versioning is not enabled"


RULE = Rule(
    id="versioning",
    control="Every bucket keeps the versions of its objects.",
    severity=Severity.HIGH,
    owner="platform",
    rationale="A data set's manifest names the version that a model was trained on; without "
    "versions the evidence points at nothing.",
    remedy="Give the bucket a BucketVersioning with status Enabled.",
    references=(
        "Security Hub S3.14",
        "EU AI Act Art. 10",
        "EU AI Act Art. 12",
        "ISO/IEC 42001 A.7",
        "SR 26-2 documentation",
    ),
    effective=date(2026, 11, 21),
    types=frozenset({BUCKET, _VERSIONING}),
    check=check,
    across=frozenset({BUCKET}),
)
