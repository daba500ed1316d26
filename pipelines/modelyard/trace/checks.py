"""The proofs of a trace: each looks at what is stored, not at what is said of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from modelyard.evidence.document import Document
from modelyard.evidence.reader import Reader, is_denied, reason
from modelyard.functions.job_contract import CODE_COMMIT, TRAIN
from modelyard.functions.service import Refused, sha256_of, split_uri
from modelyard.registry import Package
from modelyard.trace.hops import Hop

_UNNAMED = "the package does not name it"


def model_file(s3: Any, package: Package) -> Hop:
    """The model's bytes, hashed again."""
    says = f"version {package.version}, {package.status}: {package.arn}"
    stated = package.metadata.get("model_sha256", "")
    if not (package.model_uri and stated):
        return Hop("model package", says, "not provable", f"the model file: {_UNNAMED}")
    try:
        found = sha256_of(s3, package.model_uri)
    except Refused as refused:
        return Hop("model package", says, "broken", str(refused))
    except ClientError as error:
        why = f"its model file: {reason(error)}"
        return Hop("model package", says, "not provable", why)
    if found != stated:
        why = f"{package.model_uri} is not the model file that was registered"
        return Hop("model package", says, "broken", why)
    return Hop("model package", says, "proved", f"its model file has the registered hash {found}")


def approval(
    package: Package, records: Sequence[Document], reader: Reader, now: dict[str, str]
) -> Hop:
    """Who decided; `now` are the hashes of the evidence as it is stored today."""
    says = "; ".join(_decision(one.content) for one in records) or "nobody known"
    if reader.problems:
        return Hop("approvals", says, "broken", "; ".join(reader.problems))
    if not records:
        return Hop("approvals", says, "not provable", "; ".join(reader.gaps) or "no record is kept")
    stated = package.metadata.get("model_sha256")
    for record in records:
        content = record.content
        if content.get("model_sha256") != stated:
            return Hop("approvals", says, "broken", f"{record.uri} is about another model file")
        for name, sha256 in (content.get("evidence") or {}).items():
            if name in now and now[name] != sha256:
                why = f"the {name.replace('_', ' ')} is not what {record.uri} was decided on"
                return Hop("approvals", says, "broken", why)
    return Hop("approvals", says, "proved", f"{len(records)} chained records: {records[-1].uri}")


def _decision(content: Mapping[str, Any]) -> str:
    who = content.get("user") or content.get("decided_as")
    said = f' ("{content["comment"]}")' if content.get("comment") else ""
    when = str(content.get("time"))[:16].replace("T", " ")
    return f"{content.get('decision')} for {content.get('stage')} by {who}, {when}{said}"


def release(package: Package, environment: str, records: Sequence[Document], reader: Reader) -> Hop:
    """When this version came into the environment."""
    told = [f"{one.content['phase']} {str(one.content['time'])[:16]}" for one in records]
    says = f"in {environment}: {', '.join(told).replace('T', ' ')}" if told else "not recorded"
    if reader.problems:
        return Hop("release", says, "broken", "; ".join(reader.problems))
    if not records:
        why = "; ".join(reader.gaps) or f"no release of version {package.version} is recorded"
        return Hop("release", says, "not provable", why)
    for record in records:
        for name in ("model_sha256", "image_digest"):
            if record.content.get(name) not in ("", None, package.metadata.get(name)):
                why = f"{record.uri} is about another {name.partition('_')[0]}"
                return Hop("release", says, "broken", why)
    return Hop("release", says, "proved", f"{len(records)} chained records: {records[-1].uri}")


def run(package: Package, execution: Mapping[str, Any] | None, gaps: Sequence[str]) -> Hop:
    """The pipeline execution as SageMaker keeps it."""
    starter = package.metadata.get("trained_by") or "nobody known"
    says = f"started by {starter}: {package.metadata.get('execution') or 'unknown'}"
    if execution is None:
        return Hop("run", says, "not provable", "; ".join(gaps))
    if execution["status"] != "Succeeded":
        return Hop("run", says, "broken", f"SageMaker keeps it as {execution['status']}")
    steps = ", ".join(step["name"] for step in execution["steps"])
    why = f"SageMaker keeps it: {execution['started']:%Y-%m-%d %H:%M} UTC, steps {steps}"
    return Hop("run", says, "proved", why)


def code_and_image(
    sagemaker: Any,
    package: Package,
    execution: Mapping[str, Any] | None,
    releases: Sequence[Document],
) -> Iterator[Hop]:
    """Commit and image, held against the training job itself; the image else against a release."""
    commit = package.metadata.get("code_commit") or "unknown"
    digest = package.metadata.get("image_digest") or "unknown"
    steps = execution["steps"] if execution else ()
    job = next((step["job"] for step in steps if step["name"] == TRAIN and step["job"]), "")
    reader = Reader()
    trained = reader.try_to(
        "the training job",
        lambda: sagemaker.describe_training_job(TrainingJobName=job.rpartition("/")[2]),
    ) if job else None  # fmt: skip
    if trained is None:
        why = "; ".join(reader.gaps) or "the training job is not known without the run"
        yield Hop("code", f"commit {commit}", "not provable", why)
        released = [one for one in releases if one.content.get("image_digest") == digest]
        if released:
            yield Hop("image", digest, "proved", f"{released[-1].uri} released the same image")
        else:
            yield Hop("image", digest, "not provable", why)
        return
    ran = (trained.get("Environment") or {}).get(CODE_COMMIT, "") or "unknown"
    image = str(trained["AlgorithmSpecification"].get("TrainingImage", "")).partition("@")[2]
    name = trained["TrainingJobName"]
    yield _same("code", f"commit {commit}", commit, ran, f"the training job {name} ran it")
    yield _same("image", digest, digest, image, f"the training job {name} ran in it")


def _same(name: str, says: str, stated: str, found: str, why: str) -> Hop:
    if stated == "unknown":
        return Hop(name, says, "not provable", _UNNAMED)
    if stated != found:
        return Hop(name, says, "broken", f"the training job has {found or 'nothing'} instead")
    return Hop(name, says, "proved", why)


def evaluation(package: Package, document: Document | None, gaps: Sequence[str]) -> Hop:
    """What the model was judged by."""
    says = package.metadata.get("evaluation") or "unknown"
    if document is None:
        return Hop("evaluation", says, "not provable", "; ".join(gaps))
    if document.sha256 != package.metadata.get("evaluation_sha256"):
        return Hop("evaluation", says, "broken", "it is not the evaluation that was registered")
    return Hop("evaluation", says, "proved", f"it has the registered hash {document.sha256}")


def manifest(
    package: Package, document: Document | None, versions: Document | None, gaps: Sequence[str]
) -> Hop:
    """Which rows of the data were used."""
    says = f"rows with the hash {package.metadata.get('dataset_sha256') or 'unknown'}"
    if document is None or versions is None:
        return Hop("data set", says, "not provable", "; ".join(gaps))
    if document.sha256 != versions.content.get("sha256"):
        return Hop("data set", says, "broken", f"{document.uri} is not what was registered")
    content = document.content
    stated = package.metadata.get("dataset_sha256")
    if (content.get("dataset") or {}).get("sha256") != stated:
        return Hop("data set", says, "broken", f"{document.uri} names other rows")
    total = (content.get("rows") or {}).get("total")
    counted = f"{total} {says}" if total is not None else says
    return Hop(
        "data set", counted, "proved", f"its manifest has the registered hash: {document.uri}"
    )


def data_file(s3: Any, file: Mapping[str, Any]) -> Hop:
    """One file of the data in the version that was read; a newer one over it changes nothing."""
    bucket, key = split_uri(str(file["uri"]))
    wanted = str(file["version_id"])
    says = f"{file['uri']}, version {wanted}, sha256 {file['sha256']}"
    try:
        pages = list(s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key))
    except ClientError as error:
        if not is_denied(error):
            raise
        return Hop("data file", says, "not provable", "this caller may not look at raw data")
    versions = [one for page in pages for one in page.get("Versions", ()) if one["Key"] == key]
    kept = next((one for one in versions if one["VersionId"] == wanted), None)
    if kept is None:
        return Hop("data file", says, "not provable", "that version is not kept any more")
    size = file.get("bytes")
    if size is not None and kept.get("Size", size) != size:
        why = f"the version holds {kept['Size']} bytes, not {size}"
        return Hop("data file", says, "broken", why)
    newest = max(versions, key=lambda one: one["LastModified"])
    over = ""
    if newest["VersionId"] != wanted:
        when = f"{newest['LastModified']:%Y-%m-%d %H:%M}"
        over = f"; overwritten {when} UTC by data which this model never saw"
    why = f"the version that the registrar hashed is kept, unchangeable{over}"
    return Hop("data file", says, "proved", why)


def baseline(package: Package, profile: Document | None, judged: Document | None) -> Hop:
    """What monitoring compares with: it and the evaluation have to name the same model."""
    says = package.metadata.get("baseline_profile") or "unknown"
    if profile is None or judged is None:
        return Hop("baseline", says, "not provable", "it or the evaluation could not be read")
    ours, theirs = (
        (document.content.get("model") or {}).get("sha256") for document in (profile, judged)
    )
    if ours != theirs or not ours:
        return Hop("baseline", says, "broken", "it is of another model than the evaluation")
    return Hop("baseline", says, "proved", f"it and the evaluation name the same model {ours[:12]}")
