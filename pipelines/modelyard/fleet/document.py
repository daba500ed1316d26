"""The fleet as one JSON document: everything that is known, for other programs."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from modelyard.fleet.facts import Environment, Measured, Project
from modelyard.fleet.report import Report
from modelyard.fleet.rules import KINDS, Verdict
from modelyard.fleet.sources import NOT_STATED
from modelyard.fleet.versions import lag

VERSION = 1


def document(report: Report) -> dict[str, Any]:
    """The report; times are ISO 8601 in UTC, money US dollars of this month."""
    fleet = report.fleet
    return {
        "document": VERSION,
        "asked": _time(fleet.asked),
        "modelyard": fleet.package,
        "accounts": list(fleet.accounts),
        "limits": asdict(report.limits),
        "counts": {
            "projects": len(report.verdicts),
            **{kind: report.having(kind) for kind in KINDS},
        },
        "not_known": [asdict(gap) for gap in fleet.gaps],
        "projects": [_project(one, fleet.package) for one in report.verdicts],
    }


def _project(verdict: Verdict, newest: str) -> dict[str, Any]:
    project, record, pipeline = verdict.project, verdict.project.record, verdict.project.pipeline
    return {
        "name": project.name,
        "owner": record.owner,
        "cost_center": record.cost_center,
        "risk": record.risk,
        "registry": project.registry,
        "package": pipeline.package if pipeline else None,
        "package_behind": lag(pipeline.package, newest) if pipeline else "",
        "template": pipeline.template if pipeline else None,
        "template_behind": lag(pipeline.template, newest) if pipeline else "",
        "template_commit": pipeline.commit if pipeline else None,
        "repository": _repository(project),
        "published": _time(pipeline.published) if pipeline else None,
        "last_run": _time(pipeline.last_run) if pipeline else None,
        "last_release": _time(project.last_release),
        "last_sign": _time(project.last_sign),
        "usd": project.spent,
        "models": [{**asdict(one), "created": _time(one.created)} for one in project.models],
        "environments": {one.name: _environment(one) for one in project.environments},
        "findings": [
            {
                "rule": found.rule.name,
                "kind": found.rule.kind,
                "sentence": found.sentence,
                "fix": found.rule.fix,
                "control": found.rule.control or None,
            }
            for found in verdict.findings
        ],
        "unjudged": dict(verdict.unjudged),
        "not_known": dict(project.unknown),
    }


def _repository(project: Project) -> str | None:
    """Where the repo can be cloned: `modelyard fleet upgrade` reads it here."""
    stated = project.pipeline.repository if project.pipeline else None
    return None if stated == NOT_STATED else stated


def _environment(one: Environment) -> dict[str, Any]:
    release = one.release
    return {
        "account": one.record.account,
        "region": one.record.region,
        "mode": one.record.mode,
        "modelyard": one.record.modelyard,
        "applied": _time(one.applied),
        "release": {**asdict(release), "since": _time(release.since)} if release else None,
        "endpoint": one.endpoint,
        "drift": _measured(one.drift),
        "drift_limit": one.record.drift_limit,
        "quality": _measured(one.quality),
        "monitored": _time(one.heartbeat.at) if one.heartbeat else None,
        "alarms": list(one.alarms),
        "spending": asdict(one.spending) if one.spending else None,
        "not_known": dict(one.unknown),
    }


def _measured(found: Measured | None) -> dict[str, Any] | None:
    return {"value": found.value, "at": _time(found.at)} if found else None


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
