"""Only instance types that some persona may use."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from policies.guardrails.resource import Estate, NotKnownError, Resource
from policies.guardrails.rule import Rule, Severity

_PERSONAS: Final = Path(__file__).parents[2] / "personas"
_KEY: Final = "sagemaker:InstanceTypes"
_DOMAIN: Final = "aws:sagemaker/domain:Domain"
_PROFILE: Final = "aws:sagemaker/userProfile:UserProfile"
_SPACE: Final = "aws:sagemaker/space:Space"
_APP: Final = "aws:sagemaker/app:App"
_CONFIG: Final = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
_TRAINING: Final = "aws:sagemaker/trainingJob:TrainingJob"
_PARAMETER: Final = "aws:ssm/parameter:Parameter"
# Studio's own server runs on what AWS calls "system", at no cost.
_STUDIO_SERVER: Final = "system"


def check(resource: Resource, _: Estate) -> Iterator[str]:
    """Every instance type stated anywhere in the resource, the contract's serving fact included."""
    stated = resource.properties
    if resource.type == _PARAMETER:
        stated = serving(resource)
    for instance in sorted(set(_types(stated))):
        if not any(fnmatchcase(instance, pattern) for pattern in allowed()):
            yield f"instance type {instance} is not on the list"


@lru_cache(maxsize=1)
def allowed() -> frozenset[str]:
    """The patterns of the persona documents: the one place that says which types exist for us."""
    patterns = {_STUDIO_SERVER}
    for file in _PERSONAS.glob("*.json"):
        for statement in json.loads(file.read_text())["Statement"]:
            for tests in statement.get("Condition", {}).values():
                named = tests.get(_KEY, ())
                patterns |= {named} if isinstance(named, str) else set(named)
    return frozenset(patterns - {"true", "false"})


def serving(parameter: Resource) -> Mapping[str, Any]:
    """What the contract's serving fact says; nothing for any other parameter."""
    if not parameter.text("name").endswith("/serving"):
        return {}
    text = parameter.value("insecureValue") or parameter.value("value")
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        raise NotKnownError("value") from None
    return found if isinstance(found, Mapping) else {}


def _types(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name in ("instanceType", "instance_type") and isinstance(inner, str) and inner:
                yield inner
            else:
                yield from _types(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _types(inner)


RULE = Rule(
    id="instance-allow-list",
    control="Studio, jobs and endpoints use only instance types on the reviewed list.",
    severity=Severity.MEDIUM,
    owner="platform",
    rationale="An instance type sets the price per hour and whether its disk is encrypted; an "
    "accelerator left running costs more than the model earns.",
    remedy="Choose a type the persona documents allow (sagemaker:InstanceTypes).",
    references=("ISO/IEC 42001 A.4",),
    effective=date(2026, 11, 21),
    types=frozenset({_DOMAIN, _PROFILE, _SPACE, _APP, _CONFIG, _TRAINING, _PARAMETER}),
    check=check,
)
