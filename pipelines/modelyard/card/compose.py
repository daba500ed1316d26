"""Composes the content of a model card; every sentence in it was stated or measured elsewhere."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelyard.card.facts import Facts
from modelyard.card.measures import fairness, quality
from modelyard.card.required import missing, stated

_RATING = {"high": "High", "limited": "Medium", "minimal": "Low"}
# Package metadata that a card repeats word for word: checksums and addresses of the evidence.
_EVIDENCE = (
    "code_commit",
    "image_digest",
    "model_sha256",
    "dataset_sha256",
    "dataset_manifest",
    "dataset_versions",
    "evaluation",
    "evaluation_sha256",
    "baseline_profile",
    "golden_predictions",
    "champion_comparison",
    "execution",
)


def compose(facts: Facts) -> dict[str, Any]:
    """The card of a package, without what nobody stated."""
    return _filled(
        {
            "model_overview": _overview(facts),
            "intended_uses": _uses(facts.statement),
            "business_details": _business(facts.statement),
            "training_details": _training(facts),
            "evaluation_details": _evaluations(facts),
            "additional_information": _more(facts),
        }
    )


def _overview(facts: Facts) -> dict[str, Any]:
    model = facts.training.get("model_uri")
    return {
        "model_description": f"{stated(facts.statement, 'title')}, version {facts.version}",
        "problem_type": stated(facts.statement, "model.problem"),
        "model_creator": facts.metadata.get("trained_by"),
        "model_owner": stated(facts.statement, "business.owner"),
        "model_artifact": [model] if model else [],
    }


def _uses(statement: Mapping[str, Any]) -> dict[str, Any]:
    tier, decision = stated(statement, "risk.tier"), stated(statement, "risk.decision")
    hazards = stated(statement, "risk.hazards") or []
    residual = {hazard["residual"] for hazard in hazards}
    worst = next((one for one in ("high", "medium", "low") if one in residual), "")
    left = f"; hazards: {len(hazards)}, worst residual risk: {worst}" if hazards else ""
    decides = "decides alone" if decision == "sole" else "assists a person who decides"
    return {
        "purpose_of_model": stated(statement, "business.objective"),
        "intended_uses": stated(statement, "risk.intended_uses"),
        "factors_affecting_model_efficiency": stated(statement, "risk.limitations"),
        "risk_rating": _RATING.get(str(tier), "Unknown"),
        "explanations_for_risk_rating": f"Stated tier: {tier}; the model {decides}{left}",
    }


def _business(statement: Mapping[str, Any]) -> dict[str, Any]:
    owner, expert = stated(statement, "business.owner"), stated(statement, "business.expert")
    return {
        "business_problem": (
            f"{stated(statement, 'business.objective')} "
            f"Measured by: {stated(statement, 'business.kpi')}"
        ),
        "business_stakeholders": f"Owner: {owner}; subject-matter expert: {expert}",
        "line_of_business": stated(statement, "owner"),
    }


def _training(facts: Facts) -> dict[str, Any]:
    training, rows = facts.training, facts.manifest.get("rows", {})
    counted = ", ".join(f"{name} {count}" for name, count in sorted(rows.items()))
    split = facts.manifest.get("split", {}).get("rule", "")
    return {
        "training_observations": f"Rows: {counted}. Split: {split}" if counted else None,
        "training_job_details": {
            "training_arn": training.get("arn"),
            "training_datasets": [
                f"{one['uri']}?versionId={one['version_id']}"
                for one in facts.dataset_versions.get("files", ())
                if one.get("uri")
            ],
            "training_environment": {
                "container_image": [training["image"]] if training.get("image") else []
            },
            "hyper_parameters": [
                {"name": name, "value": value}
                for name, value in sorted(training.get("hyperparameters", {}).items())
            ],
        },
    }


def _evaluations(facts: Facts) -> list[dict[str, Any]]:
    evaluation, metadata = facts.evaluation, facts.metadata
    if not evaluation:
        return []
    common = {
        "evaluation_job_arn": facts.training.get("evaluation_arn"),
        "datasets": [uri for uri in [metadata.get("dataset_manifest")] if uri],
        "metadata": {
            "uri": metadata.get("evaluation"),
            "sha256": metadata.get("evaluation_sha256"),
            **{f"rows {name}": str(n) for name, n in evaluation.get("rows", {}).items()},
        },
    }
    judged = evaluation.get("gates", {}).get("sentence")
    return [
        {
            **common,
            "name": "Quality on rows never seen",
            "evaluation_observation": judged,
            "metric_groups": quality(evaluation),
        },
        {
            **common,
            "name": "Fairness by protected attribute",
            "metric_groups": fairness(evaluation),
        },
    ]


def _more(facts: Facts) -> dict[str, Any]:
    statement = facts.statement
    protected = ", ".join(stated(statement, "model.protected") or ())
    measured = (
        f"Measured for fairness and not used as input: {protected}."
        if protected
        else "No protected attribute is stated."
    )
    review = stated(statement, "risk.human_review")
    out_of_scope = stated(statement, "risk.out_of_scope")
    return {
        "ethical_considerations": f"{measured} Human review: {review}" if review else measured,
        "caveats_and_recommendations": f"Not meant for: {out_of_scope}" if out_of_scope else None,
        "custom_details": {name: text for name, text in _details(facts) if text},
    }


def _details(facts: Facts) -> Iterator[tuple[str, Any]]:
    statement = facts.statement
    yield "model_package_arn", facts.arn
    yield "approval_status", facts.status
    yield "production_status", facts.production or "undecided"
    yield "trained_by", facts.metadata.get("trained_by")
    yield "decision_mode", stated(statement, "risk.decision")
    yield "risk_tier", stated(statement, "risk.tier")
    yield "review_date", stated(statement, "risk.review_date")
    for name in _EVIDENCE:
        yield name, facts.metadata.get(name)
    for data in stated(statement, "data") or ():
        yield f"dataset {data['name']}", _dataset(data)
    for number, hazard in enumerate(stated(statement, "risk.hazards") or (), 1):
        yield (
            f"hazard {number:02}",
            f"{hazard['hazard']} Mitigation: {hazard['mitigation']} Residual: {hazard['residual']}",
        )
    for name, where in (stated(statement, "risk.documents") or {}).items():
        yield f"document {name}", where
    for number, one in enumerate(facts.approvals, 1):
        yield (
            f"approval {number:02}",
            f"{one['decision']} for {one['stage']} by {one['decided_as']} at {one['time']}: "
            f"{one['uri']} sha256 {one['sha256']}",
        )
    for number, gap in enumerate(missing(statement), 1):
        yield f"gap {number:02}", gap


def _dataset(data: Mapping[str, Any]) -> str:
    return (
        f"Source: {data.get('source')}; owner: {data.get('owner') or 'not stated'}; "
        f"{data.get('classification')}; "
        f"legal basis: {data.get('legal_basis')}; kept {data.get('retention_days')} days"
    )


def _filled(value: Any) -> Any:
    """The value without what is empty, because a card has no nulls."""
    if isinstance(value, Mapping):
        kept = {name: _filled(one) for name, one in value.items()}
        return {name: one for name, one in kept.items() if one not in (None, "", {}, [])}
    if isinstance(value, list):
        return [_filled(one) for one in value]
    return value
