"""Which instance types a project may use: the lists that its policies enforce, asked early."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

import policies
from modelyard.project import Project
from policies import documents, landscape

_KEY = "sagemaker:InstanceTypes"
_STUDIO = "instances.json"


@lru_cache(maxsize=8)
def granted(persona: str, environment: str, action: str) -> tuple[str, ...]:
    """The patterns with which a persona's documents allow an action."""
    place = landscape.Place("project", environment, "0" * 12, "us-east-1")
    rendered = documents.render_permissions(persona, landscape.placeholder_values(place, place))
    found = [
        pattern
        for document in rendered
        for statement in document["Statement"]
        if statement["Effect"] == "Allow" and action in _list(statement["Action"])
        for condition in statement.get("Condition", {}).values()
        for pattern in _list(condition.get(_KEY, []))
        if pattern.startswith("ml.")
    ]
    return tuple(dict.fromkeys(found))


def of_studio(project: Project) -> tuple[str, ...]:
    """What Studio offers, by risk tier; with a small budget in dev, only the smallest family."""
    lists = json.loads((Path(policies.__file__).parent / _STUDIO).read_text(encoding="utf-8"))
    small = lists["studio_below_monthly_budget"]
    if project.environments["dev"].monthly_budget < small["usd"]:
        return tuple(small["types"])
    return tuple(lists["studio"][project.risk.tier])


def problems(project: Project, environment: str) -> Iterator[tuple[str, str]]:
    """Instance types of project.yaml that the policies would refuse, as (key, what to do)."""
    if environment == "dev":
        jobs = granted("pipeline", environment, "sagemaker:CreateTrainingJob")
        yield from _problem("training.instance_type", project.training.instance_type, jobs)
    else:
        serving = granted("deployer", environment, "sagemaker:CreateEndpointConfig")
        yield from _problem("serving.instance_type", project.serving.instance_type, serving)
        watching = granted("monitor", environment, "sagemaker:CreateProcessingJob")
        yield from _problem("monitoring.instance_type", project.monitoring.instance_type, watching)


def matches(instance_type: str, patterns: tuple[str, ...]) -> bool:
    """Whether a type is on a list."""
    return any(fnmatchcase(instance_type, pattern) for pattern in patterns)


def _problem(key: str, stated: str, allowed: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if not matches(stated, allowed):
        yield key, f"'{stated}' is not on the platform's list; choose from {', '.join(allowed)}"


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
