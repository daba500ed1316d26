"""From an inference id to its record, the model, the approvals, the run, the code and the data."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from botocore.exceptions import ClientError

from modelyard.aws import Place
from modelyard.errors import TraceError
from modelyard.evidence.document import Document
from modelyard.evidence.gather import all_releases, approvals_of, execution_of, package_of
from modelyard.evidence.reader import Reader
from modelyard.evidence.store import bucket_of
from modelyard.inference_id import claim
from modelyard.registry import Package
from modelyard.trace import checks
from modelyard.trace.hops import Hop, Trace
from modelyard.trace.prediction import Prediction, Search, search
from modelyard.trace.served import periods


@dataclass(frozen=True)
class Asked:
    """What is known of the prediction before anything is read.

    Attributes:
        day: the day on which to look.
        at: when it was made, for who may not read captured rows.
    """

    inference_id: str
    day: date | None = None
    at: datetime | None = None


def trace(place: Place, asked: Asked, now: datetime | None = None) -> Trace:
    """The prediction's whole way back, as far as this caller may see it."""
    now = now or datetime.now(UTC)
    environment = place.environment
    releases = Reader()
    recorded = all_releases(place, environment, releases)
    found = _search(place, asked, now)
    package, known_by = _package(place, asked, found, recorded)
    own = [one for one in recorded if one.content.get("model_package_arn") == package.arn]
    reader, s3 = Reader(), place.registry_client("s3")
    metadata = package.metadata
    evaluation = _read(reader, place, package, "evaluation")
    manifest = _read(reader, place, package, "dataset_manifest")
    versions = _read(reader, place, package, "dataset_versions")
    profile = _read(reader, place, package, "baseline_profile")
    named = {"evaluation": evaluation, "dataset_manifest": manifest, "dataset_versions": versions}
    stored = {name: document.sha256 for name, document in named.items() if document}
    decided, ran = Reader(), Reader()
    approvals = approvals_of(place, package, decided)
    execution = execution_of(place, package, ran)
    files = list(versions.content.get("files", ())) if versions else []

    def hops() -> Iterator[Hop]:
        yield _prediction(asked, environment, found, package, known_by)
        yield checks.model_file(s3, package)
        yield checks.approval(package, approvals, decided, stored)
        yield checks.release(package, environment, own, releases)
        yield checks.run(package, execution, ran.gaps)
        yield from checks.code_and_image(
            place.registry_client("sagemaker"), package, execution, own
        )
        yield checks.evaluation(package, evaluation, _about(reader, "evaluation"))
        yield checks.manifest(package, manifest, versions, _about(reader, "dataset"))
        for file in files:
            yield checks.data_file(s3, file)
        yield checks.baseline(package, profile, evaluation)

    return Trace(
        inference_id=asked.inference_id,
        environment=environment,
        package=package,
        prediction=found.found,
        prediction_known_by=known_by,
        hops=tuple(hops()),
        approvals=[{**one.content, **one.link} for one in approvals],
        releases=[{**_brief(one), **one.link} for one in own],
        dataset_versions=[
            {key: file.get(key) for key in ("name", "uri", "version_id", "sha256", "rows")}
            for file in files
        ] or _unread(metadata.get("dataset_versions", "")),
    )  # fmt: skip


def _search(place: Place, asked: Asked, now: datetime) -> Search:
    bucket = bucket_of(place.project, place.environment, "predictions")
    endpoint = f"{place.project.name}-{place.environment}"
    prefixes = (f"capture/{endpoint}/", "capture/batch/")
    s3 = place.client("s3")
    return search(s3, bucket, prefixes, asked.inference_id, asked.day, now)


def _package(
    place: Place, asked: Asked, found: Search, recorded: tuple[Document, ...]
) -> tuple[Package, str]:
    """The model that answered, and how that is known."""
    name, made = asked.inference_id, claim(asked.inference_id)
    if found.found is not None:
        if "model-package/" not in found.found.model_package:
            raise TraceError(f"{name} was answered by {found.found.model_package or 'no model'}")
        return _described(place, found.found.model_package, name), "captured record"
    if made is not None and (found.denied or found.pending):
        served = {one.content.get("version") for one in recorded}
        if recorded and made.version not in served:
            raise TraceError(
                f"{name} claims version {made.version}, which {place.environment} never served: "
                f"nobody made this id here ({found.why})"
            )
        return _described(place, str(made.version), name), "the id's own claim"
    if not found.denied:
        raise TraceError(f"{name} in {place.environment}: {found.why}")
    candidates, when = _in_service(asked, recorded)
    if len(candidates) == 1:
        known_by = f"the releases: no other version served {when}"
        return _described(place, str(candidates.pop()), name), known_by
    several = ", ".join(f"version {one}" for one in sorted(candidates)) or "nothing"
    hint = "" if asked.at else "; say --at TIME, when it was made"
    raise TraceError(f"{name}: {found.why}; {several} served {place.environment} {when}{hint}")


def _in_service(asked: Asked, recorded: tuple[Document, ...]) -> tuple[set[int], str]:
    """The versions that may have answered, by when the caller says that it was."""
    all_ = periods(recorded)
    if asked.at is not None:
        return {
            one.version for one in all_ if one.covers(asked.at)
        }, f"at {asked.at:%Y-%m-%d %H:%M} UTC"
    if asked.day is not None:
        start = datetime(asked.day.year, asked.day.month, asked.day.day, tzinfo=UTC)
        during = {one.version for one in all_ if one.meets(start, start + timedelta(days=1))}
        return during, f"on {asked.day}"
    return {one.version for one in all_}, "ever"


def _described(place: Place, arn_or_version: str, name: str) -> Package:
    try:
        return package_of(place, arn_or_version)
    except ClientError as error:
        if "not exist" not in str(error) and "ValidationException" not in str(error):
            raise
        raise TraceError(
            f"{name} was answered by {arn_or_version}, which is not registered"
        ) from None


def _prediction(
    asked: Asked, environment: str, found: Search, package: Package, known_by: str
) -> Hop:
    if found.found is None:
        says = f"answered by version {package.version} in {environment}"
        why = f"known by {known_by}; {found.why}"
        if found.denied:
            why += ", so nothing here tells whether it was made at all"
        return Hop("prediction", says, "not provable", why)
    record = found.found
    says = (
        f"{record.time:%Y-%m-%d %H:%M:%S} UTC, answered by version {package.version} "
        f"in {environment} ({record.variant}), {_rows(record)}"
    )
    made = claim(asked.inference_id)
    if made and made.version != package.version:
        why = f"the id claims version {made.version}, but {record.source} says otherwise"
        return Hop("prediction", says, "broken", why)
    return Hop("prediction", says, "proved", f"captured in {record.source}")


def _rows(record: Prediction) -> str:
    return f"{len(record.rows)} row{'' if len(record.rows) == 1 else 's'}"


def _read(reader: Reader, place: Place, package: Package, name: str) -> Document | None:
    what = f"the {name.replace('_', ' ')}"
    return reader.document(place.registry_client("s3"), package.metadata.get(name, ""), what)


def _about(reader: Reader, word: str) -> list[str]:
    return [gap for gap in reader.gaps if word in gap.partition(":")[0]]


def _brief(record: Document) -> dict[str, object]:
    told = ("environment", "endpoint", "version", "release", "phase", "time", "strategy", "reason")
    return {name: record.content.get(name) for name in told}


def _unread(uri: str) -> list[dict[str, object]]:
    """Where the versions are stated, for who may not read it."""
    return [{"stated_in": uri}] if uri else []
