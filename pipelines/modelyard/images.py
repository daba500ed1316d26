"""Container images in the registry: which one runs, and what is known to be wrong with it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from modelyard.errors import ModelyardError

SEVERITIES = ("UNDEFINED", "INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL")
INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_ADDRESS = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/"
    r"(?P<repository>[a-z0-9._/-]+)@(?P<digest>sha256:[0-9a-f]{64})"
)
_EVERY = 5.0


class ImageError(ModelyardError):
    """An image that cannot be found, cannot be judged, or is not fit to run."""


@dataclass(frozen=True)
class Image:
    """An image in ECR, by digest."""

    account: str
    region: str
    repository: str
    digest: str

    @classmethod
    def parse(cls, address: str) -> Image:
        """Raises ImageError for anything but URI@DIGEST."""
        found = _ADDRESS.fullmatch(address)
        if found is None:
            raise ImageError(
                f"'{address}' is no image in ECR by digest; write "
                "ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY@sha256:DIGEST"
            )
        return cls(**found.groupdict())

    def __str__(self) -> str:
        registry = f"{self.account}.dkr.ecr.{self.region}.amazonaws.com"
        return f"{registry}/{self.repository}@{self.digest}"

    @property
    def request(self) -> dict[str, Any]:
        """How ECR is asked about it."""
        return {
            "registryId": self.account,
            "repositoryName": self.repository,
            "imageId": {"imageDigest": self.digest},
        }


@dataclass(frozen=True)
class Vulnerability:
    """One finding of ECR's scan."""

    name: str
    severity: str
    package: str

    def __str__(self) -> str:
        return f"{self.severity:<8} {self.name} in {self.package}"


def to_run(ecr: Any, image: Image) -> Image:
    """The image for SageMaker's machines, where the address is an index with attestations.

    A build that attaches its bill of materials and provenance pushes an index: it names the image
    and, beside it, what is attested about that. Jobs and endpoints run the image itself.
    """
    asked = {key: value for key, value in image.request.items() if key != "imageId"}
    answer = ecr.batch_get_image(
        **asked,
        imageIds=[image.request["imageId"]],
        acceptedMediaTypes=[*INDEXES, *MANIFESTS],
    )
    if not answer["images"]:
        raise ImageError(f"{image} does not exist; push it first")
    manifest = json.loads(answer["images"][0]["imageManifest"])
    if manifest.get("mediaType") not in INDEXES:
        return image
    for one in manifest["manifests"]:
        platform = one.get("platform", {})
        if (platform.get("os"), platform.get("architecture")) == ("linux", "amd64"):
            return Image(image.account, image.region, image.repository, one["digest"])
    raise ImageError(f"{image} holds no image for linux/amd64; build with --platform linux/amd64")


def vulnerabilities(
    ecr: Any,
    image: Image,
    wait: float,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Vulnerability]:
    """What the scan found, once it is complete.

    Args:
        wait: seconds at most.

    Raises:
        ImageError: the scan failed, or has not ended in time: an image nobody could look into is
            not fit to run.
    """
    waited = 0.0
    while True:
        status, found = _scan(ecr, image)
        if status in ("COMPLETE", "ACTIVE"):
            return found
        if status not in ("PENDING", "IN_PROGRESS", "NONE"):
            raise ImageError(f"ECR could not scan {image}: {status}")
        if waited >= wait:
            raise ImageError(f"the scan of {image} has not ended after {wait:.0f} s")
        sleep(_EVERY)
        waited += _EVERY


def standing(
    found: Iterable[Vulnerability], worst: str, accepted: Collection[str]
) -> list[Vulnerability]:
    """Those that are worse than what is tolerated and that nobody accepted, the worst first."""
    limit = SEVERITIES.index(worst)
    left = [
        one for one in found if SEVERITIES.index(one.severity) > limit and one.name not in accepted
    ]
    return sorted(left, key=lambda one: (-SEVERITIES.index(one.severity), one.name))


def _scan(ecr: Any, image: Image) -> tuple[str, list[Vulnerability]]:
    found: list[Vulnerability] = []
    more: dict[str, str] = {}
    while True:
        try:
            answer = ecr.describe_image_scan_findings(**image.request, **more)
        except ecr.exceptions.ScanNotFoundException:
            return "NONE", []
        findings = answer.get("imageScanFindings", {})
        found += [_basic(one) for one in findings.get("findings", ())]
        found += [_enhanced(one) for one in findings.get("enhancedFindings", ())]
        if not answer.get("nextToken"):
            return str(answer["imageScanStatus"]["status"]), found
        more = {"nextToken": answer["nextToken"]}


def _basic(finding: dict[str, Any]) -> Vulnerability:
    named = {one["key"]: one.get("value", "") for one in finding.get("attributes", ())}
    package = " ".join(filter(None, (named.get("package_name"), named.get("package_version"))))
    return Vulnerability(finding["name"], _severity(finding), package or "an unnamed package")


def _enhanced(finding: dict[str, Any]) -> Vulnerability:
    details = finding.get("packageVulnerabilityDetails", {})
    packages = details.get("vulnerablePackages") or [{}]
    package = " ".join(filter(None, (packages[0].get("name"), packages[0].get("version"))))
    name = details.get("vulnerabilityId") or finding.get("title", "unnamed")
    return Vulnerability(name, _severity(finding), package or "an unnamed package")


def _severity(finding: dict[str, Any]) -> str:
    stated = str(finding.get("severity", "")).upper()
    # What nobody rated is not harmless: it counts as what stops a deployment by default.
    return stated if stated in SEVERITIES and stated != "UNDEFINED" else "HIGH"
