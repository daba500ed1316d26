"""Gathers the dossier of one model package from every environment, as whoever runs the command."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from modelyard import registry
from modelyard.aws import Place
from modelyard.evidence import chain
from modelyard.evidence.document import Document
from modelyard.evidence.dossier import Dossier
from modelyard.evidence.reader import Reader
from modelyard.evidence.store import APPROVALS, CARDS, RELEASES, VERIFICATIONS, bucket_of
from modelyard.project import EnvironmentName
from modelyard.registry import Package

_MONITORING = "reports/monitoring/"


def gather(place: Place, arn_or_version: str | int, environments: Sequence[str]) -> Dossier:
    """The dossier; `place` may be any environment of the project that knows the registry."""
    package = package_of(place, arn_or_version)
    reader = Reader()
    s3 = place.registry_client("s3")
    metadata = package.metadata
    evaluation = reader.document(s3, metadata.get("evaluation", ""), "the evaluation")
    manifest = reader.document(s3, metadata.get("dataset_manifest", ""), "the dataset manifest")
    versions = reader.document(s3, metadata.get("dataset_versions", ""), "the dataset versions")
    _agree(reader, "evaluation", evaluation, metadata.get("evaluation_sha256"))
    _agree(
        reader, "dataset manifest", manifest, versions.content.get("sha256") if versions else None
    )
    serving = [cast("EnvironmentName", name) for name in environments if name != "dev"]
    return Dossier(
        project=place.project,
        package=package,
        evaluation=evaluation,
        manifest=manifest,
        dataset_versions=versions,
        baseline_profile=reader.document(
            s3, metadata.get("baseline_profile", ""), "the baseline profile"
        ),
        golden=reader.document(s3, metadata.get("golden_predictions", ""), "golden predictions"),
        approvals=approvals_of(place, package, reader),
        releases=tuple(
            one for name in serving for one in releases_of(place, name, package, reader)
        ),
        verifications=_verifications(place, serving, package, reader),
        monitoring=tuple(
            one for name in serving for one in _monitoring(place, name, package, reader)
        ),
        execution=execution_of(place, package, reader),
        card=_card(place, package, reader),
        gaps=tuple(dict.fromkeys(reader.gaps)),
        problems=tuple(dict.fromkeys(reader.problems)),
    )


def package_of(place: Place, arn_or_version: str | int) -> Package:
    """The package by its ARN or its version number."""
    text = str(arn_or_version)
    if text.isdigit():
        return registry.find(place, int(text), "")
    return registry.describe(place, text)


def approvals_of(place: Place, package: Package, reader: Reader) -> tuple[Document, ...]:
    """The decisions about a package; the chain of all decisions of the project is verified."""
    bucket = bucket_of(place.project, "dev")
    found = reader.kept(place.registry_client("s3"), bucket, APPROVALS, "dev: approval records")
    reader.problems += chain.verify(found)
    own = tuple(one for one in found if one.content.get("model_package_arn") == package.arn)
    if not own and package.status != "PendingManualApproval":
        reader.gaps.append(
            f"dev: no record of who decided that version {package.version} is {package.status}"
        )
    return own


def releases_of(
    place: Place, environment: EnvironmentName, package: Package, reader: Reader
) -> tuple[Document, ...]:
    """What an environment's release function recorded about a package; the chain is verified."""
    found = all_releases(place, environment, reader)
    return tuple(one for one in found if one.content.get("model_package_arn") == package.arn)


def all_releases(
    place: Place, environment: EnvironmentName, reader: Reader
) -> tuple[Document, ...]:
    """Every release record of an environment."""
    s3 = place.at(environment).client("s3")
    bucket = bucket_of(place.project, environment)
    found = reader.kept(s3, bucket, RELEASES, f"{environment}: release records")
    reader.problems += chain.verify(found)
    return found


def execution_of(place: Place, package: Package, reader: Reader) -> Mapping[str, Any] | None:
    """The pipeline run that made the package, as SageMaker keeps it."""
    arn = package.metadata.get("execution", "")
    if not arn:
        reader.gaps.append("the pipeline run: the package does not name it")
        return None
    sagemaker = place.registry_client("sagemaker")
    return reader.try_to("the pipeline run", lambda: _execution(sagemaker, arn))


def _execution(sagemaker: Any, arn: str) -> Mapping[str, Any]:
    described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    steps = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=arn, SortOrder="Ascending"
    )
    parameters = sagemaker.get_paginator("list_pipeline_parameters_for_execution").paginate(
        PipelineExecutionArn=arn
    )
    return {
        "arn": arn,
        "pipeline_arn": described["PipelineArn"],
        "status": described["PipelineExecutionStatus"],
        "started": described["CreationTime"],
        "ended": described.get("LastModifiedTime"),
        "parameters": {
            one["Name"]: one["Value"] for page in parameters for one in page["PipelineParameters"]
        },
        "steps": [
            {
                "name": step["StepName"],
                "status": step["StepStatus"],
                "started": step.get("StartTime"),
                "ended": step.get("EndTime"),
                "job": next(
                    (one["Arn"] for one in step.get("Metadata", {}).values() if "Arn" in one), ""
                ),
            }
            for page in steps
            for step in page["PipelineExecutionSteps"]
        ],
    }


def _verifications(
    place: Place, environments: Sequence[EnvironmentName], package: Package, reader: Reader
) -> tuple[Document, ...]:
    """Staging's verdicts; production has none of its own, since it takes what staging verified."""
    if "staging" not in environments:
        return ()
    bucket = bucket_of(place.project, "staging")
    uri = f"s3://{bucket}/{VERIFICATIONS}{package.version}.json"
    s3 = place.at("staging").client("s3")
    found = reader.document(s3, uri, f"staging: the verification of version {package.version}")
    return (found,) if found else ()


def _monitoring(
    place: Place, environment: EnvironmentName, package: Package, reader: Reader
) -> tuple[Document, ...]:
    """The monitoring summaries of windows in which this package was judged."""
    s3 = place.at(environment).client("s3")
    bucket = bucket_of(place.project, environment)
    what = f"{environment}: monitoring reports"
    pages = reader.try_to(
        what,
        lambda: list(
            s3.get_paginator("list_objects_v2").paginate(
                Bucket=bucket, Prefix=_MONITORING, Delimiter="/"
            )
        ),
    )
    windows = [one["Prefix"] for page in pages or () for one in page.get("CommonPrefixes", ())]
    found = [
        reader.document(s3, f"s3://{bucket}/{window}summary.json", what)
        for window in sorted(windows)
    ]
    return tuple(
        one for one in found if one and one.content.get("model_package_arn") == package.arn
    )


def _card(place: Place, package: Package, reader: Reader) -> Document | None:
    """The newest model card in evidence; none is a gap."""
    bucket = bucket_of(place.project, "dev")
    found = reader.folder(
        place.registry_client("s3"), bucket, f"{CARDS}{package.version}-", "dev: model cards"
    )
    if not found:
        reader.gaps.append(f"dev: no model card of version {package.version} is recorded")
        return None
    return found[-1]


def _agree(reader: Reader, what: str, document: Document | None, stated: Any) -> None:
    if document is not None and stated and document.sha256 != stated:
        reader.problems.append(f"the {what} {document.uri} is not the one that was registered")
