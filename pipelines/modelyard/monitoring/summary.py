"""summary.json: what the alerting functions and the dashboard need of a report."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelyard.monitoring import bias, quality

_FINDING = (
    "id",
    "kind",
    "severity",
    "column",
    "sentence",
    "value",
    "threshold",
    "share",
    "importance",
    "since",
    "cause",
    "advice",
)


def summary(report: Mapping[str, Any], base: quality.Baseline | None) -> dict[str, Any]:
    """The report without its details."""
    return {
        "schema_version": report["schema_version"],
        "project": report["project"],
        "environment": report["environment"],
        "window": {name: report["window"][name] for name in ("start", "end")},
        "model_package_arn": report["model_package_arn"],
        "rows": report["rows"],
        "served": report["service"]["served"],
        "captured": report["capture"]["captured"],
        "verdict": report["verdict"],
        "shock": report["shock"],
        "metrics": list(_metrics(report, base)),
        "findings": [{name: finding[name] for name in _FINDING} for finding in report["findings"]],
        "report": "report.html",
    }


def _metrics(report: Mapping[str, Any], base: quality.Baseline | None) -> Iterator[dict[str, Any]]:
    """A handful: each custom metric costs money every month."""
    dimensions = {"Project": report["project"], "Environment": report["environment"]}
    values: dict[str, float | None] = {"MonitoredRows": float(report["rows"])}
    values["CaptureGap"] = report["capture"]["gap"]
    values["BiasGap"] = bias.widest(report["bias"])
    values |= _drift(report["drift"])
    values |= _quality(report["quality"], base)
    for name in sorted(values):
        if values[name] is not None:
            unit = "Count" if name in ("MonitoredRows", "DriftedFeatures") else "None"
            yield {"name": name, "value": values[name], "unit": unit, "dimensions": dimensions}


def _drift(found: Mapping[str, Any] | None) -> dict[str, float | None]:
    if found is None or found["status"] == "insufficient":
        return {}
    predicted = [column["drift"] for column in found["columns"] if column["role"] == "prediction"]
    return {
        "DriftScore": found["score"],
        "DriftedFeatures": float(len(found["drifted"])),
        "PredictionDrift": max((value for value in predicted if value is not None), default=None),
    }


def _quality(found: Mapping[str, Any], base: quality.Baseline | None) -> dict[str, float | None]:
    now = found["now"]["metrics"].get(found["primary"]) if found["primary"] else None
    if base is None or now is None or now["value"] is None:
        return {}
    return {"Quality": now["value"], "QualityDrop": quality.drop(now["value"], base)}
