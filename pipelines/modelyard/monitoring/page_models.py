"""The page about the model: drift and quality over time, groups, and what it decides by."""

from collections.abc import Mapping
from html import escape
from typing import Any

from modelyard.monitoring.explanation import ranking
from modelyard.pages.plots import Point, trend
from modelyard.pages.tables import figure, section, table
from modelyard.pages.words import number, percent, spoken

_RANKED = 12
_TOLD_APART = "how well the window's rows can be told from training's, 0 to 1"


def trends(report: Mapping[str, Any]) -> str:
    """Drift, quality and traffic by window."""
    drift = (report["drift"] or {}).get("score")
    primary = report["quality"]["primary"]
    now = (report["quality"]["now"]["metrics"].get(primary) or {}).get("value")
    plots = [
        (
            "Drift score",
            "how well this window can be told from training, 0 to 1",
            "DriftScore",
            drift,
            None,
            2,
        ),
        (
            f"Quality: {spoken(primary or 'none')}",
            "on rows whose label is known",
            "Quality",
            now,
            report["quality"]["bounds"].get("min", report["quality"]["bounds"].get("max")),
            3,
        ),
    ]
    drawn = "".join(
        _trend(report, title, told, metric, value, limit, digits)
        for title, told, metric, value, limit, digits in plots
    )
    drawn += _rows_trend(report)
    return section("trends", "Over time", f"<div class='grid'>{drawn}</div>")


def _trend(
    report: Mapping[str, Any],
    title: str,
    told: str,
    metric: str,
    now: float | None,
    limit: float | None,
    digits: int,
) -> str:
    points = [Point(_day(one["start"]), one["metrics"].get(metric)) for one in report["history"]]
    points.append(Point(_day(report["window"]["start"]), now))
    drawn = trend(title, points, limit, digits) or "<p>Not measured in any window yet.</p>"
    return figure(title, told, drawn)


def _rows_trend(report: Mapping[str, Any]) -> str:
    points = [Point(_day(one["start"]), float(one["rows"])) for one in report["history"]]
    points.append(Point(_day(report["window"]["start"]), float(report["rows"])))
    return figure("Rows", "that this and earlier windows judged", trend("Rows", points, None, 0))


def _day(text: str) -> str:
    return text[5:16].replace("T", " ")


def quality(report: Mapping[str, Any]) -> str:
    """The metrics on labelled rows beside the evaluation's, and the estimate marked as such."""
    found, labels = report["quality"], report["quality"]["labels"]
    body = f"<p>{found['now']['rows']:,} rows have a label{_told_of_labels(labels)}.</p>"
    if found["now"]["metrics"]:
        body += _metrics(
            "Measured on labelled rows; then: at the evaluation",
            found["now"]["metrics"],
            found["then"],
        )
    else:
        body += f"<p>Not measured: {escape(str(found['now']['reason']))}.</p>"
    guess = report["estimate"]
    if guess["metrics"]:
        body += _metrics(
            "Estimated without labels: right only while the model's probabilities are",
            guess["metrics"],
            found["then"],
        )
    else:
        body += f"<p>No estimate without labels: {escape(str(guess['reason']))}.</p>"
    return section("quality", "Quality", body)


def _told_of_labels(labels: Mapping[str, Any]) -> str:
    told = [
        f"{labels[name]:,} {what}"
        for name, what in (
            ("repeated", "label lines repeat another"),
            ("replaced", "were replaced by a newer label"),
            ("contradicting", "rows are left out because their labels contradict each other"),
            ("from_the_future", "labels are later than the window"),
        )
        if labels[name]
    ]
    unusable = sum(labels["malformed"].values())
    if unusable:
        told.append(f"{unusable:,} label lines could not be used")
    return "; " + ", ".join(told) if told else ""


def _metrics(caption: str, now: Mapping[str, Any], then: Mapping[str, Any]) -> str:
    return table(
        caption,
        ("metric", "now", "95% interval", "then"),
        (
            (
                spoken(name),
                number(one["value"]),
                f"{number(one['low'], 2)} to {number(one['high'], 2)}",
                number((then.get(name) or {}).get("value")),
            )
            for name, one in sorted(now.items())
        ),
    )


def groups(report: Mapping[str, Any]) -> str:
    """Live decisions by group of each protected attribute."""
    if not report["bias"]:
        return section("groups", "Groups", "<p>No attribute is protected in project.yaml.</p>")
    return section("groups", "Groups", "".join(_group(*one) for one in report["bias"].items()))


def _group(name: str, found: Mapping[str, Any]) -> str:
    if not found["groups"]:
        return f"<h3>{escape(name)}</h3><p>Not compared: {escape(str(found['reason']))}.</p>"
    measure = found["measure"]
    told = _told_of_gap(found)
    rows = (
        (group, f"{one['rows']:,}", number(one[measure]))
        for group, one in sorted(found["groups"].items())
    )
    shown = table(
        f"{measure.replace('_', ' ')} by {name}, from {found['basis']}",
        ("group", "rows", measure.replace("_", " ")),
        rows,
    )
    return f"<h3>{escape(name)}</h3><p>{escape(told)}</p>{shown}"


def _told_of_gap(found: Mapping[str, Any]) -> str:
    if found["gap"] is None:
        return f"Not compared: {found['reason']}."
    then = (
        f"; at the evaluation {number(found['gap_then'])}" if found["gap_then"] is not None else ""
    )
    return f"Gap between the lowest and the highest group: {number(found['gap'])}{then}."


def reasons(report: Mapping[str, Any]) -> str:
    """What the model decides by, then and now."""
    found = report["explanation"]
    if found["similarity"] is None:
        return section(
            "reasons", "Reasons", f"<p>Not compared: {escape(str(found['reason']))}.</p>"
        )
    before = ranking(found["then"])
    rows = (
        (
            name,
            f"{position}",
            f"{before.index(name) + 1}" if name in before else "–",
            percent(found["now"][name]),
            percent(found["then"].get(name, 0.0)),
        )
        for position, name in enumerate(ranking(found["now"])[:_RANKED], 1)
    )
    shown = table(
        "Columns by their share of all contributions",
        ("column", "place", "was", "share", "was"),
        rows,
    )
    told = f"<p>Similarity of the two rankings: {found['similarity']:.3f} of 1.</p>"
    return section("reasons", "What the model decides by", told + shown)
