"""Alarms in words: what changed, since when, the likely cause, who is affected, what to do."""

from collections.abc import Mapping, Sequence
from typing import Any

from modelyard.functions.alert_state import FAILED, RANK, SHOCK, SILENT, Alarm, News

_MOST_SENTENCES = 8
_CAUSES: Mapping[str, str] = {
    "drift": "the people or cases that reach the model changed, or a source changed its meaning",
    "missing": "a source stopped filling the column, or a join upstream lost its matches",
    "category": "a code list changed upstream, or a new product or region went live",
    "schema": "a system upstream renamed, dropped or retyped a column",
    "range": "a unit changed upstream (thousands for ones), or a value is entered by hand",
    "prediction": "the inputs moved along what the model weighs most; see the columns named",
    "quality": "what the model learned no longer holds, or the labels are recorded differently",
    "estimate": "the model is less sure than it was; no labels confirm it yet",
    "bias": "groups reach the model in other numbers or cases than they did in training",
    "explanation": "other columns drive the decisions than in training; look for a broken input",
    "service": "the endpoint, its size or its callers",
    "capture": "capture is off, late or refused; predictions of the gap cannot be judged",
}
_SPECIAL: Mapping[str, str] = {
    SHOCK: "a change upstream (units, codes, a join, a wrong feed) rather than in the world",
    SILENT: "the callers stopped, were pointed elsewhere, or cannot reach the endpoint",
    FAILED: "the report's inputs or its job; the command below shows the step's reason",
}


def subject(news: News, project: str, environment: str) -> str:
    """The first line, at most a hundred characters of ASCII, as SNS takes it."""
    shown = news.opened or news.reminded
    if not shown:
        names, word = ", ".join(_named(one) for one in news.closed), "over"
    else:
        names = ", ".join(dict.fromkeys(_named(one) for one in _by_weight(shown)))
        word = news.severity if news.opened else f"still {news.severity}"
    text = f"[{word}] {project} {environment}: {names}"
    plain = text.encode("ascii", "replace").decode()
    return plain if len(plain) <= 100 else f"{plain[:97]}..."


def body(news: News, facts: Mapping[str, str], summary: Mapping[str, Any], report: str) -> str:
    """The message itself: plain text that a phone shows."""
    environment = facts["environment"]
    parts: list[tuple[str, Sequence[str]]] = []
    shown = _by_weight((*news.opened, *news.reminded))
    if shown:
        heading = "What changed" if news.opened else "Still so"
        parts.append((heading, [_sentence(one) for one in shown[:_MOST_SENTENCES]]))
        if len(shown) > _MOST_SENTENCES:
            parts.append(("And", [f"{len(shown) - _MOST_SENTENCES} more; the report has all"]))
        since = min(one.since for one in shown)
        parts.append(("Since", [f"{since:%Y-%m-%d %H:%M} UTC"]))
        parts.append(("Likely cause", list(dict.fromkeys(_cause(one) for one in shown))[:3]))
        parts.append(("Affected", [_affected(shown, summary)]))
    if news.closed:
        parts.append(("Over", [_sentence(one) for one in _by_weight(news.closed)]))
    parts.append(("Look closer", [_command(shown, environment, summary)]))
    if report:
        parts.append(("Report", [report, f"aws s3 cp {report} report.html"]))
    if shown:
        parts.append(("Silence", [_silencing(shown, environment)]))
        parts.append(("What happens", [_cure(shown)]))
    top = f"{news.severity.upper()}: {facts['project']} in {environment}{_version(summary)}"
    return f"{top}\n\n" + "\n".join(_aligned(title, lines) for title, lines in parts) + "\n"


def _aligned(title: str, lines: Sequence[str]) -> str:
    return "\n".join(
        f"{title if number == 0 else '':<14}{line}" for number, line in enumerate(lines)
    )


def _by_weight(alarms: Sequence[Alarm]) -> list[Alarm]:
    """The worst first; among equals the one that touches most."""
    return sorted(
        alarms,
        key=lambda one: (-RANK[one.severity], -float(one.finding.get("share") or 0), one.id),
    )


def _named(one: Alarm) -> str:
    column = str(one.finding.get("column") or "")
    if column.startswith("("):
        return "predictions"
    return column or one.id.removeprefix("service:").replace(":", " ").replace("_", " ")


def _sentence(one: Alarm) -> str:
    if one.id == SHOCK:
        return "most features moved at once"
    return str(one.finding.get("sentence") or one.id)


def _cause(one: Alarm) -> str:
    return _SPECIAL.get(one.id) or _CAUSES.get(str(one.finding.get("kind")), "not known")


def _affected(alarms: Sequence[Alarm], summary: Mapping[str, Any]) -> str:
    served = summary.get("served")
    of = f" of {served:,.0f} predictions in the window" if served else ""
    share = max((float(one.finding.get("share") or 0) for one in alarms), default=0.0)
    if any(one.id == SHOCK for one in alarms):
        share = 1.0
    return f"{share:.0%}{of}" if share else f"not measured{of and ','}{of}"


def _command(alarms: Sequence[Alarm], environment: str, summary: Mapping[str, Any]) -> str:
    if any(one.id == FAILED for one in alarms):
        arn = summary.get("execution_arn", "ARN")
        return f"aws sagemaker list-pipeline-execution-steps --pipeline-execution-arn {arn}"
    if any(one.id == SILENT for one in alarms):
        return f"modelyard status --env {environment}"
    window = summary.get("window")
    stretch = f" --from {window['start']} --to {window['end']}" if window else ""
    return f"modelyard monitor --env {environment}{stretch} --page report.html"


def _silencing(alarms: Sequence[Alarm], environment: str) -> str:
    name = alarms[0].id if len(alarms) == 1 else "'*'"
    return f"modelyard silence --env {environment} --finding {name} --for 8h --reason TEXT"


def _cure(alarms: Sequence[Alarm]) -> str:
    if any(one.id == SHOCK for one in alarms):
        return (
            "nothing by itself: training on a broken feed would teach it. Once the cause is "
            "known, `modelyard run --env dev` trains, `modelyard rollback` goes back"
        )
    kinds = {str(one.finding.get("kind")) for one in alarms}
    if kinds & {"schema", "service", "capture"} or not kinds & set(_CAUSES):
        return "nothing by itself: a person has to look"
    return (
        "where training.retrain allows it, dev trains a challenger; nobody but an approver "
        "releases it"
    )


def _version(summary: Mapping[str, Any]) -> str:
    arn = str(summary.get("model_package_arn") or "")
    return f", model version {arn.rsplit('/', 1)[1]}" if "/" in arn else ""
