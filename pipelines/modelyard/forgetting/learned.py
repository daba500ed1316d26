"""Which models learned from a person: by law somebody has to decide what becomes of them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import ClientError

from modelyard import registry
from modelyard.aws import Place
from modelyard.forgetting.objects import Removal
from modelyard.functions.live import look, version_of

PREPARED = re.compile(r"^runs/([^/]+)/prepare/(train|validation|test)/")
_MANIFEST = re.compile(r"^s3://[^/]+/runs/([^/]+)/")


@dataclass(frozen=True)
class Learned:
    """A registered model whose data held the person.

    Attributes:
        splits: where the person's rows were: a model learns from train, is judged by the others.
        answering: endpoints that answer with this model now.
    """

    version: int
    arn: str
    splits: tuple[str, ...]
    status: str
    production: str
    answering: tuple[str, ...] = ()

    @property
    def document(self) -> dict[str, Any]:
        """As a proof states it."""
        return asdict(self)

    @property
    def sentence(self) -> str:
        """What somebody has to decide about."""
        state = f"{self.status}, production: {self.production or 'undecided'}"
        live = f"; answers now as {', '.join(self.answering)}" if self.answering else ""
        return f"version {self.version} ({', '.join(self.splits)}): {state}{live}"


def learned(place: Place, removals: Iterable[Removal]) -> list[Learned]:
    """The registered models of the runs in whose prepared rows the person was."""
    splits: dict[str, set[str]] = {}
    for removal in removals:
        if found := PREPARED.match(removal.key):
            splits.setdefault(found[1], set()).add(found[2])
    if not splits:
        return []
    models = []
    for summary in registry.summaries(place):
        package = registry.describe(place, summary["ModelPackageArn"])
        run = _MANIFEST.match(package.metadata.get("dataset_manifest", ""))
        if run and run[1] in splits:
            models.append(
                Learned(
                    package.version,
                    package.arn,
                    tuple(sorted(splits[run[1]])),
                    package.status,
                    package.production,
                )
            )
    return models


def answering(place: Place, missed: list[str]) -> Mapping[int, Sequence[str]]:
    """The endpoints that answer now, by the version of their model; adds what it cannot see."""
    found: dict[int, list[str]] = {}
    for environment in ("staging", "prod"):
        endpoint = f"{place.project.name}-{environment}"
        facts = {"project": place.project.name, "environment": environment}
        try:
            live = look(place.at(environment).client("sagemaker"), endpoint)
        except ClientError as error:
            missed.append(f"endpoint {endpoint}: {error.response['Error']['Code']}")
            continue
        version = version_of(facts, live.config) if live.status else None
        if version is not None:
            found.setdefault(version, []).append(endpoint)
    return found
