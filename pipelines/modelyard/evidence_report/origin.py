"""Where the model comes from: its data and their quality, and how it was built."""

from collections.abc import Mapping
from typing import Any

from modelyard.evidence import Dossier
from modelyard.evidence_report.purpose import stamp

# How a baseline profile counts the ways in which a value can be missing.
_MISSING = ("absent", "null", "empty", "nan")


def data(dossier: Dossier) -> dict[str, Any]:
    """The data sets as stated, the files as read, and how good they were."""
    manifest = dossier.manifest.content if dossier.manifest else {}
    versions = dossier.dataset_versions.content if dossier.dataset_versions else {}
    return {
        "sets": [one.model_dump(mode="json") for one in dossier.project.data],
        "sha256": (manifest.get("dataset") or {}).get("sha256"),
        "files": list(versions.get("files") or manifest.get("files") or ()),
        "rows": dict(manifest.get("rows") or {}),
        "split": (manifest.get("split") or {}).get("rule"),
        "schema": list(manifest.get("schema") or ()),
        "ignored_columns": list(manifest.get("ignored_columns") or ()),
        "treatment": {
            name: manifest[name]
            for name in sorted(manifest)
            if name in ("expired", "pseudonyms", "pseudonymised", "retention", "quality")
        },
        "quality": _quality(dossier),
    }


def _quality(dossier: Dossier) -> list[dict[str, Any]]:
    """Per column what was missing or malformed in the training rows."""
    if dossier.baseline_profile is None:
        return []
    columns = dossier.baseline_profile.content.get("columns")
    if not isinstance(columns, Mapping):
        return []
    return [
        {
            "column": name,
            "kind": found.get("kind"),
            "role": found.get("role"),
            "rows": found.get("rows", 0),
            "missing": sum(int(found.get(one) or 0) for one in _MISSING),
            "malformed": int(found.get("malformed") or 0),
        }
        for name, found in sorted(columns.items())
        if found.get("role") != "prediction"
    ]


def making(dossier: Dossier) -> dict[str, Any]:
    """The run, the code, the environment and the parameters that made the model."""
    metadata, run = dossier.package.metadata, dossier.execution or {}
    evaluation = dossier.evaluation.content if dossier.evaluation else {}
    return {
        "run": metadata.get("execution"),
        "status": run.get("status"),
        "started": stamp(run.get("started")),
        "ended": stamp(run.get("ended")),
        "trained_by": metadata.get("trained_by"),
        "code_commit": metadata.get("code_commit"),
        "image_digest": metadata.get("image_digest"),
        "model_sha256": metadata.get("model_sha256"),
        "hyperparameters": dict(dossier.project.training.hyperparameters),
        "instance_type": dossier.project.training.instance_type,
        "parameters": {name: str(value) for name, value in (run.get("parameters") or {}).items()},
        "steps": [
            {
                "name": step.get("name"),
                "status": step.get("status"),
                "started": stamp(step.get("started")),
                "ended": stamp(step.get("ended")),
                "job": step.get("job"),
            }
            for step in run.get("steps") or ()
        ],
        "champion": (evaluation.get("champion") or {}).get("sentence"),
    }
