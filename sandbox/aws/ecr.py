"""Images: a digest is the hash of the manifest, and a tag never moves where tags are immutable."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError
from moto.ecr.models import ECRBackend, Image

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


class ImageTagAlreadyExistsError(JsonRESTError):
    """ECR's refusal to move an immutable tag (Amazon ECR API Reference, PutImage)."""

    code = 400

    def __init__(self, tag: str, repository: str) -> None:
        super().__init__(
            "ImageTagAlreadyExistsException",
            f"The image tag '{tag}' already exists in the '{repository}' repository and cannot be "
            "overwritten because the tag is immutable.",
        )


def manifest_digest(manifest: str) -> str:
    """The digest of an image: SHA-256 of its manifest's bytes (OCI Image Specification)."""
    return f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"


def install(sandbox: Sandbox) -> None:
    """moto hashes the layers' names, and mixes up a taken tag with a repeated push."""
    put = ECRBackend.put_image

    def create_digest(self: Image) -> None:
        self._image_digest = manifest_digest(self.image_manifest)

    def put_image(
        self: ECRBackend,
        repository_name: str,
        image_manifest: str,
        image_tag: str,
        *rest: Any,
        **more: Any,
    ) -> Image:
        repository = self.repositories.get(repository_name)
        if repository and repository.is_tag_immutable():
            for image in repository.images:
                if image_tag in image.image_tags and image.image_manifest != image_manifest:
                    raise ImageTagAlreadyExistsError(image_tag, repository_name)
        return put(self, repository_name, image_manifest, image_tag, *rest, **more)

    Image._create_digest = create_digest
    ECRBackend.put_image = put_image
