"""A package of a high-risk project that states everything, with its evidence, as one dossier."""

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from modelyard.evidence import Document, Dossier
from modelyard.project import Project, parse
from modelyard.registry import Package
from tests.modelyard.conftest import TEXT

ARN = "arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/3"
JOBS = "arn:aws:sagemaker:us-east-1:123456789012:"
RISK = {
    "tier": "high",
    "decision": "assisted",
    "intended_uses": "Proposes a decision on complete mortgage applications to underwriters.",
    "out_of_scope": "Commercial loans; deciding without an underwriter.",
    "limitations": "Trained on one city in one year; few applicants of some groups.",
    "human_review": "An underwriter decides; applicants ask for review at lending@example.com.",
    "hazards": [
        {
            "hazard": "Applicants of a group are refused more often.",
            "mitigation": "Bias is measured and gated per group; every refusal is read.",
            "residual": "medium",
        }
    ],
    "documents": {
        "data_protection": "https://example.com/dpia",
        "fundamental_rights": "https://example.com/fria",
    },
    "review_date": "2027-05-01",
}
EVALUATION: dict[str, Any] = {
    "problem": "binary",
    "target": "approve",
    "rows": {"train": 1358, "test": 330},
    "metrics": {
        "roc_auc": {"value": 0.8412345678, "low": 0.79, "high": 0.88},
        "f1": {"value": None, "low": None, "high": None},
    },
    "gates": {
        "passed": 1,
        "sentence": "roc_auc 0.84 meets the minimum 0.60",
        "results": [
            {
                "metric": "roc_auc",
                "bound": "min",
                "limit": 0.6,
                "value": 0.84,
                "passed": True,
                "sentence": "roc_auc 0.84 meets the minimum 0.60",
            }
        ],
    },
    "fairness": {
        "black": {
            "measure": "selection_rate",
            "ratio": 0.857,
            "gap": 0.133,
            "groups": {
                "0": {"rows": 300, "selection_rate": 0.933},
                "1": {"rows": 30, "selection_rate": 0.8},
            },
            "bias": {
                "1": {
                    "rows": 30,
                    "small": False,
                    "pre_training": {"DPL": {"value": 0.13, "reason": None}},
                    "post_training": {"FT": {"value": None, "reason": "too few neighbours"}},
                }
            },
        }
    },
}
METADATA = {
    "trained_by": "alice",
    "execution": f"{JOBS}pipeline/loans-dev-train/execution/abc",
    "code_commit": "0" * 40,
    "image_digest": f"sha256:{'1' * 64}",
    "model_sha256": "2" * 64,
    "dataset_sha256": "3" * 64,
    "dataset_manifest": "s3://artifacts/runs/abc/manifest/dataset_manifest.json",
    "dataset_versions": "s3://artifacts/registry/abc/dataset_versions.json",
    "evaluation": "s3://artifacts/runs/abc/evaluation/evaluation.json",
    "evaluation_sha256": "4" * 64,
}


def document(name: str, **content: Any) -> Document:
    """A stored document; its hash is that of its name."""
    return Document(f"s3://evidence/{name}", "v1", name[0].encode().hex() * 32, content)


@pytest.fixture
def stated() -> dict[str, Any]:
    """A project.yaml that states everything a high-risk model card needs."""
    text: dict[str, Any] = yaml.safe_load(TEXT)
    text["risk"] = copy.deepcopy(RISK)
    text["data"][0]["owner"] = "Lending data office"
    return text


@pytest.fixture
def complete(stated: dict[str, Any]) -> Project:
    """The project that the complete file states."""
    return parse(stated)


@pytest.fixture
def dossier(complete: Project) -> Dossier:
    """Version 3, approved for staging."""
    return dossier_of(complete)


def dossier_of(project: Project, **changes: Any) -> Dossier:
    """A dossier of version 3, with what is named changed."""
    approval = document(
        "approvals/3-20260102T030405.json",
        model_package_arn=ARN,
        version=3,
        stage="staging",
        decision="Approved",
        decided_as="arn:aws:sts::123456789012:assumed-role/loans-dev-model-approver/bob",
        comment="good",
        time="2026-01-02T03:04:05.000+00:00",
        previous=None,
    )
    manifest = {
        "dataset": {"sha256": "3" * 64},
        "files": [{"name": "applications.csv", "bytes": 9, "sha256": "5" * 64, "rows": 1989}],
        "schema": [{"name": "loanamt", "kind": "number", "use": "feature"}],
        "rows": {"total": 1989, "train": 1358, "test": 330},
        "split": {"rule": "sha256 of the row key"},
    }
    files = [
        {"uri": "s3://raw/applications.csv", "version_id": "v7", "sha256": "5" * 64, "name": "a"}
    ]
    parts: dict[str, Any] = {
        "project": project,
        "package": Package(
            arn=ARN,
            version=3,
            status="Approved",
            production="",
            description="roc_auc 0.84 meets the minimum 0.60",
            created=datetime(2026, 1, 1, tzinfo=UTC),
            metadata=METADATA,
        ),
        "evaluation": document("evaluation.json", **EVALUATION),
        "manifest": document("dataset_manifest.json", **manifest),
        "dataset_versions": document("versions.json", files=files, manifest="s3://m", sha256="6"),
        "baseline_profile": document("baseline_profile.json"),
        "golden": document("golden_predictions.json", rows=[]),
        "approvals": (approval,),
        "releases": (),
        "verifications": (),
        "monitoring": (),
        "execution": {
            "arn": METADATA["execution"],
            "steps": [
                {"name": "Train", "job": f"{JOBS}training-job/loans-dev-t"},
                {"name": "Evaluate", "job": f"{JOBS}processing-job/loans-dev-e"},
            ],
        },
        "card": None,
        "gaps": (),
        "problems": (),
    }
    return Dossier(**(parts | changes))
