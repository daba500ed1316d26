"""What cannot be made again cannot be deleted by mistake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from policies.guardrails.resource import BUCKET, Estate, Resource
from policies.guardrails.rule import Rule, Severity

_KEPT: Final = frozenset(
    {
        BUCKET,
        "aws:cloudtrail/trail:Trail",
        "aws:ecr/repository:Repository",
        "aws:kms/key:Key",
        "aws:sagemaker/domain:Domain",
        "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
    }
)


def check(resource: Resource, _: Estate) -> Iterator[str]:
    """Pulumi refuses to delete or replace it, and it does not empty itself first."""
    if not resource.protect:
        yield "it is not protected against deletion and replacement"
    for switch in ("forceDestroy", "forceDelete"):
        if resource.value(switch) is True:
            yield f"{switch} would delete what it holds"


RULE = Rule(
    id="protected-data",
    control="Buckets, keys, registries, repositories and the audit trail outlive their stack.",
    severity=Severity.HIGH,
    owner="platform",
    rationale="A renamed component or a wrong destroy must not be able to take data along.",
    remedy="Create it with protect=True and retain_on_delete=True, without forceDestroy.",
    references=("EU AI Act Art. 18", "ISO/IEC 42001 A.7", "SR 26-2 documentation"),
    effective=date(2026, 11, 21),
    types=_KEPT,
    check=check,
)
