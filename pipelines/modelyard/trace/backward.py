"""From data to all that learned of it: every model version, and where each serves or has served."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from modelyard import registry
from modelyard.aws import Place
from modelyard.errors import TraceError
from modelyard.evidence.document import Document
from modelyard.evidence.gather import all_releases
from modelyard.evidence.reader import Reader
from modelyard.project import EnvironmentName
from modelyard.registry import Package
from modelyard.trace.served import Served, periods

# Shorter beginnings of a hash are too many data sets'.
_SHORTEST = 8


@dataclass(frozen=True)
class Wanted:
    """Which data: by hash or S3 version, by what a model version learned from, or by address."""

    data: str = ""
    version: int | None = None
    uri: str = ""

    @property
    def name(self) -> str:
        if self.version is not None:
            return f"the data of version {self.version}"
        return self.uri or self.data


@dataclass(frozen=True)
class Learned:
    """One model version that learned from the data, and where it answers or answered."""

    package: Package
    files: Sequence[Mapping[str, Any]]
    served: Mapping[str, Sequence[Served]]

    def document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "version": self.package.version,
            "model_package_arn": self.package.arn,
            "status": self.package.status,
            "production": self.package.production,
            "dataset_sha256": self.package.metadata.get("dataset_sha256", ""),
            "files": list(self.files),
            "endpoints": [
                {"environment": name, "now": one.end is None, **asdict(one)}
                for name, found in self.served.items()
                for one in found
            ],
        }


def learned(
    place: Place, wanted: Wanted, environments: Sequence[EnvironmentName]
) -> tuple[list[Learned], tuple[str, ...]]:
    """The versions that learned from the data, newest first, and what could not be looked into."""
    reader, s3 = Reader(), place.registry_client("s3")
    packages = [
        registry.describe(place, summary["ModelPackageArn"])
        for summary in registry.summaries(place)
    ]
    known = {package.version: _files(reader, s3, package) for package in packages}
    data = _data(wanted, packages, known)
    served = {name: periods(all_releases(place, name, reader)) for name in environments}
    found = [
        Learned(package, files, _of(package.version, served))
        for package in packages
        for files in [data.of(package, known[package.version])]
        if files is not None
    ]
    return found, tuple(dict.fromkeys([*reader.gaps, *reader.problems]))


def _of(version: int, served: Mapping[EnvironmentName, list[Served]]) -> dict[str, list[Served]]:
    own = {name: [one for one in all_ if one.version == version] for name, all_ in served.items()}
    return {name: found for name, found in own.items() if found}


def _files(reader: Reader, s3: Any, package: Package) -> Sequence[Mapping[str, Any]]:
    uri = package.metadata.get("dataset_versions", "")
    document: Document | None = reader.document(s3, uri, f"the data of version {package.version}")
    return list(document.content.get("files", ())) if document else []


def _identity(file: Mapping[str, Any]) -> tuple[str, str]:
    return str(file["uri"]), str(file["sha256"])


@dataclass(frozen=True)
class _Data:
    """What to look for: a set of rows, or files."""

    wanted: Wanted
    rows: str
    files: frozenset[tuple[str, str]]

    def of(
        self, package: Package, files: Sequence[Mapping[str, Any]]
    ) -> Sequence[Mapping[str, Any]] | None:
        """Which of a package's files are the data; None where it learned of other data."""
        rows, data = package.metadata.get("dataset_sha256", ""), self.wanted.data
        if rows and (rows == self.rows or (data and rows.startswith(data))):
            return files
        return [file for file in files if self._is(file)] or None

    def _is(self, file: Mapping[str, Any]) -> bool:
        data, uri = self.wanted.data, self.wanted.uri
        by_data = data and (str(file["sha256"]).startswith(data) or file["version_id"] == data)
        return bool(by_data) or (bool(uri) and file["uri"] == uri) or _identity(file) in self.files


def _data(
    wanted: Wanted,
    packages: Sequence[Package],
    known: Mapping[int, Sequence[Mapping[str, Any]]],
) -> _Data:
    if wanted.data and len(wanted.data) < _SHORTEST:
        raise TraceError(f"--dataset {wanted.data}: give at least {_SHORTEST} characters")
    if wanted.version is None:
        return _Data(wanted, "", frozenset())
    own = next((one for one in packages if one.version == wanted.version), None)
    if own is None:
        raise TraceError(f"there is no version {wanted.version}")
    files = frozenset(_identity(file) for file in known[own.version])
    return _Data(wanted, own.metadata.get("dataset_sha256", ""), files)
