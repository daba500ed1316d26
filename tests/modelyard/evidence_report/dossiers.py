"""A hand-built dossier: a mortgage model, approved twice, released to production and watched."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from modelyard.evidence import Document, Dossier
from modelyard.evidence.document import parse
from modelyard.evidence_report import Records
from modelyard.project import Project
from modelyard.registry import Package

ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/3"
RUN = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/loans-dev-train/execution/abc"
ARTIFACTS = "loans-dev-artifacts-123456789012"
DEV = "loans-dev-evidence-123456789012"
PROD = "loans-prod-evidence-210987654321"
RAW = "loans-dev-raw-123456789012"

METRICS = {
    "roc_auc": {"value": 0.918, "low": 0.861, "high": 0.967},
    "brier": {"value": 0.052, "low": 0.033, "high": 0.072},
}
GROUPS: dict[str, Any] = {
    "0": {
        "rows": 250,
        "base_rate": 0.9,
        "selection_rate": 0.92,
        "intervals": {"selection_rate": [0.88, 0.95]},
    },
    "1": {"rows": 30, "base_rate": 0.73, "selection_rate": 0.8},
}


def body(content: Any) -> bytes:
    """A document's bytes as they lie in the store."""
    return (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()


def stored(uri: str, content: Any) -> Document:
    """A document as a reader finds it."""
    return parse(uri, "v1", body(content))


def evaluation() -> dict[str, Any]:
    """What the evaluate job wrote: one fairness bound is not kept."""
    passed = {"metric": "roc_auc", "bound": "min", "limit": 0.6, "value": 0.918, "passed": True}
    bias = {
        group: {
            "rows": one["rows"],
            "small": one["rows"] < 50,
            "pre_training": {"DPL": {"value": 0.17, "reason": None}},
            "post_training": {"DI": {"value": 0.87, "low": 0.7, "high": 1.0, "reason": None}},
        }
        for group, one in GROUPS.items()
    }
    failed = {
        "attribute": "black",
        "group": "1",
        "metric": "DI",
        "bound": "min",
        "limit": 0.9,
        "rows": 30,
        "value": 0.87,
        "low": 0.7,
        "high": 1.0,
        "verdict": "unclear",
        "open": True,
        "sentence": "black=1: DI 0.87 is below the minimum 0.90 (unclear: only 30 rows)",
    }
    return {
        "problem": "binary",
        "target": "approve",
        "rows": {"train": 1433, "test": 280},
        "metrics": METRICS,
        "gates": {
            "passed": 1,
            "sentence": "roc_auc 0.92 meets the minimum 0.60",
            "results": [{**passed, "sentence": "roc_auc 0.92 meets the minimum 0.60"}],
        },
        "fairness": {
            "black": {
                "groups": GROUPS,
                "measure": "selection_rate",
                "ratio": 0.87,
                "gap": 0.12,
                "bias": bias,
            }
        },
        "fairness_gates": {
            "needs_decision": True,
            "sentence": failed["sentence"],
            "results": [failed],
        },
        "champion": {"sentence": "no version is approved yet, so there is nothing to beat"},
        "calibration": {
            "bins": [
                {"predicted": 0.2, "observed": 0.1, "rows": 20},
                {"predicted": 0.95, "observed": 0.97, "rows": 260},
            ],
            "expected_calibration_error": 0.03,
        },
        "explanation": {"importance": {"obrat": 0.4, "loanprc": 0.35, "mortno": 0.25}},
    }


def manifest() -> dict[str, Any]:
    """The rows and columns of the data set."""
    return {
        "dataset": {"sha256": "5e" * 32},
        "files": [{"name": "rows.csv", "rows": 1989, "bytes": 448797, "sha256": "a2" * 32}],
        "rows": {"total": 1989, "train": 1433, "validation": 276, "test": 280, "duplicates": 0},
        "schema": [
            {"name": "obrat", "kind": "number", "use": "feature"},
            {"name": "approve", "kind": "category", "use": "target"},
            {"name": "black", "kind": "boolean", "use": "protected"},
        ],
        "ignored_columns": ["msa"],
        "split": {"rule": "sha256 of the row key"},
    }


def approval(number: int, stage: str, comment: str = "I have read the evaluation.") -> Document:
    """A decision of Bob's."""
    return stored(
        f"s3://{DEV}/approvals/3-{number}.json",
        {
            "model_package_arn": ARN,
            "version": 3,
            "stage": stage,
            "decision": "Approved",
            "comment": comment,
            "decided_as": "arn:aws:sts::123456789012:assumed-role/loans-dev-model-approver/bob",
            "trained_by": "alice",
            "evaluation_sha256": "e1" * 32,
            "model_sha256": "d4" * 32,
            "time": f"2026-01-02T03:{number:02d}:00+00:00",
        },
    )


def release(number: int, phase: str) -> Document:
    """A phase of the release to production."""
    return stored(
        f"s3://{PROD}/releases/3-x-{phase}.json",
        {
            "environment": "prod",
            "phase": phase,
            "strategy": "canary",
            "reason": "",
            "time": f"2026-01-03T03:{number:02d}:00+00:00",
            "model_package_arn": ARN,
        },
    )


def window(day: int, verdict: str) -> Document:
    """A monitoring summary of production."""
    finding = {"severity": "warning", "sentence": "loanprc moved", "id": "drift-loanprc"}
    return stored(
        f"s3://{PROD}/reports/monitoring/2026010{day}T0000Z-24h/summary.json",
        {
            "environment": "prod",
            "window": {
                "start": f"2026-01-0{day}T00:00:00Z",
                "end": f"2026-01-0{day + 1}T00:00:00Z",
            },
            "model_package_arn": ARN,
            "rows": 400,
            "verdict": verdict,
            "shock": False,
            "metrics": [{"name": "DriftScore", "value": day / 10, "unit": "None"}],
            "findings": [finding] if verdict == "warning" else [],
        },
    )


def dossier(project: Project, **changes: Any) -> Dossier:
    """The dossier, with some of it changed."""
    file = {
        **manifest()["files"][0],
        "uri": f"s3://{RAW}/applications/rows.csv",
        "version_id": "r1",
    }
    versions = {"manifest": f"s3://{ARTIFACTS}/manifest.json", "files": [file]}
    column = {"kind": "number", "role": "feature", "rows": 1433, "malformed": 0, "null": 3}
    whole = Dossier(
        project=project,
        package=Package(
            arn=ARN,
            version=3,
            status="Approved",
            production="Approved",
            description="roc_auc 0.92 meets the minimum 0.60",
            created=datetime(2026, 1, 2, 3, 0, tzinfo=UTC),
            metadata={
                "trained_by": "alice",
                "execution": RUN,
                "code_commit": "0123456789abcdef0123456789abcdef01234567",
                "image_digest": "sha256:" + "1f" * 32,
                "model_sha256": "d4" * 32,
            },
        ),
        evaluation=stored(f"s3://{ARTIFACTS}/evaluation.json", evaluation()),
        manifest=stored(f"s3://{ARTIFACTS}/manifest.json", manifest()),
        dataset_versions=stored(f"s3://{ARTIFACTS}/registry/abc/dataset_versions.json", versions),
        baseline_profile=stored(
            f"s3://{ARTIFACTS}/baseline_profile.json", {"columns": {"obrat": column}}
        ),
        golden=None,
        approvals=(approval(1, "staging"), approval(2, "production")),
        releases=(release(1, "deploying"), release(2, "done")),
        verifications=(),
        monitoring=(window(4, "ok"), window(5, "warning")),
        execution={
            "arn": RUN,
            "status": "Succeeded",
            "started": datetime(2026, 1, 2, 2, 50, tzinfo=UTC),
            "ended": datetime(2026, 1, 2, 3, 0, tzinfo=UTC),
            "parameters": {"InstanceType": "ml.m5.large"},
            "steps": [{"name": "Train", "status": "Succeeded", "started": None, "ended": None}],
        },
        card=None,
        gaps=("golden predictions: this caller may not read it",),
        problems=(),
    )
    return replace(whole, **changes)


def records() -> Records:
    """One rebuild and one documented decision."""
    rebuilt = {
        "time": "2026-01-06T00:00:00Z",
        "verdict": "identical",
        "sentence": "same splits, same model bytes",
        "user": "alice",
    }
    decided = {
        "time": "2026-01-02T04:00:00Z",
        "user": "bob",
        "role": "loans-dev-model-approver",
        "alternatives": [
            {
                "name": "threshold 0.3",
                "accuracy": {"value": 0.92, "low": 0.89, "high": 0.95},
                "selection_rate": {"value": 0.95, "low": 0.93, "high": 0.97},
                "fairness": {"black": {"DI": 0.9}},
            }
        ],
        "reason": "30 people are too few to tell; collected again in March",
    }
    return Records(
        reproductions=(stored(f"s3://{DEV}/reports/reproductions/3-x.json", rebuilt),),
        decisions=(stored(f"s3://{DEV}/reports/decisions/3.json", decided),),
    )
