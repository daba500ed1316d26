"""The page's first section: the answers that most readers come for, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelyard.pages.tables import facts, section
from modelyard.pages.words import counted, moment, number, spoken

_STATUS = {
    "PendingManualApproval": "waits for approval",
    "Approved": "approved for staging",
    "Rejected": "rejected",
}


def summary(document: Mapping[str, Any]) -> str:
    """Status, people, worth, fairness and monitoring in a line each."""
    return section("summary", "At a glance", facts("This version in a few lines", _rows(document)))


def _rows(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    model, verdict = document["model"], document["verdict"]
    status = _STATUS.get(model["status"], model["status"])
    if model["production"]:
        status += f"; production: {model['production'].lower()}"
    yield "Status in the registry", status
    yield "Built by", document["making"]["trained_by"] or "not known"
    yield "Decided by", _deciders(document)
    yield "Serves in", _serving(document)
    yield "Quality on unseen rows", _quality(document)
    yield "Fairness", _fairness(document)
    yield "Last monitoring", _watched(document)
    yield "Evidence", _trust(document)
    required = verdict["required_gaps"]
    told = f"; required of this model: {required}" if required else "; none that is required"
    yield "Missing", f"{counted(verdict['gaps'], 'gap')}{told}" if verdict["gaps"] else "nothing"


def _deciders(document: Mapping[str, Any]) -> str:
    told = [
        f"{one['user']} ({one['decision']} for {one['stage']}, {moment(str(one['time']))[:10]})"
        for one in document["approvals"]["records"]
    ]
    return "; ".join(told) or "nobody yet, as far as the records tell"


def _serving(document: Mapping[str, Any]) -> str:
    """The last phase of each environment."""
    phases = {one["environment"]: one["phase"] for one in document["releases"]["records"]}
    told = [
        name if phase == "done" else f"{name} ({phase})" for name, phase in sorted(phases.items())
    ]
    return "; ".join(told) or "no environment, as far as the records tell"


def _quality(document: Mapping[str, Any]) -> str:
    gates = document["metrics"]["gates"]
    if not gates:
        return "not known"
    named = {one["metric"] for one in gates.get("results") or ()}
    told = [
        f"{spoken(one['name'])} {number(one['value'])} "
        f"({number(one['low'], 2)} to {number(one['high'], 2)})"
        for one in document["metrics"]["metrics"]
        if one["name"] in named
    ]
    kept = "every gate is met" if gates.get("passed") else "a gate is not met"
    return "; ".join([*told, kept])


def _fairness(document: Mapping[str, Any]) -> str:
    found = document["fairness"]
    if not found["protected"]:
        return "not measured: no attribute is protected"
    gates = found["gates"]
    if gates and gates.get("needs_decision"):
        decided = "a decision is recorded" if found["decisions"] else "nobody has decided yet"
        return f"bounds are not kept, so a person must decide: {decided}"
    gaps = [
        f"{name}: {number(one['gap'])}"
        for name, one in found["attributes"].items()
        if one.get("gap") is not None
    ]
    told = f"widest gap between groups of {', '.join(gaps)}" if gaps else "not measured"
    return f"every bound is kept; {told}" if gates else told


def _watched(document: Mapping[str, Any]) -> str:
    last = {one["environment"]: one for one in document["monitoring"]}
    told = [
        f"{name}: {one['verdict']} ({moment(str(one['start']))[:10]})"
        for name, one in sorted(last.items())
    ]
    return "; ".join(told) or "no window yet"


def _trust(document: Mapping[str, Any]) -> str:
    count = counted(len(document["evidence"]), "stored object")
    if document["verdict"]["problems"]:
        return f"{count}; {counted(document['verdict']['problems'], 'disagreement')}, see Gaps"
    return f"{count}, hashed; no record was found edited, removed or out of order"
