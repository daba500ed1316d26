"""The fleet: every project that the accounts tell of, put together from their lists."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from modelyard.fleet import gather
from modelyard.fleet.account import Doors
from modelyard.fleet.facts import Environment, Project, Source
from modelyard.fleet.gather import Answers
from modelyard.fleet.metrics import METRICS
from modelyard.fleet.record import Record
from modelyard.fleet.sources import TAGS
from modelyard.project import ENVIRONMENTS

OF_REGISTRY: tuple[Source, ...] = ("pipelines", "tags", "models")
OF_ENVIRONMENT: tuple[Source, ...] = ("releases", "endpoints", "metrics", "alarms", "budgets")


@dataclass(frozen=True)
class Gap:
    """Something that could not be known, where, and why."""

    place: str
    what: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}: {self.reason}"


@dataclass(frozen=True)
class Fleet:
    """All projects at one moment.

    Attributes:
        package: the version everything is compared with: the newest that this command knows.
        accounts: where it was asked.
        gaps: what could not be known.
    """

    asked: datetime
    package: str
    accounts: tuple[str, ...]
    projects: tuple[Project, ...]
    gaps: tuple[Gap, ...]


def read(doors: Doors, now: datetime, package: str, days: int, threads: int) -> Fleet:
    """The fleet of these accounts."""
    heard = gather.ask(doors.accounts, now, days, threads)
    closed = [Gap(f"--profile {one}", "its account", why) for one, why in doors.closed.items()]
    gaps = (*closed, *_gaps(heard))
    return Fleet(now, package, tuple(sorted(heard)), tuple(projects(heard)), gaps)


def projects(heard: Mapping[str, Answers]) -> Iterator[Project]:
    """The projects by name; two of one name are told apart by where their models are registered."""
    together: dict[tuple[str, str], list[Environment]] = defaultdict(list)
    for answers in heard.values():
        for told in answers.records:
            if told.record:
                key = (told.record.project, _registry(told.record))
                together[key].append(_environment(told.record, told.applied, answers))
    for (name, registry), found in sorted(together.items()):
        ordered = sorted(found, key=lambda one: ENVIRONMENTS.index(one.record.environment))
        project = Project(name, registry, tuple(ordered))
        yield _with_registry(project, heard.get(registry))


def _with_registry(project: Project, answers: Answers | None) -> Project:
    if answers is None:
        reason = f"{project.registry} was not asked; add its --profile and --region"
        return replace(project, unknown=dict.fromkeys(OF_REGISTRY, reason))
    pipeline = answers.of("pipelines").get(project.name)
    tags = answers.of("tags").get(project.name, {})
    if pipeline:
        stated = {name: tags.get(tag) for name, tag in TAGS.items()}
        pipeline = replace(pipeline, **stated)
    return replace(
        project,
        pipeline=pipeline,
        models=answers.of("models").get(project.name, ()),
        unknown={one: answers.unknown[one] for one in OF_REGISTRY if one in answers.unknown},
    )


def _environment(record: Record, applied: datetime, answers: Answers) -> Environment:
    key, prefix = (record.project, record.environment), f"{record.project}-{record.environment}"
    found = {name: answers.measured.get((key, name)) for name in METRICS}
    return Environment(
        record=record,
        applied=applied,
        release=answers.of("releases").get(key),
        endpoint=answers.of("endpoints").get(prefix),
        drift=found["drift"],
        quality=found["quality"],
        heartbeat=found["heartbeat"],
        alarms=answers.of("alarms").get(key, ()),
        spending=answers.of("budgets").get(prefix),
        unknown={one: answers.unknown[one] for one in OF_ENVIRONMENT if one in answers.unknown},
    )


def _gaps(heard: Mapping[str, Answers]) -> Iterator[Gap]:
    for place, answers in sorted(heard.items()):
        for source, reason in sorted(answers.unknown.items()):
            yield Gap(place, source, reason)
        for told in answers.records:
            if told.broken:
                yield Gap(place, "a record", told.broken)


def _registry(record: Record) -> str:
    return f"{record.registry_account}/{record.registry_region}"
