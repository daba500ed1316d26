"""What a model package records of its build; refused where the record is absent or disagrees."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from modelyard.aws import Place, code_of
from modelyard.errors import ModelyardError
from modelyard.evidence.document import Document, NotADocument
from modelyard.evidence.reader import fetch
from modelyard.registry import Package

_NEEDED = (
    "code_commit",
    "dataset_manifest",
    "dataset_sha256",
    "dataset_versions",
    "evaluation",
    "evaluation_sha256",
    "execution",
    "image_digest",
)


class ReproductionError(ModelyardError):
    """A build cannot be repeated; the message says why, and what would help."""


@dataclass(frozen=True)
class Source:
    """One file of the training data, as the package's record pins it."""

    uri: str
    version_id: str
    sha256: str
    bytes: int

    @property
    def name(self) -> str:
        """Its path below the bucket."""
        return self.uri.removeprefix("s3://").partition("/")[2]


@dataclass(frozen=True)
class Build:
    """How a package was built and what came out, each fact held against the others.

    Attributes:
        training: seed, threads, hyperparameters and environment (modelyard.training_record).
        splits: the identity of each split's rows.
        model_sha256: of the model's files, not of the archive that a training job packs.
    """

    package: Package
    commit: str
    image_digest: str
    sources: tuple[Source, ...]
    manifest: Mapping[str, Any]
    training: Mapping[str, Any]
    splits: Mapping[str, str]
    model_sha256: str
    metrics: Mapping[str, Mapping[str, Any]]
    evaluation: Document

    @property
    def run_time(self) -> str:
        """The moment by which rows expired; empty where none do."""
        return str(self.manifest.get("retention", {}).get("as_of", ""))

    @property
    def pseudonym_key(self) -> str | None:
        """The id of the key of its pseudonyms; None where it makes none."""
        return self.manifest.get("pseudonyms", {}).get("key_id")


def read(place: Place, package: Package) -> Build:
    """The record of a package's build."""
    metadata, version = package.metadata, package.version
    absent = [key for key in _NEEDED if not metadata.get(key)]
    if absent:
        raise ReproductionError(
            f"version {version} carries no record of its build ({', '.join(absent)}): "
            "only what the registrar registered can be reproduced"
        )
    evaluation = _document(place, metadata["evaluation"])
    versions = _document(place, metadata["dataset_versions"])
    manifest = _document(place, metadata["dataset_manifest"])
    _require(evaluation, metadata["evaluation_sha256"], "the package")
    _require(manifest, versions.content.get("sha256"), versions.uri)
    for document in (evaluation, manifest):
        if document.content["dataset"]["sha256"] != metadata["dataset_sha256"]:
            raise ReproductionError(
                f"{document.uri} is of another data set than version {version} names"
            )
    training = evaluation.content.get("training")
    splits = manifest.content["split"].get("sha256")
    if not training or not splits:
        raise ReproductionError(
            f"version {version} was built before seeds, environment and splits were recorded: "
            "train it again with the current platform"
        )
    return Build(
        package=package,
        commit=metadata["code_commit"],
        image_digest=metadata["image_digest"],
        sources=tuple(_source(file) for file in versions.content["files"]),
        manifest=manifest.content,
        training=training,
        splits=splits,
        model_sha256=evaluation.content["model"]["sha256"],
        metrics=evaluation.content["metrics"],
        evaluation=evaluation,
    )


def _source(file: Mapping[str, Any]) -> Source:
    return Source(file["uri"], file["version_id"], file["sha256"], file["bytes"])


def _require(document: Document, stated: Any, by: str) -> None:
    if document.sha256 != stated:
        raise ReproductionError(
            f"{document.uri} has sha256 {document.sha256[:12]}, but {by} records "
            f"{str(stated)[:12]}: it was changed after registration"
        )


def _document(place: Place, uri: str) -> Document:
    try:
        return fetch(place.registry_client("s3"), uri)
    except NotADocument as error:
        raise ReproductionError(f"{error}: it was changed after registration") from None
    except ClientError as error:
        if code_of(error) in ("NoSuchKey", "NoSuchBucket", "404"):
            raise ReproductionError(f"{uri} is gone: the build cannot be repeated") from None
        raise
