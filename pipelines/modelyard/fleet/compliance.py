"""The rules of compliance, each a question to the facts of one project; answers are sentences."""

from collections.abc import Iterator
from datetime import timedelta

from modelyard.fleet import versions
from modelyard.fleet.facts import Environment, Model, Project
from modelyard.fleet.limits import Now
from modelyard.fleet.sources import NOT_STATED

APPROVED = "Approved"
FOR_PRODUCTION = "Production Approved"
_ANSWERING = ("InService", "Updating", "SystemUpdating", "RollingBack")
_ENDED_BADLY = ("failed", "refused", "rolled-back")


def unapproved(project: Project, now: Now) -> Iterator[str]:
    for environment, version, model in _served(project):
        if model is None:
            yield f"{environment.name} serves version {version}, which the registry does not hold"
        elif model.approval != APPROVED:
            yield f"{environment.name} serves version {version}, which is {model.approval}"
        elif environment.name == "prod" and model.stage not in ("", FOR_PRODUCTION):
            yield f"prod serves version {version}, whose stage is {model.stage}"


def unwatched(project: Project, now: Now) -> Iterator[str]:
    allowed = timedelta(days=now.limits.silent_days)
    for one in project.environments:
        if not one.serves or one.release is None or now.past(one.release.since) < allowed:
            continue
        if one.heartbeat is None:
            yield f"{one.name} serves and was never monitored"
        # A day's data point stands for its beginning.
        elif now.past(one.heartbeat.at) >= allowed + timedelta(days=1):
            yield f"{one.name} was last monitored {now.past(one.heartbeat.at).days} days ago"


def broken_endpoint(project: Project, now: Now) -> Iterator[str]:
    for one in project.environments:
        if one.serves and one.record.mode != "batch" and one.endpoint not in _ANSWERING:
            yield f"{one.name}: the endpoint is {one.endpoint or 'gone'}"


def stuck(project: Project, now: Now) -> Iterator[str]:
    for one in project.environments:
        release = one.release
        if release is None or release.phase not in _ENDED_BADLY:
            continue
        days = now.past(release.since).days
        if days >= now.limits.stuck_days:
            yield (
                f"{one.name}: the release of version {release.version} ended {days} days ago "
                f"as {release.phase}, and nothing followed"
            )


def incomplete_card(project: Project, now: Now) -> Iterator[str]:
    record = project.record
    if record.risk == "high" and record.card_gaps:
        yield f"of high risk, and project.yaml does not state {', '.join(record.card_gaps)}"


def over_budget(project: Project, now: Now) -> Iterator[str]:
    for one in project.environments:
        if one.spending is None:
            yield f"{one.name} has no budget"
        elif one.spending.actual > one.spending.limit:
            yield (
                f"{one.name} has cost {one.spending.actual:,.0f} USD this month "
                f"of {one.spending.limit:,.0f}"
            )


def old_package(project: Project, now: Now) -> Iterator[str]:
    if project.pipeline:
        yield from _old("the pipeline was published with modelyard", project.pipeline.package, now)


def old_template(project: Project, now: Now) -> Iterator[str]:
    """A repo that was adopted, not generated, follows no template: it says so."""
    if project.pipeline and project.pipeline.template != NOT_STATED:
        yield from _old("the model repo follows template", project.pipeline.template, now)


def old_workspace(project: Project, now: Now) -> Iterator[str]:
    for one in project.environments:
        yield from _old(f"{one.name} was applied by modelyard", one.record.modelyard, now)


def superseded(project: Project, now: Now) -> Iterator[str]:
    for environment, version, _ in _served(project):
        newer = [
            one
            for one in project.models
            if one.version > version
            and one.approval == APPROVED
            and (environment.name != "prod" or one.stage == FOR_PRODUCTION)
            and now.past(one.created).days >= now.limits.stuck_days
        ]
        if newer:
            yield (
                f"{environment.name} serves version {version}; version {newer[-1].version}, "
                f"{now.past(newer[-1].created).days} days old, is approved for it"
            )


def old_model(project: Project, now: Now) -> Iterator[str]:
    for environment, version, model in _served(project):
        if model and now.past(model.created).days > now.limits.model_days:
            days = now.past(model.created).days
            yield f"{environment.name} serves version {version}, which is {days} days old"


def _served(project: Project) -> Iterator[tuple[Environment, int, Model | None]]:
    versions_by_number = {one.version: one for one in project.models}
    for one in project.environments:
        if one.serves and one.release:
            number = one.release.version
            yield one, number, versions_by_number.get(number)


def _old(what: str, stated: str | None, now: Now) -> Iterator[str]:
    if not stated:
        yield f"{what} of an unknown version"
    elif versions.parse(stated) is None:
        yield f"{what} '{stated}', which is no version"
    elif versions.behind(stated, now.package, now.limits.minor_versions):
        yield f"{what} {stated}, {versions.lag(stated, now.package)}"
