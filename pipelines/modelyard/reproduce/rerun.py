"""Repeats a build where it was made: the same pipeline, with the recorded image and commit.

For data and keys that no person reads. The pipeline reads what the bucket holds now, so it can only
repeat what has not changed; and whatever it builds is registered, pending like any other version.
"""

from collections.abc import Callable

from modelyard import registry, runs
from modelyard.aws import Place
from modelyard.definition import pipeline_name
from modelyard.reproduce import record
from modelyard.reproduce.rebuild import Rebuilt
from modelyard.reproduce.record import Build, ReproductionError


def rerun(place: Place, build: Build, tell: Callable[[str], None]) -> Rebuilt:
    """Runs the pipeline to its end; ReproductionError when it failed or read other data."""
    image = f"{place.workspace().repository_uri}@{build.image_digest}"
    pinned = {"ImageUri": image, "CodeCommit": build.commit}
    arn = runs.start(place, pipeline_name(place.project), pinned)
    tell(f"  started {arn}")
    *_, execution = runs.follow(place, arn)
    if execution.model_package_arn is None:
        failed = "; ".join(f"{step.name}: {step.reason}" for step in execution.failed_steps)
        raise ReproductionError(
            f"the repeated run {execution.status.lower()} and registered nothing: "
            f"{failed or execution.reason or arn}"
        )
    package = registry.describe(place, execution.model_package_arn)
    tell(f"  registered as version {package.version}, pending: reject it when you are done")
    again = record.read(place, package)
    _require_same_data(build, again)
    return Rebuilt(again.splits, again.model_sha256, again.metrics, again.training)


def _require_same_data(build: Build, again: Build) -> None:
    before, now = ({one.sha256 for one in made.sources} for made in (build, again))
    if before != now:
        raise ReproductionError(
            f"the repeated run (version {again.package.version}, pending: reject it) read other "
            f"data than version {build.package.version}: the bucket's newest files are not the "
            "recorded versions any more; let a data steward repeat it without --as-pipeline"
        )
