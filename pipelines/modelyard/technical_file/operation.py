"""Annex IV, sections 3 to 9: control, metrics, risks, changes, standards and the time after."""

from collections.abc import Iterator

from modelyard.technical_file.model import Gap
from modelyard.technical_file.teller import Teller, Told, evidence, listed, measured

_ENDINGS = ("done", "failed", "refused", "rolled-back", "withdrawn")


def section_3(tell: Teller) -> Iterator[Told]:
    """Capabilities and limits, unintended outcomes, oversight, and what may be put in."""
    evaluation = tell.dossier.evaluation
    if evaluation is None:
        yield Gap("3(a)", "the evaluation", "read it as a persona that may (`auditor`)")
    else:
        proof = evidence(evaluation)
        for name, metric in sorted(evaluation.content.get("metrics", {}).items()):
            yield tell.said("3(a)", f"Overall {name}: {measured(metric)}", proof)
        for attribute, found in sorted(evaluation.content.get("fairness", {}).items()):
            for group, one in sorted((found.get("groups") or {}).items()):
                told = listed(
                    f"{name} {measured(value)}" if name != "rows" else f"{value} rows"
                    for name, value in sorted(one.items())
                )
                yield tell.said("3(a)", f"{attribute} = {group}: {told}", proof)
    yield tell.stated("3(a)", "risk.limitations", "where it is less accurate", "Limits: ")
    yield from _hazards(tell, "3(b)")
    yield tell.stated("3(c)", "risk.human_review", "who oversees it, and how", "Oversight: ")
    yield tell.said(
        "3(c)",
        "Operators can stop a release, roll back to the version before, and withdraw an approval",
    )
    manifest = tell.dossier.manifest
    if manifest is None:
        yield Gap("3(d)", "the dataset manifest", "read it as a persona that may (`auditor`)")
    else:
        columns = [one for one in manifest.content.get("schema", ()) if one["use"] == "feature"]
        told = listed(f"{one['name']} ({one['kind']})" for one in columns)
        yield tell.said("3(d)", f"Input columns: {told}", evidence(manifest))


def section_4(tell: Teller) -> Iterator[Told]:
    """Why these metrics."""
    judged = ", ".join(sorted(tell.project.model.gates))
    yield tell.said(
        "4", f"Accepted by {judged}; the business measures: {tell.project.business.kpi}"
    )
    yield tell.stated("4", "risk.metrics_rationale", "why these metrics suit the purpose")


def section_5(tell: Teller) -> Iterator[Told]:
    """Tier, hazards, assessments, and when they are looked at again."""
    risk = tell.project.risk
    yield tell.said("5", f"Risk tier: {risk.tier}")
    yield from _hazards(tell, "5")
    for key, what in (
        ("data_protection", "data protection impact assessment"),
        ("fundamental_rights", "fundamental rights impact assessment"),
    ):
        yield tell.stated("5", f"risk.documents.{key}", f"the {what}", f"The {what}: ")
    yield tell.stated("5", "risk.review_date", "the day of the next review", "Reviewed again on ")


def section_6(tell: Teller) -> Iterator[Told]:
    """What happened to this version since it was registered, and what it replaced."""
    compared = tell.metadata.get("champion_comparison")
    if compared:
        yield tell.said("6", f"Against the version before: {compared}", tell.package)
    yield tell.said(
        "6",
        f"Registered at {tell.dossier.package.created.isoformat()} for {tell.trained_by}",
        tell.package,
    )
    for one in (*tell.dossier.approvals, *tell.dossier.releases):
        record = one.content
        phase = record.get("phase")
        if phase is not None and phase not in _ENDINGS:
            continue
        what = record.get("decision") or f"release {phase}"
        where = record.get("stage") or record.get("environment")
        reason = record.get("comment") or record.get("reason")
        told = f"{record.get('time')}: {what} ({where}){f': {reason}' if reason else ''}"
        yield tell.said("6", told, evidence(one))


def section_7(tell: Teller) -> Iterator[Told]:
    """Standards, which only people can claim."""
    yield tell.stated(
        "7", "risk.documents.standards", "the harmonised standards, or what was done instead"
    )


def section_8(tell: Teller) -> Iterator[Told]:
    """The declaration, which only the provider can sign."""
    yield tell.stated(
        "8", "risk.documents.declaration_of_conformity", "the EU declaration of conformity"
    )


def section_9(tell: Teller) -> Iterator[Told]:
    """How it is watched once it serves, and what was seen."""
    monitoring = tell.project.monitoring
    heard = listed(
        f"{severity} to {', '.join(routes)}"
        for severity, routes in monitoring.alerts.model_dump(mode="json").items()
        if routes
    )
    yield tell.said("9", f"Watched by {monitoring.schedule}; heard by: {heard or 'nobody'}")
    for one in tell.dossier.monitoring:
        window = one.name.split("/")[-2]
        told = f"Window {window}: {one.content.get('verdict')}, {one.content.get('rows')} rows"
        yield tell.said("9", told, evidence(one))
    if not tell.dossier.monitoring:
        yield Gap("9", "a monitoring report", "it follows from a release to prod and its traffic")
    yield tell.stated("9", "risk.documents.post_market_plan", "the post-market monitoring plan")


def _hazards(tell: Teller, point: str) -> Iterator[Told]:
    hazards = tell.project.risk.hazards
    for one in hazards:
        told = f"{one.hazard} Mitigation: {one.mitigation} Residual risk: {one.residual}"
        yield tell.said(point, told)
    if not hazards:
        yield Gap(
            point, "hazards with their mitigation", "state them in project.yaml: risk.hazards"
        )
