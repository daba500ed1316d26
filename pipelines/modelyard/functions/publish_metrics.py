"""The last step of a monitoring run: metrics, alarms in words, and the word to dev that trains.

Reads the report's summary, which holds counts and no row; a window that somebody asked for counts
for no alarm and no metric.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from modelyard.functions import alert_store, alert_text, routes, silences
from modelyard.functions.alert_state import (
    MEASURED,
    RANK,
    SHOCK,
    Alarm,
    News,
    Seen,
    State,
    with_window,
    wrong_now,
)
from modelyard.functions.clients import Clients
from modelyard.functions.findings import EVENT, NAMESPACE, SOURCE
from modelyard.functions.service import contract, put_json, read_json
from modelyard.functions.windows import is_on_demand, moment, stamp

# CloudWatch takes no metric that is older.
_OLDEST_METRIC = timedelta(days=14)
_MOST_FINDINGS = 20


def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """Lambda's entry: {"report"} in, the prefix under which summary.json lies."""
    session = Clients()
    facts = contract(session.client("ssm"))
    report = str(event["report"]).rstrip("/")
    return publish(report, session, facts)


def publish(report: str, session: Clients, facts: Mapping[str, str]) -> dict[str, Any]:
    """Publishes one report; what it said and handed on."""
    s3 = session.client("s3")
    name = report.rsplit("/", 1)[1]
    summary, _ = read_json(s3, f"{report}/summary.json")
    if is_on_demand(name):
        return {"verdict": summary["verdict"], "told": [], "counted": False}
    kept = f"s3://{facts['bucket_predictions']}/monitoring/{name}/summary.json"
    put_json(s3, kept, summary, facts["key_arn"])
    seen = _seen(name, summary)
    now = max(datetime.now(UTC), seen.end)
    _put_metrics(session.client("cloudwatch"), facts, summary, seen.end, now)
    rules = json.loads(facts["monitoring"])

    def change(state: State) -> tuple[State, list[Alarm]]:
        state = with_window(state, seen)
        return state, wrong_now(state.windows, rules["sustained"])

    def say(news: News) -> None:
        routes.send(
            session.client("sns"),
            facts,
            news.severity,
            alert_text.subject(news, facts["project"], facts["environment"]),
            alert_text.body(news, facts, summary, f"{report}/{summary.get('report', '')}"),
        )

    silenced = silences.in_force(s3, facts["bucket_evidence"], now)
    state, said = alert_store.settle(s3, facts, change, now, silenced, say)
    is_newest = state.windows[-1].window == name
    handed = _hand_on(session, facts, summary, state.alarms.values(), report) if is_newest else 0
    return {
        "verdict": summary["verdict"],
        "told": [one.id for one in (*said.opened, *said.reminded)],
        "over": [one.id for one in said.closed],
        "open": sorted(state.alarms),
        "handed_on": handed,
        "counted": True,
    }


def _seen(name: str, summary: Mapping[str, Any]) -> Seen:
    return Seen(
        window=name,
        start=moment(summary["window"]["start"]),
        end=moment(summary["window"]["end"]),
        verdict=str(summary["verdict"]),
        shock=bool(summary.get("shock")),
        served=summary.get("served"),
        findings={
            str(one["id"]): {
                key: one.get(key)
                for key in ("kind", "severity", "column", "sentence", "value", "share")
            }
            for one in summary.get("findings", ())
            if RANK[one["severity"]] >= RANK["warning"]
        },
    )


def _put_metrics(
    cloudwatch: Any,
    facts: Mapping[str, str],
    summary: Mapping[str, Any],
    when: datetime,
    now: datetime,
) -> None:
    """A handful per model, at the end of their window; the report keeps everything else."""
    if now - when >= _OLDEST_METRIC:
        return
    dimensions = [
        {"Name": "Project", "Value": facts["project"]},
        {"Name": "Environment", "Value": facts["environment"]},
    ]
    data = [
        {
            "MetricName": metric["name"],
            "Value": float(metric["value"]),
            "Unit": metric.get("unit") or "None",
            "Timestamp": when,
            "Dimensions": dimensions,
        }
        for metric in summary.get("metrics", ())
        if metric.get("value") is not None and not metric.get("dimensions", {}).get("Column")
    ]
    if data:
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data)


def _hand_on(
    session: Clients,
    facts: Mapping[str, str],
    summary: Mapping[str, Any],
    alarms: Sequence[Alarm] | Any,
    report: str,
) -> int:
    """Tells dev what may be cured by training; in every window, as long as it lasts."""
    curable = [one for one in alarms if one.id == SHOCK or one.finding.get("kind") in MEASURED]
    if not curable:
        return 0
    detail = {
        "project": facts["project"],
        "environment": facts["environment"],
        "verdict": summary["verdict"],
        "shock": bool(summary.get("shock")),
        "window": summary["window"],
        "since": stamp(min(one.since for one in curable)),
        "report": report,
        "model_package_arn": summary.get("model_package_arn", ""),
        "findings": [
            {
                "id": one.id,
                "kind": one.finding.get("kind", SHOCK),
                "severity": one.severity,
                "sentence": one.finding.get("sentence", ""),
            }
            for one in curable[:_MOST_FINDINGS]
        ],
    }
    answer = session.client("events").put_events(
        Entries=[{"Source": SOURCE, "DetailType": EVENT, "Detail": json.dumps(detail)}]
    )
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"the finding was not taken: {answer['Entries']}")
    return len(curable)
