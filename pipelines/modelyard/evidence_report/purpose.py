"""What the model is for, who answers for it, and which version this report is about."""

from datetime import UTC, datetime
from typing import Any

from modelyard.evidence import Dossier


def purpose(dossier: Dossier) -> dict[str, Any]:
    """What project.yaml states of the model and its risk."""
    stated = dossier.project.model_dump(mode="json")
    model = stated["model"]
    return {
        "project": stated["name"],
        "title": stated["title"],
        "owner": stated["owner"],
        "cost_center": stated["cost_center"],
        "business": stated["business"],
        "risk": stated["risk"],
        "problem": model["problem"],
        "target": model["target"],
        "protected": model["protected"],
    }


def model(dossier: Dossier) -> dict[str, Any]:
    """The model package as the registry describes it."""
    package = dossier.package
    return {
        "arn": package.arn,
        "version": package.version,
        "status": package.status,
        "production": package.production,
        "registered": stamp(package.created),
        "description": package.description,
        "metadata": dict(package.metadata),
    }


def stamp(time: Any) -> str | None:
    """A time of AWS's as UTC to the second."""
    if not isinstance(time, datetime):
        return str(time) if time else None
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
