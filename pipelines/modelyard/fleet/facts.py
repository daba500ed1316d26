"""What the fleet knows of each project, as accounts' lists tell it, and what is unknown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from modelyard.fleet.record import Record

Source = Literal[
    "records",
    "releases",
    "pipelines",
    "tags",
    "models",
    "endpoints",
    "metrics",
    "alarms",
    "budgets",
]


@dataclass(frozen=True)
class Model:
    """A version in the registry; `stage` is its life cycle, as `Production Approved`."""

    version: int
    approval: str
    created: datetime
    stage: str = ""


@dataclass(frozen=True)
class Pipeline:
    """The training pipeline, and what it was published with."""

    published: datetime
    last_run: datetime | None = None
    package: str | None = None
    template: str | None = None
    commit: str | None = None
    repository: str | None = None


@dataclass(frozen=True)
class Release:
    """What was released to an environment last."""

    version: int
    phase: str
    since: datetime
    reason: str = ""


@dataclass(frozen=True)
class Measured:
    """The newest value of a metric and the time it stands for."""

    value: float
    at: datetime


@dataclass(frozen=True)
class Spending:
    """What an environment has cost this month, in US dollars; None where AWS does not say yet."""

    limit: float
    actual: float
    forecast: float | None = None


@dataclass(frozen=True)
class Environment:
    """One environment of a project.

    Attributes:
        applied: when its record last changed.
        endpoint: the endpoint's status; None where there is none.
        drift, quality, heartbeat: the newest data points of monitoring's metrics.
        unknown: the reason by source that was asked and did not answer.
    """

    record: Record
    applied: datetime
    release: Release | None = None
    endpoint: str | None = None
    drift: Measured | None = None
    quality: Measured | None = None
    heartbeat: Measured | None = None
    alarms: tuple[str, ...] = ()
    spending: Spending | None = None
    unknown: Mapping[Source, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.record.environment

    @property
    def serves(self) -> bool:
        """Whether a release has reached its end here."""
        return self.release is not None and self.release.phase == "done"


@dataclass(frozen=True)
class Project:
    """One project: its environments, and what its registry knows.

    `unknown` is what the registry's account did not answer.
    """

    name: str
    registry: str
    environments: tuple[Environment, ...]
    pipeline: Pipeline | None = None
    models: tuple[Model, ...] = ()
    unknown: Mapping[Source, str] = field(default_factory=dict)

    @property
    def record(self) -> Record:
        """What holds for all environments, as the one nearest to the team says it."""
        return self.environments[0].record

    @property
    def production(self) -> Environment | None:
        """The environment that serves the public, or what is nearest to it."""
        released = [one for one in self.environments if one.release]
        return released[-1] if released else None

    @property
    def spent(self) -> float | None:
        """This month's costs of all environments; None where one of them is not known."""
        known = [one.spending.actual for one in self.environments if one.spending]
        return sum(known) if known and len(known) == len(self.environments) else None

    @property
    def last_release(self) -> datetime | None:
        return max((one.release.since for one in self.environments if one.release), default=None)

    @property
    def last_sign(self) -> datetime | None:
        """When the project was last worked with: a run, a model, a release, a judged window."""
        signs = [one.created for one in self.models]
        signs += [one.release.since for one in self.environments if one.release]
        signs += [one.drift.at for one in self.environments if one.drift]
        signs += [one.quality.at for one in self.environments if one.quality]
        if self.pipeline:
            signs.append(self.pipeline.published)
            signs += [self.pipeline.last_run] if self.pipeline.last_run else []
        return max(signs, default=None)
