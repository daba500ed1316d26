"""Images in the registry: which one runs, and which are stopped by what their scan found."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from modelyard.images import Image, ImageError, Vulnerability, standing, to_run, vulnerabilities

DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
ADDRESS = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/loans@{DIGEST}"
IMAGE = Image.parse(ADDRESS)
INDEX = "application/vnd.oci.image.index.v1+json"


class ScanNotFoundError(Exception):
    """ECR's answer before it has begun."""


class Ecr:
    """A registry that gives the prepared answers, one per call."""

    class exceptions:  # noqa: N801 - botocore's name
        ScanNotFoundException = ScanNotFoundError

    def __init__(self, manifest: dict[str, Any] | None = None, scans: Any = ()) -> None:
        self.manifest, self.scans, self.asked = manifest, list(scans), 0

    def batch_get_image(self, **request: Any) -> dict[str, Any]:
        held = [{"imageManifest": json.dumps(self.manifest)}] if self.manifest else []
        return {"images": held}

    def describe_image_scan_findings(self, **request: Any) -> dict[str, Any]:
        self.asked += 1
        answer = self.scans.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)


def scan(status: str, *findings: dict[str, Any], **more: Any) -> dict[str, Any]:
    held = {"findings": list(findings)}
    return {"imageScanStatus": {"status": status}, "imageScanFindings": held, **more}


def basic(name: str, severity: str) -> dict[str, Any]:
    package = {"key": "package_name", "value": "openssl"}
    version = {"key": "package_version", "value": "3.0"}
    return {"name": name, "severity": severity, "attributes": [package, version]}


def no_wait(seconds: float) -> None:
    """Time does not pass in these tests."""


def test_address_is_read_and_written_alike() -> None:
    assert str(IMAGE) == ADDRESS


@pytest.mark.parametrize("address", ["loans:latest", ADDRESS.split("@")[0], ADDRESS[:-1]])
def test_address_without_a_digest_is_refused(address: str) -> None:
    with pytest.raises(ImageError, match="is no image in ECR by digest"):
        Image.parse(address)


def test_image_without_attestations_runs_itself() -> None:
    assert (
        to_run(Ecr({"mediaType": "application/vnd.docker.distribution.manifest.v2+json"}), IMAGE)
        == IMAGE
    )


def test_image_beside_its_attestations_is_found() -> None:
    attested = {"digest": DIGEST, "platform": {"os": "unknown", "architecture": "unknown"}}
    image = {"digest": OTHER, "platform": {"os": "linux", "architecture": "amd64"}}
    found = to_run(Ecr({"mediaType": INDEX, "manifests": [attested, image]}), IMAGE)
    assert found.digest == OTHER


def test_index_without_an_image_for_sagemaker_is_refused() -> None:
    arm = {"digest": OTHER, "platform": {"os": "linux", "architecture": "arm64"}}
    with pytest.raises(ImageError, match="no image for linux/amd64"):
        to_run(Ecr({"mediaType": INDEX, "manifests": [arm]}), IMAGE)


def test_image_that_was_not_pushed_is_told() -> None:
    with pytest.raises(ImageError, match="does not exist; push it first"):
        to_run(Ecr(), IMAGE)


def test_scan_is_waited_for_and_read_to_its_last_page() -> None:
    ecr = Ecr(
        scans=[
            ScanNotFoundError(),
            scan("IN_PROGRESS"),
            scan("COMPLETE", basic("CVE-1", "LOW"), nextToken="more"),
            scan("COMPLETE", basic("CVE-2", "CRITICAL")),
        ]
    )
    found = vulnerabilities(ecr, IMAGE, 60, no_wait)
    assert [str(one) for one in found] == [
        "LOW      CVE-1 in openssl 3.0",
        "CRITICAL CVE-2 in openssl 3.0",
    ]


def test_enhanced_scan_is_read_too() -> None:
    details = {
        "vulnerabilityId": "CVE-3",
        "vulnerablePackages": [{"name": "zlib", "version": "1.2"}],
    }
    enhanced = {"severity": "HIGH", "packageVulnerabilityDetails": details}
    answer = {
        "imageScanStatus": {"status": "ACTIVE"},
        "imageScanFindings": {"enhancedFindings": [enhanced]},
    }
    assert vulnerabilities(Ecr(scans=[answer]), IMAGE, 0, no_wait) == [
        Vulnerability("CVE-3", "HIGH", "zlib 1.2")
    ]


@pytest.mark.parametrize(
    ("scans", "message"),
    [
        (lambda: [scan("FAILED")], "could not scan .*: FAILED"),
        (lambda: [scan("UNSUPPORTED_IMAGE")], "could not scan .*: UNSUPPORTED_IMAGE"),
        (lambda: [scan("IN_PROGRESS")] * 9, "has not ended after 20 s"),
    ],
)
def test_image_nobody_could_look_into_is_not_fit_to_run(
    scans: Callable[[], list[dict[str, Any]]], message: str
) -> None:
    with pytest.raises(ImageError, match=message):
        vulnerabilities(Ecr(scans=scans()), IMAGE, 20, no_wait)


FOUND = [
    Vulnerability("CVE-1", "MEDIUM", "a"),
    Vulnerability("CVE-2", "HIGH", "b"),
    Vulnerability("CVE-3", "CRITICAL", "c"),
]


@pytest.mark.parametrize(
    ("worst", "accepted", "expected"),
    [
        ("MEDIUM", (), ["CVE-3", "CVE-2"]),
        ("HIGH", (), ["CVE-3"]),
        ("CRITICAL", (), []),
        ("LOW", ("CVE-3",), ["CVE-2", "CVE-1"]),
    ],
)
def test_worse_than_tolerated_stops_unless_accepted(
    worst: str, accepted: tuple[str, ...], expected: list[str]
) -> None:
    assert [one.name for one in standing(FOUND, worst, accepted)] == expected


@pytest.mark.parametrize("severity", ["UNDEFINED", "UNTRIAGED", ""])
def test_what_nobody_rated_is_not_harmless(severity: str) -> None:
    found = vulnerabilities(
        Ecr(scans=[scan("COMPLETE", basic("CVE-1", severity))]), IMAGE, 0, no_wait
    )
    assert standing(found, "MEDIUM", ())
