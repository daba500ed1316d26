"""What a guardrail is: a control in plain language and a pure function that finds breaches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from policies.guardrails.resource import Estate, Resource


class Severity(Enum):
    """How bad a breach is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


Check = Callable[[Resource, Estate], Iterable[str]]


@dataclass(frozen=True)
class Rule:
    """One guardrail.

    Attributes:
        id: its name everywhere: findings, exemptions, the policy pack.
        control: what holds, in plain language.
        rationale: what goes wrong without it.
        remedy: how to mend a breach.
        references: the framework requirements it serves.
        effective: the first day on which a breach stops a deployment; before, it is told.
        types: the resource types it looks at; empty for all of AWS's.
        check: yields a sentence about the resource for each breach.
        across: those of its types for which it must see the other resources of the stack.
    """

    id: str
    control: str
    severity: Severity
    owner: str
    rationale: str
    remedy: str
    references: tuple[str, ...]
    effective: date
    types: frozenset[str]
    check: Check
    across: frozenset[str] = frozenset()

    def in_force(self, today: date) -> bool:
        """Whether a breach stops a deployment already."""
        return self.effective <= today

    def concerns(self, resource: Resource) -> bool:
        """Whether it looks at such a resource."""
        return resource.type in self.types if self.types else resource.type.startswith("aws:")


@dataclass(frozen=True)
class Finding:
    """A breach of a rule by a resource."""

    rule: Rule
    resource: Resource
    sentence: str
