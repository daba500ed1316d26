"""The rules as a Pulumi policy pack: the same functions, asked by Pulumi's engine.

A rule is asked about each resource before it is made, and where it must see the others, about the
stack. Pulumi turns a rule that touches an unknown value into advice; here unknowns become values
of our own, so that the rule itself decides: what exposure depends on must be known beforehand.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy import Severity as PulumiSeverity
from pulumi_policy.proxy import UnknownValueError

from policies.exemptions import Exemption, ExemptionError, covering, load
from policies.guardrails.catalogue import all_rules
from policies.guardrails.judgement import breaches
from policies.guardrails.resource import Estate, Resource, Unknown, plain_type
from policies.guardrails.rule import Finding, Rule

NAME: Final = "modelyard-guardrails"
IN_STACK: Final = "-in-stack"
_DRY_RUN: Final = "PULUMI_DRY_RUN"


def policies() -> list[Policy]:
    """Every rule, once for resources and once for stacks where it needs to."""
    today = date.today()
    try:
        exemptions, problem = load(today), None
    except ExemptionError as error:
        exemptions, problem = (), str(error)
    found: list[Policy] = []
    for rule in all_rules():
        described: dict[str, Any] = {
            "description": rule.control,
            "severity": PulumiSeverity(rule.severity.value),
            "remediation_steps": rule.remedy,
            "tags": list(rule.references),
            "framework": PolicyComplianceFramework("Modelyard controls", reference=rule.id),
            "enforcement_level": (
                EnforcementLevel.MANDATORY if rule.in_force(today) else EnforcementLevel.ADVISORY
            ),
        }
        if not rule.types or rule.types - rule.across:
            each = partial(_judge_resource, rule, exemptions)
            found.append(ResourceValidationPolicy(rule.id, validate=each, **described))
        if rule.across:
            whole = partial(_judge_stack, rule, exemptions)
            found.append(StackValidationPolicy(rule.id + IN_STACK, validate=whole, **described))
    if problem:
        found.append(_broken_exemptions(problem))
    return found


def _broken_exemptions(problem: str) -> Policy:
    """Exemptions that cannot be relied on stop every deployment, in one line."""

    def report(_: StackValidationArgs, report_violation: ReportViolation) -> None:
        report_violation(problem, None)

    return StackValidationPolicy(
        "exemptions", "Exemptions from guardrails are complete and in date.", validate=report
    )


def _judge_resource(
    rule: Rule,
    exemptions: Sequence[Exemption],
    args: ResourceValidationArgs,
    report: ReportViolation,
) -> None:
    if rule.types and plain_type(args.resource_type) not in rule.types - rule.across:
        return
    resource = _resource(args, args.resource_type)
    _report(breaches(rule, resource, Estate((resource,))), exemptions, report)


def _judge_stack(
    rule: Rule, exemptions: Sequence[Exemption], args: StackValidationArgs, report: ReportViolation
) -> None:
    estate = Estate(tuple(_resource(each, each.resource_type) for each in args.resources))
    for resource in estate.of(*sorted(rule.across)):
        _report(breaches(rule, resource, estate), exemptions, report)


def _report(
    findings: Iterable[Finding], exemptions: Sequence[Exemption], report: ReportViolation
) -> None:
    for finding in findings:
        if covering(exemptions, finding.rule.id, finding.resource.urn) is None:
            message = f"{finding.resource.name}: {finding.sentence}. {finding.rule.remedy}"
            report(message, finding.resource.urn)


def _resource(args: ResourceValidationArgs | PolicyResource, type_: str) -> Resource:
    later = os.environ.get(_DRY_RUN) == "true"
    parent = args.parent.urn if isinstance(args, PolicyResource) and args.parent else ""
    return Resource(
        urn=args.urn,
        type=plain_type(type_),
        name=args.name,
        properties={name: _plain(args.props, name, later) for name in args.props},
        protect=args.opts.protect,
        parent=parent or args.opts.parent or "",
    )


def _plain(holder: Any, key: str | int, later: bool) -> Any:
    """A value without Pulumi's proxies; reading an unknown one raises, hence the holder."""
    try:
        value = holder[key]
    except UnknownValueError:
        return Unknown(later)
    if isinstance(value, Mapping):
        return {name: _plain(value, name, later) for name in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(value, index, later) for index in range(len(value))]
    return int(value) if isinstance(value, float) and value.is_integer() else value
