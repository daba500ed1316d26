"""From an image URI to the local environment that its manifest in ECR names."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult
from moto.ecr.models import ecr_backends
from moto.ecr.responses import ECRResponse

from sandbox.authorization import judge
from sandbox.compute.failures import CALL_ERRORS, RunError, client_failure
from sandbox.compute.operations import SERVICE, Scope

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

URI = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/"
    r"(?P<repository>[a-z0-9._/-]+?)"
    r"(:(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(@(?P<digest>sha256:[0-9a-f]{64}))?"
)
LABEL = "modelyard.sandbox."
ADVICE = "register the model repo as an image with `python -m sandbox image PATH`"
# What a pull takes beside the manifest ("Private repository policies", Amazon ECR User Guide); the
# token belongs to the puller's own account.
PULLING = ("ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer")
ACCEPTED = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
]


@dataclass(frozen=True)
class Image:
    """A local environment that stands for a container image."""

    uri: str
    digest: str
    workdir: Path
    path: tuple[str, ...]
    python_path: tuple[str, ...]


def resolve(scope: Scope, uri: str, role_arn: str) -> Image:
    """Read the image's manifest as the role would pull it; failures say what to do."""
    match = URI.fullmatch(uri)
    if match is None:
        raise RunError(f"ClientError: {uri} is not the URI of an image in ECR")
    wanted = {"imageDigest": match["digest"]} if match["digest"] else {}
    wanted = wanted or {"imageTag": match["tag"] or "latest"}
    ecr = Scope(scope.sandbox, scope.account, match["region"]).client("ecr", role_arn)
    try:
        answer = ecr.batch_get_image(
            registryId=match["account"],
            repositoryName=match["repository"],
            imageIds=[wanted],
            acceptedMediaTypes=ACCEPTED,
        )
    except CALL_ERRORS as error:
        raise client_failure(f"Cannot pull image {uri}", error) from error
    if not answer["images"]:
        raise RunError(f"ClientError: Image {uri} does not exist in ECR: {ADVICE}")
    _may_pull(scope, match, role_arn)
    return _read(uri, answer["images"][0], scope.sandbox.data)


def _may_pull(scope: Scope, image: re.Match[str], role_arn: str) -> None:
    """The layers come with permissions of their own, of which no call of ours would ask."""
    region = image["region"]
    puller = scope.sandbox.principal_of(role_arn, SERVICE)
    repository = f"arn:aws:ecr:{region}:{image['account']}:repository/{image['repository']}"
    for action, resource in zip(PULLING, ("*", repository), strict=True):
        decision = judge(puller, action, resource, region, {})
        if not decision.allowed:
            raise RunError(
                f"ClientError: Cannot pull image {image[0]}: {role_arn} may not {action}: "
                f"{decision.reason}"
            )


def _read(uri: str, found: Mapping[str, Any], data: Path) -> Image:
    labels = json.loads(found["imageManifest"]).get("annotations") or {}
    workdir = labels.get(f"{LABEL}workdir")
    if not workdir:
        raise RunError(
            f"ClientError: Image {uri} names no local environment (annotation {LABEL}workdir), "
            f"and this sandbox does not run containers: {ADVICE}"
        )
    if not (data / workdir).is_dir():
        raise RunError(f"ClientError: The files of image {uri} are gone from {workdir}: {ADVICE}")
    return Image(
        uri=uri,
        digest=found["imageId"]["imageDigest"],
        workdir=data / workdir,
        path=_directories(labels.get(f"{LABEL}path"), data),
        python_path=_directories(labels.get(f"{LABEL}pythonpath"), data),
    )


def _directories(text: str | None, data: Path) -> tuple[str, ...]:
    """Directories as they are named, relative ones below the sandbox's data folder."""
    return tuple(str(data / part) for part in (text or "").split(":") if part)


def _batch_get_image(self: ECRResponse) -> ActionResult:
    """BatchGetImage from the named registry; moto only ever looks into the caller's own."""
    registry = self._get_param("registryId") or self.current_account
    return ActionResult(
        ecr_backends[registry][self.region].batch_get_image(
            self._get_param("repositoryName"), registry, self._get_param("imageIds")
        )
    )


def install(sandbox: Sandbox) -> None:
    """Let one account's jobs pull from another's registry, where its policy allows it."""
    ECRResponse.batch_get_image = _batch_get_image
