"""The report of one project as data: access, duties, guardrails, controls, and what differs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from modelyard.pages.words import counted
from modelyard.project import Project
from policies.controls import FAMILIES, Control, by_number, family, requirements
from policies.duties import Duty
from policies.exemptions import Exemption
from policies.guardrails.catalogue import all_rules
from policies.guardrails.judgement import Judgement
from policies.guardrails.resource import Resource
from policies.guardrails.rule import Rule
from policies.matrix_pages import TITLES
from policies.verdicts import Line, Verdict, number

SCHEMA_VERSION: Final = 1
_LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_LOCK: Final = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"


@dataclass(frozen=True)
class Judged:
    """One environment as the guardrails see it."""

    environment: str
    resources: tuple[Resource, ...]
    judgement: Judgement

    def counts(self, rule: Rule) -> dict[str, int]:
        """How many resources the rule judged, and how many breach it or are excused."""
        return {
            "judged": sum(rule.concerns(each) for each in self.resources),
            "findings": sum(each.rule is rule for each in self.judgement.findings),
            "exempt": sum(each.finding.rule is rule for each in self.judgement.excused),
        }


@dataclass(frozen=True)
class Material:
    """What a report is made of.

    Attributes:
        judged_by: where the policies came from by which the matrix was judged.
        models: verdict and hash of each model's evidence report.
    """

    project: Project
    environments: tuple[Judged, ...]
    lines: Sequence[Line]
    judged_by: str
    duties: Sequence[Duty]
    controls: tuple[Control, ...]
    exemptions: tuple[Exemption, ...]
    provenance: Mapping[str, Any]
    models: Sequence[Mapping[str, Any]] = ()


def document(material: Material) -> dict[str, Any]:
    """Plain JSON values, the same for the same material."""
    found = {
        "schema_version": SCHEMA_VERSION,
        "kind": "project",
        "project": _project(material.project),
        "provenance": material.provenance,
        "matrix": _matrix(material),
        "duties": [
            {"id": one.id, "promise": one.promise, "breaches": list(one.breaches)}
            for one in material.duties
        ],
        "guardrails": _guardrails(material),
        "findings": [*_findings(material)],
        "exemptions": _exemptions(material),
        "controls": _controls(material.controls),
        "frameworks": _frameworks(material.controls),
        "retention": [*_retention(material)],
        "models": list(material.models),
    }
    return dict(json.loads(json.dumps({**found, "verdict": _verdict(found)}, default=str)))


def written(found: Mapping[str, Any]) -> str:
    """report.json: sorted keys, no clock."""
    return json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def _project(project: Project) -> dict[str, Any]:
    return {
        "name": project.name,
        "title": project.title,
        "owner": project.owner,
        "tier": project.risk.tier,
        "decision": project.risk.decision,
        "team": {persona: list(people) for persona, people in project.team.items()},
        "environments": {
            name: {"account": one.account, "region": one.region}
            for name, one in project.environments.items()
        },
    }


def _verdict(found: Mapping[str, Any]) -> dict[str, Any]:
    broken = len(found["matrix"]["broken"])
    breached = sum(bool(one["breaches"]) for one in found["duties"])
    findings = len(found["findings"])
    named = [one["environment"] for one in found["guardrails"]["environments"]]
    parts = [
        f"{counted(found['matrix']['promises'], 'promise')} of access, {broken} broken",
        f"{counted(len(found['duties']), 'separation')} of duty, {breached} breached",
        f"{counted(len(found['guardrails']['rules']), 'guardrail')} against "
        f"{', '.join(named)}, {counted(findings, 'finding')}",
        f"{counted(len(found['exemptions']), 'exemption')} in force",
        counted(len(found["controls"]), "control"),
    ]
    wrong = bool(broken or breached or findings)
    return {
        "state": "critical" if wrong else "ok",
        "sentence": "; ".join(parts),
        "clean": not wrong,
    }


def _matrix(material: Material) -> dict[str, Any]:
    cells = [one for line in material.lines for one in line.verdicts.values()]
    rows: dict[int, list[Verdict]] = {}
    for one in cells:
        rows.setdefault(number(one.cell.row), []).append(one)
    return {
        "judged_by": material.judged_by,
        "promises": len(cells),
        "broken": [
            {
                "row": one.cell.row,
                "persona": one.cell.persona,
                "environment": one.cell.environment,
                "action": one.cell.action,
                "promised": "allow" if one.cell.allowed else "deny",
                "decided": one.decision.reason,
            }
            for one in cells
            if not one.kept
        ],
        "rows": [_row(row, asked, material) for row, asked in sorted(rows.items())],
    }


def _row(row: int, asked: Sequence[Verdict], material: Material) -> dict[str, Any]:
    """Who is allowed what of a row's requests, by environment, as `allowed of asked`."""
    return {
        "row": row,
        "title": TITLES[row],
        "promises": len(asked),
        "broken": sum(not one.kept for one in asked),
        "allowed": {
            name: _allowed([one for one in asked if one.cell.environment == name])
            for name in material.project.environments
        },
    }


def _allowed(asked: Sequence[Verdict]) -> dict[str, str]:
    counts = Counter(one.cell.persona for one in asked)
    allowed = Counter(one.cell.persona for one in asked if one.decision.allowed)
    return {name: f"{allowed[name]} of {counts[name]}" for name in sorted(allowed)}


def _guardrails(material: Material) -> dict[str, Any]:
    return {
        "rules": [
            {
                "id": rule.id,
                "control": rule.control,
                "rationale": rule.rationale,
                "severity": rule.severity.value,
                "effective": str(rule.effective),
                "answers": {one.environment: one.counts(rule) for one in material.environments},
            }
            for rule in all_rules()
        ],
        "environments": [
            {
                "environment": one.environment,
                "resources": len(one.resources),
                "findings": len(one.judgement.findings),
                "exempt": len(one.judgement.excused),
            }
            for one in material.environments
        ],
    }


def _findings(material: Material) -> Iterator[dict[str, str]]:
    for judged in material.environments:
        for each in judged.judgement.findings:
            yield {
                "environment": judged.environment,
                "rule": each.rule.id,
                "resource": each.resource.name,
                "sentence": each.sentence,
                "remedy": each.rule.remedy,
            }


def _exemptions(material: Material) -> list[dict[str, Any]]:
    """Every exemption on the list, and how many resources it excuses here."""
    used = [each.exemption for one in material.environments for each in one.judgement.excused]
    return [
        {
            "rule": one.id,
            "resource": one.resource,
            "reason": " ".join(one.reason.split()),
            "owner": one.owner,
            "approver": one.approver,
            "expiry": str(one.expiry),
            "excuses": sum(each == one for each in used),
        }
        for one in material.exemptions
    ]


def _controls(controls: Sequence[Control]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "control": one.control,
            "owner": one.owner,
            "rules": list(one.rules),
            "enforced": [{"by": each.by, "where": each.where} for each in one.enforced],
            "tests": list(one.tests),
            "frameworks": list(one.frameworks),
        }
        for one in controls
    ]


def _frameworks(controls: Sequence[Control]) -> list[dict[str, Any]]:
    """Each framework's requirements that we serve, with the controls that serve them."""
    titles = requirements()
    cited = sorted({each for one in controls for each in one.frameworks}, key=by_number)
    return [
        {
            "framework": name,
            "requirements": [
                {
                    "reference": reference,
                    "title": titles.get(reference, ""),
                    "controls": [one.id for one in controls if reference in one.frameworks],
                }
                for reference in cited
                if family(reference) == name
            ],
        }
        for name in FAMILIES
    ]


def _retention(material: Material) -> Iterator[dict[str, Any]]:
    """How long logs and evidence are kept, by what is rendered."""
    for judged in material.environments:
        for each in judged.resources:
            if each.type == _LOG_GROUP:
                days, kind = each.properties.get("retentionInDays"), "log"
                name = each.properties.get("name")
            elif each.type == _LOCK:
                rule = (each.properties.get("rule") or {}).get("defaultRetention") or {}
                days, kind = rule.get("days"), f"Object Lock, {str(rule.get('mode')).lower()}"
                name = each.properties.get("bucket")
            else:
                continue
            known = days if isinstance(days, int | float) else None
            yield {
                "environment": judged.environment,
                "kind": kind,
                "name": str(name or each.name),
                "days": None if known is None else int(known),
            }
