"""What others leave in evidence beside a model's own files: rebuilds, reviews, deletions."""

from collections.abc import Callable
from dataclasses import dataclass

from modelyard.aws import Place
from modelyard.evidence import chain
from modelyard.evidence.document import Document
from modelyard.evidence.reader import Reader
from modelyard.evidence.store import bucket_of
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


def gather_records(place: Place, package: Package) -> Records:
    """The records in the evidence of dev, where the registry is."""
    reader = Reader()
    version = str(package.version)
    return Records(
        reproductions=_folder(place, reader, "reproductions", lambda name: _of(name, version)),
        reviews=tuple(
            one
            for one in _folder(place, reader, "reviews", lambda name: True)
            if _concerns(one, package)
        ),
        decisions=_folder(place, reader, "decisions", lambda name: _of(name, version)),
        deletions=_folder(place, reader, "deletions", lambda name: True),
        gaps=tuple(dict.fromkeys(reader.gaps)),
        problems=tuple(dict.fromkeys(reader.problems)),
    )


def _folder(
    place: Place, reader: Reader, what: str, wanted: Callable[[str], bool]
) -> tuple[Document, ...]:
    found = reader.kept(
        place.registry_client("s3"),
        bucket_of(place.project, "dev"),
        f"reports/{what}/",
        f"dev: the records of {what}",
    )
    reader.problems += chain.verify(found)
    return tuple(one for one in found if wanted(one.uri.rpartition("/")[2]))


def _of(name: str, version: str) -> bool:
    """Records are named after the version: `3.json`, or `3-<stamp>.json`."""
    return name.removesuffix(".json").partition("-")[0] == version


def _concerns(document: Document, package: Package) -> bool:
    content = document.content
    return content.get("model_package_arn") == package.arn or (
        "model_package_arn" not in content and content.get("version") == package.version
    )
