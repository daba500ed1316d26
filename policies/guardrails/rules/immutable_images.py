"""An image that was reviewed stays what it was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.guardrails.resource import Estate, Resource
from policies.guardrails.rule import Rule, Severity


def check(resource: Resource, _: Estate) -> Iterator[str]:
    """Tags cannot be moved, and what is pushed is scanned."""
    if resource.value("imageTagMutability") != "IMMUTABLE":
        yield "an image can be swapped under its tag"
    if resource.value("imageScanningConfiguration", "scanOnPush") is not True:
        yield "images are not scanned when they are pushed"


RULE = Rule(
    id="immutable-images",
    control="Image tags cannot be moved, and images are scanned when pushed.",
    severity=Severity.HIGH,
    owner="platform-security",
    rationale="Whoever moves a tag runs other code under the name of what was approved.",
    remedy="Set imageTagMutability to IMMUTABLE and scanOnPush to true.",
    references=(
        "Security Hub ECR.1",
        "Security Hub ECR.2",
        "EU AI Act Art. 15",
        "ISO/IEC 42001 A.10",
    ),
    effective=date(2026, 11, 21),
    types=frozenset({"aws:ecr/repository:Repository"}),
    check=check,
)
