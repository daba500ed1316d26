"""Annex IV, section 2: how the system was developed, tested and secured."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelyard.technical_file.model import Evidence, Gap
from modelyard.technical_file.teller import Teller, Told, evidence, listed, measured


def section_2(tell: Teller) -> Iterator[Told]:
    """Steps, design, architecture, data, oversight, changes ahead, tests and security."""
    yield from _steps(tell)
    yield from _design(tell)
    yield from _data(tell)
    yield tell.said(
        "2(e)",
        "The model decides alone"
        if tell.project.risk.decision == "sole"
        else "The model assists a person, who decides",
    )
    yield tell.stated("2(e)", "risk.human_review", "who reviews a decision, and how", "Review: ")
    yield from _interpretation(tell)
    retrain = tell.project.training.retrain
    triggers = [*(["the clock"] if retrain.schedule else []), *retrain.on]
    yield tell.said(
        "2(f)",
        f"Trained again on: {', '.join(triggers) or 'nothing by itself'}. Each such version passes "
        "the same gates and waits for an approver",
    )
    yield from _tests(tell)
    yield from _security(tell)


def _steps(tell: Teller) -> Iterator[Told]:
    execution = tell.dossier.execution
    if execution is None:
        yield Gap("2(a)", "the pipeline run", "read it as a persona that may (`auditor`)")
        return
    steps = listed(f"{one['name']} {one.get('status', '')}".strip() for one in execution["steps"])
    yield tell.said("2(a)", f"Run {execution['arn']}: {steps}", tell.package)
    yield tell.said(
        "2(a)",
        "Jobs were network-isolated, so nothing pre-trained could be fetched while training; what "
        "the image brings is fixed by its digest",
        tell.package,
    )


def _design(tell: Teller) -> Iterator[Told]:
    model, training = tell.project.model, tell.project.training
    gates = listed(_bounds(name, bounds) for name, bounds in model.gate_bounds.items())
    yield tell.said("2(b)", f"Predicts {model.target} ({model.problem}); accepted by: {gates}")
    if training.hyperparameters:
        chosen = listed(f"{name} {value}" for name, value in training.hyperparameters.items())
        yield tell.said("2(b)", f"Parameters: {chosen}")
    yield tell.stated(
        "2(b)", "risk.documents.design", "design choices, their rationale and trade-offs"
    )
    yield tell.said(
        "2(c)",
        "Prepare, train and evaluate run as separate jobs of one image; a function registers what "
        f"they prove. Computing: {training.instance_type}, {training.volume_gb} GB, at most "
        f"{training.max_runtime_minutes} minutes a job",
    )


def _data(tell: Teller) -> Iterator[Told]:
    dossier = tell.dossier
    for number, data in enumerate(tell.project.data):
        owner = f"that of {data.origin}" if data.origin else data.owner or "nobody named"
        yield tell.said(
            "2(d)",
            f"Data set {data.name}: owner {owner}, {data.classification}, legal basis: "
            f"{data.legal_basis}, kept {data.retention_days} days",
        )
        yield tell.stated(
            "2(d)",
            f"data[{number}].description",
            "provenance, selection and labelling of the data",
            f"{data.name}: ",
        )
    if dossier.dataset_versions:
        for one in dossier.dataset_versions.content.get("files", ()):
            told = f"{one.get('uri')} version {one.get('version_id')}, sha256 {one.get('sha256')}"
            yield tell.said("2(d)", told, evidence(dossier.dataset_versions))
    if dossier.manifest is None:
        yield Gap("2(d)", "the dataset manifest", "read it as a persona that may (`auditor`)")
        return
    content = dossier.manifest.content
    rows = listed(f"{name} {count}" for name, count in sorted(content.get("rows", {}).items()))
    yield tell.said("2(d)", f"Rows: {rows}", evidence(dossier.manifest))
    split = content.get("split", {}).get("rule", "not stated")
    yield tell.said("2(d)", f"Split: {split}", evidence(dossier.manifest))


def _interpretation(tell: Teller) -> Iterator[Told]:
    evaluation = tell.dossier.evaluation
    importance = evaluation.content.get("explanation", {}).get("importance") if evaluation else None
    if not evaluation or not importance:
        yield Gap("2(e)", "what an answer rests on", "train a model that has an exact explanation")
        return
    largest = sorted(importance.items(), key=lambda one: -abs(one[1]))[:5]
    told = listed(f"{name} {share:.0%}" for name, share in largest)
    yield tell.said("2(e)", f"Largest shares of all contributions: {told}", evidence(evaluation))


def _tests(tell: Teller) -> Iterator[Told]:
    dossier = tell.dossier
    if dossier.evaluation is None:
        yield Gap("2(g)", "the evaluation", "read it as a persona that may (`auditor`)")
    else:
        yield from _evaluated(tell, dossier.evaluation.content, evidence(dossier.evaluation))
    for one in dossier.verifications:
        outcome = "passed" if one.content.get("passed") else "failed"
        told = f"Verification in staging {outcome}: {one.content.get('reason', '')}"
        yield tell.said("2(g)", told, evidence(one))
    if not dossier.verifications:
        yield Gap("2(g)", "the verification in staging", "approve it, staging verifies by itself")
    for one in dossier.approvals:
        record = one.content
        told = (
            f"{record.get('decision')} for {record.get('stage')} by {record.get('decided_as')} at "
            f"{record.get('time')}: {record.get('comment')}"
        )
        yield tell.said("2(g)", told, evidence(one))
    if not dossier.approvals:
        yield Gap("2(g)", "a signed decision", "decide with `modelyard approve`")


def _evaluated(tell: Teller, content: Mapping[str, Any], proof: Evidence) -> Iterator[Told]:
    rows = content.get("rows", {})
    yield tell.said("2(g)", f"Tested on {rows.get('test')} rows that it never saw", proof)
    for name, metric in sorted(content.get("metrics", {}).items()):
        yield tell.said("2(g)", f"{name}: {measured(metric)}", proof)
    judged = content.get("gates", {}).get("sentence")
    yield tell.said("2(g)", f"Gates: {judged}", proof)
    fairness = {name: one for name, one in content.get("fairness", {}).items() if "groups" in one}
    for attribute, found in sorted(fairness.items()):
        told = f"Discrimination by {attribute}: {found.get('measure')} ratio "
        yield tell.said("2(g)", told + measured(found.get("ratio")), proof)
    if not fairness:
        yield Gap(
            "2(g)", "discriminatory impact by group", "state it in project.yaml: model.protected"
        )


def _security(tell: Teller) -> Iterator[Told]:
    yield tell.said(
        "2(h)",
        "Registered only because its jobs were network-isolated, ran one image by digest as the "
        "project's own role, and read only what the step before wrote",
        tell.package,
    )
    yield tell.said(
        "2(h)",
        f"Model file sha256 {tell.metadata.get('model_sha256')}, compared again at each release",
        tell.package,
    )


def _bounds(name: str, bounds: Mapping[str, float]) -> str:
    return " ".join([name, *(f"{kind} {limit:g}" for kind, limit in sorted(bounds.items()))])
