"""What is missing (gaps) and what is there but not as it should be (deviations)."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelyard.evidence import Dossier
from modelyard.evidence_report.records import Records
from modelyard.pages.words import counted

_WITHOUT_SUCCESS = ("failed", "refused", "rolled-back", "withdrawn")


def gaps(dossier: Dossier, records: Records, unanswered: int) -> list[dict[str, Any]]:
    """A sentence each; `required` where the model's tier and stage cannot do without it.

    `unanswered` counts the points of the technical file that nobody answered yet.
    """
    told = dict.fromkeys(dossier.gaps, "")
    found = [{"sentence": one, "required": _required(one, dossier)} for one in told]
    found += [{"sentence": one, "required": False} for one in records.gaps if one not in told]
    found += [
        {"sentence": sentence, "required": required}
        for sentence, required in _own(dossier, records, unanswered)
    ]
    return sorted(found, key=lambda one: (not one["required"], one["sentence"]))


def _required(sentence: str, dossier: Dossier) -> bool:
    """Serving environments owe evidence once the model may serve there; cards by risk tier.

    Golden predictions hold rows of people: an auditor may not read them.
    """
    package = dossier.package
    if sentence.startswith("staging:"):
        return package.status == "Approved"
    if sentence.startswith("prod:"):
        return package.production == "Approved"
    if sentence.startswith("golden predictions:"):
        return False
    return "model card" not in sentence or dossier.project.risk.tier == "high"


def _own(dossier: Dossier, records: Records, unanswered: int) -> Iterator[tuple[str, bool]]:
    package, project = dossier.package, dossier.project
    high = project.risk.tier == "high"
    if not package.metadata.get("code_commit"):
        yield "the run names no code commit; publish from a clean Git checkout", high
    if not project.model.protected:
        yield "project.yaml names no protected attribute, so fairness was not measured", high
    if dossier.evaluation is not None:
        explained = dossier.evaluation.content.get("explanation") or {}
        if not explained.get("importance"):
            why = explained.get("reason") or "the evaluation has none"
            yield f"what the model decides by is not known: {why}", high
    for one in project.data:
        if one.owner is None:
            yield f"project.yaml: data set {one.name} names no owner", high
    in_production = [one for one in dossier.approvals if one.content.get("stage") == "production"]
    if package.production and not in_production:
        yield "dev: no record of who decided on production is there", True
    released = {
        one.content.get("environment") for one in dossier.releases
        if one.content.get("phase") == "done"
    }  # fmt: skip
    watched = {one.content.get("environment") for one in dossier.monitoring}
    for environment in sorted(str(one) for one in released - watched):
        yield f"{environment}: no monitoring window of this version is recorded yet", False
    if unanswered:
        yield f"technical file: {counted(unanswered, 'point')} of Annex IV without an answer", False
    if not records.reproductions:
        yield "dev: nobody has rebuilt this version to compare (modelyard reproduce)", False


def deviations(dossier: Dossier, records: Records) -> list[dict[str, Any]]:
    """A sentence each, the worst first; critical: the evidence itself does not agree."""
    found = [
        {"severity": "critical", "sentence": one} for one in (*dossier.problems, *records.problems)
    ]
    found += [{"severity": "warning", "sentence": one} for one in _noted(dossier, records)]
    return sorted(found, key=lambda one: (one["severity"], one["sentence"]))


def _noted(dossier: Dossier, records: Records) -> Iterator[str]:
    evaluation: Mapping[str, Any] = dossier.evaluation.content if dossier.evaluation else {}
    gates = evaluation.get("gates") or {}
    if gates and not gates.get("passed"):
        yield f"a quality gate is not met: {gates.get('sentence')}"
    fair = evaluation.get("fairness_gates") or {}
    if fair.get("needs_decision"):
        decided = "a decision is recorded" if records.decisions else "nobody has decided on it"
        yield f"a fairness gate is not met ({decided}): {fair.get('sentence')}"
    for one in dossier.approvals:
        user, trainer = one.content.get("user"), one.content.get("trained_by")
        if user and user == trainer:
            yield f"{user} decided on their own model: {one.uri}"
        if not one.content.get("evaluation_sha256"):
            yield f"a decision names no evaluation that it rests on: {one.uri}"
    for one in dossier.releases:
        if one.content.get("phase") in _WITHOUT_SUCCESS:
            where, day = one.content.get("environment"), str(one.content.get("time"))[:10]
            ended = f"ended as {one.content.get('phase')}: {one.content.get('reason')}"
            yield f"{where}: the release of {day} {ended}"
    for window in _latest_windows(dossier):
        if window.get("verdict") in ("warning", "critical", "failed"):
            where, day = window.get("environment"), str((window.get("window") or {}).get("start"))
            yield f"{where}: the last monitoring window ({day[:10]}) says {window['verdict']}"
    for one in records.deletions:
        learned = [each.get("version") for each in one.content.get("models") or ()]
        if dossier.package.version in learned:
            day = str(one.content.get("time"))[:10]
            yield f"it learned from a person who was deleted on {day}; decide on it: {one.uri}"
    for one in records.reproductions[-1:]:
        if one.content.get("verdict") not in ("identical", "within tolerance", None):
            yield f"the last rebuild was {one.content['verdict']}: {one.uri}"


def _latest_windows(dossier: Dossier) -> list[Mapping[str, Any]]:
    latest: dict[str, Mapping[str, Any]] = {}
    for one in dossier.monitoring:
        name = str(one.content.get("environment"))
        start = str((one.content.get("window") or {}).get("start"))
        if start >= str((latest.get(name, {}).get("window") or {}).get("start", "")):
            latest[name] = one.content
    return [latest[name] for name in sorted(latest)]
