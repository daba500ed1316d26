"""The page's accounts: service health, what became of captured records, and provenance."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelyard.pages.tables import Html, code, facts, section
from modelyard.pages.words import percent

_UNKNOWN = "not known"


def service(report: Mapping[str, Any]) -> str:
    """What CloudWatch counted."""
    found = report["service"]
    rows = (
        ("requests", _count(found["served"])),
        ("refused as wrong (4XX)", _count(found["errors_4xx"])),
        ("failed in the server (5XX)", _count(found["errors_5xx"])),
        ("latency, half of all requests", _milliseconds(found["latency_p50_us"])),
        ("latency, 99 of 100 requests", _milliseconds(found["latency_p99_us"])),
        ("processor at its peak", _percentage(found["cpu_max_percent"])),
        ("memory at its peak", _percentage(found["memory_max_percent"])),
    )
    return section("service", "Service health", facts("Requests of this window", rows))


def capture(report: Mapping[str, Any]) -> str:
    """Every captured line accounted for."""
    rows = list(_capture_rows(report["capture"]))
    return section("capture", "Capture", facts("What became of every captured line", rows))


def _capture_rows(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "requests answered, by CloudWatch", _count(found["answered"])
    yield "requests with a record", _count(found["captured"])
    if found["gap"] is not None:
        yield "without a record", percent(found["gap"]) if found["gap"] >= 0 else "none"
    yield "lines read", _count(found["lines"])
    yield "records of this window", _count(found["records"])
    yield "rows in them", _count(found["rows"])
    optional = (
        ("earlier", "earlier records, read for late labels"),
        ("skipped", "records passed over by sampling"),
        ("duplicates", "records that repeat an inference id"),
        ("skewed", "records of a wrong clock"),
        ("outside", "records of the hours before and after"),
        ("other_variants", "records of other variants"),
        ("slices", "slices of oversized records"),
        ("incomplete", "records of which a slice is missing"),
        ("foreign_rows", "rows answered by another model version"),
    )
    for name, told in optional:
        if found[name]:
            yield told, _count(found[name])
    for reason, count in found["malformed"].items():
        yield f"unusable: {reason}", _count(count)
    if found["share_read"] < 1:
        yield "share of inference ids looked at", percent(found["share_read"])


def provenance(report: Mapping[str, Any]) -> str:
    """From what exactly this page was made."""
    found = report["provenance"]
    rows = [
        ("model package", code(report["model_package_arn"] or _UNKNOWN)),
        ("model", code(found["model_sha256"])),
        ("data set it was trained on", code(found["dataset_sha256"] or _UNKNOWN)),
        ("window", f"{report['window']['start']} to {report['window']['end']}"),
        ("captured files", Html(f"{found['captured_files']:,}, {code(found['captured_sha256'])}")),
        ("label files", Html(f"{found['label_files']:,}, {code(found['labels_sha256'])}")),
    ]
    limits = ", ".join(f"{name} {value:g}" for name, value in report["thresholds"].items())
    rows.append(("thresholds", limits))
    return section("provenance", "Provenance", facts("What this page was made from", rows))


def _count(value: int | None) -> str:
    return _UNKNOWN if value is None else f"{value:,}"


def _milliseconds(microseconds: float | None) -> str:
    return _UNKNOWN if microseconds is None else f"{microseconds / 1000:,.1f} ms"


def _percentage(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:.0f}%"
