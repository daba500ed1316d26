"""Production keeps what it was asked and what it answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from policies.guardrails.resource import Estate, Resource
from policies.guardrails.rule import Rule, Severity


def check(resource: Resource, _: Estate) -> Iterator[str]:
    """Capture is on, of all requests, both ways, under our key."""
    if not resource.in_production:
        return
    capture = "dataCaptureConfig"
    if resource.value(capture, "enableCapture") is not True:
        yield "requests and answers are not captured"
        return
    if resource.value(capture, "initialSamplingPercentage") != 100:
        yield "only a sample is captured, so that a decision may be missing"
    modes = {each.value("captureMode") for each in resource.each(capture, "captureOptions")}
    if not modes & {"InputAndOutput"} and not {"Input", "Output"} <= modes:
        yield "input or output is not captured"
    if not resource.refers(capture, "kmsKeyId"):
        yield "captured data is not encrypted with a customer key"


RULE = Rule(
    id="data-capture",
    control="Endpoints in production capture every request and answer, encrypted.",
    severity=Severity.HIGH,
    owner="model-risk",
    rationale="Without the record no decision can be explained, no drift seen, no case reopened.",
    remedy="Enable dataCaptureConfig at 100 percent, input and output, with the project's key.",
    references=(
        "EU AI Act Art. 12",
        "EU AI Act Art. 26",
        "EU AI Act Art. 72",
        "ISO/IEC 42001 A.6",
        "NIST AI RMF MANAGE 4.1",
        "SR 26-2 ongoing monitoring",
    ),
    effective=date(2026, 11, 21),
    types=frozenset({"aws:sagemaker/endpointConfiguration:EndpointConfiguration"}),
    check=check,
)
