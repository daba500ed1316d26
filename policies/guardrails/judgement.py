"""Judges an estate by the rules: what breaches them, and what is excused from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from policies.exemptions import Exemption, covering
from policies.guardrails.resource import Estate, NotKnownError, NotYetError, Resource
from policies.guardrails.rule import Finding, Rule


@dataclass(frozen=True)
class Excused:
    """A breach that a reviewed exemption covers."""

    finding: Finding
    exemption: Exemption


@dataclass(frozen=True)
class Judgement:
    """Breaches that stand, those that are excused, and those of rules not in force yet."""

    findings: tuple[Finding, ...]
    excused: tuple[Excused, ...]
    announced: tuple[Finding, ...] = ()


def judge(
    resources: Iterable[Resource],
    rules: Iterable[Rule],
    exemptions: Iterable[Exemption] = (),
    today: date = date.max,
) -> Judgement:
    """Every rule over every resource that it concerns; all are in force where no day is given."""
    estate, reviewed = Estate(tuple(resources)), tuple(exemptions)
    findings, excused, announced = [], [], []
    for rule in rules:
        for resource in estate.resources:
            for finding in breaches(rule, resource, estate):
                exemption = covering(reviewed, rule.id, resource.urn)
                if exemption is not None:
                    excused.append(Excused(finding, exemption))
                elif rule.in_force(today):
                    findings.append(finding)
                else:
                    announced.append(finding)
    return Judgement(tuple(findings), tuple(excused), tuple(announced))


def breaches(rule: Rule, resource: Resource, estate: Estate) -> Iterator[Finding]:
    """The breaches of one rule by one resource; what cannot be known counts as one."""
    if not rule.concerns(resource):
        return
    try:
        for sentence in rule.check(resource, estate):
            yield Finding(rule, resource, sentence)
    except NotKnownError as error:
        yield Finding(
            rule,
            resource,
            f"{error.what} is not known before the resource is made, so nothing can vouch for it",
        )
    except NotYetError:
        return
