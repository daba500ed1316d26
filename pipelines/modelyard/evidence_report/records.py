"""What others leave in evidence beside a model's own files: rebuilds, reviews, deletions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from modelyard.aws import Place
from modelyard.evidence import chain
from modelyard.evidence.document import Document, time_of
from modelyard.evidence.reader import Reader
from modelyard.evidence.store import bucket_of
from modelyard.project import EnvironmentName
from modelyard.registry import Package


@dataclass(frozen=True)
class Records:
    """Records about one model package, oldest first; gaps and problems as a dossier has them."""

    reproductions: tuple[Document, ...] = ()
    reviews: tuple[Document, ...] = ()
    decisions: tuple[Document, ...] = ()
    deletions: tuple[Document, ...] = ()
    gaps: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


NONE = Records()


def gather_records(place: Place, package: Package, environments: Sequence[str]) -> Records:
    """Records of the registry's environment, and of those in which people decide and forget."""
    reader = Reader()

    def kept(what: str, *names: str) -> tuple[Document, ...]:
        found = [one for name in names for one in _folder(place, reader, name, what)]
        return tuple(sorted(found, key=time_of))

    reviews = kept("reviews", *environments)
    return Records(
        reproductions=_about(kept("reproductions", "dev"), package),
        reviews=tuple(one for one in reviews if _concerns(one, package)),
        decisions=_about(kept("decisions", "dev"), package),
        deletions=kept("deletions", *environments),
        gaps=tuple(dict.fromkeys(reader.gaps)),
        problems=tuple(dict.fromkeys(reader.problems)),
    )


def _folder(place: Place, reader: Reader, name: str, what: str) -> tuple[Document, ...]:
    """One kind of records of an environment, whose chain is verified."""
    environment = cast("EnvironmentName", name)
    found = reader.kept(
        place.at(environment).client("s3"),
        bucket_of(place.project, environment),
        f"reports/{what}/",
        f"{name}: the records of {what}",
    )
    reader.problems += chain.verify(found)
    return found


def _about(found: Sequence[Document], package: Package) -> tuple[Document, ...]:
    """Those named after the version: `3.json`, or `3-<stamp>.json`."""
    return tuple(one for one in found if _version(one) == str(package.version))


def _version(document: Document) -> str:
    return document.uri.rpartition("/")[2].removesuffix(".json").partition("-")[0]


def _concerns(document: Document, package: Package) -> bool:
    content = document.content
    return content.get("model_package_arn") == package.arn or (
        "model_package_arn" not in content and content.get("version") == package.version
    )
