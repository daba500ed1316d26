"""A project's facts as people read them, the same in the terminal and on the page."""

from datetime import datetime

from modelyard.fleet.facts import Environment, Measured, Project, Source
from modelyard.fleet.sources import NOT_STATED
from modelyard.fleet.versions import distance

UNKNOWN, NOTHING = "?", "-"


def package(project: Project, newest: str) -> str:
    """The package's version and how far it lags."""
    return _version(project, project.pipeline.package if project.pipeline else None, newest)


def template(project: Project, newest: str) -> str:
    """The template's version and how far it lags; an adopted repo follows none."""
    if project.pipeline and project.pipeline.template == NOT_STATED:
        return "none"
    return _version(project, project.pipeline.template if project.pipeline else None, newest)


def models(project: Project, now: datetime) -> str:
    """How many versions, and the age of the newest."""
    if "models" in project.unknown:
        return UNKNOWN
    if not project.models:
        return NOTHING
    return f"{len(project.models)}, newest {age(project.models[-1].created, now)}"


def served(project: Project, now: datetime) -> str:
    """What serves where it matters most, and for how long."""
    one = project.production
    if one is None or one.release is None:
        return _lacking(project, "releases")
    phase = "" if one.serves else f" {one.release.phase}"
    return f"{one.name} v{one.release.version}{phase} {age(one.release.since, now)}"


def drift(project: Project) -> str:
    """The newest drift of what serves."""
    one = project.production
    if one is None:
        return _lacking(project, "metrics")
    return UNKNOWN if "metrics" in one.unknown else _measured(one.drift)


def is_drifted(environment: Environment | None) -> bool:
    """Whether the newest drift is above what the project allows."""
    found = environment.drift if environment else None
    return bool(environment and found and found.value > environment.record.drift_limit)


def alarms(project: Project) -> str:
    """The alarms that rage, with their environment."""
    raging = [f"{one.name} {name}" for one in project.environments for name in one.alarms]
    return ", ".join(raging) or _lacking(project, "alarms")


def cost(project: Project) -> str:
    """This month's dollars of all environments and what they may be."""
    limit = sum(one.spending.limit for one in project.environments if one.spending)
    if project.spent is None:
        return _lacking(project, "budgets")
    return f"{project.spent:,.0f} of {limit:,.0f}"


def last_release(project: Project) -> str:
    """The day of the newest release."""
    return f"{project.last_release:%Y-%m-%d}" if project.last_release else _lacking(
        project, "releases"
    )  # fmt: skip


def last_run(project: Project) -> str:
    """The day of the newest run of the training pipeline."""
    if "pipelines" in project.unknown:
        return UNKNOWN
    ran = project.pipeline.last_run if project.pipeline else None
    return f"{ran:%Y-%m-%d}" if ran else NOTHING


def age(since: datetime, now: datetime) -> str:
    """How long ago, in days, or in hours of the first two days."""
    hours = max(0, int((now - since).total_seconds() // 3600))
    return f"{hours // 24} d" if hours >= 48 else f"{hours} h"


def _version(project: Project, stated: str | None, newest: str) -> str:
    if "tags" in project.unknown or "pipelines" in project.unknown:
        return UNKNOWN
    if project.pipeline is None:
        return NOTHING
    if not stated:
        return "not stated"
    far = distance(stated, newest)
    return f"{stated} (-{far[0]} {far[1]})" if far else stated


def _measured(found: Measured | None) -> str:
    return f"{found.value:.3f}" if found else NOTHING


def _lacking(project: Project, source: Source) -> str:
    """Nothing is there, or nothing is known."""
    unknown = any(source in one.unknown for one in project.environments)
    return UNKNOWN if unknown else NOTHING
