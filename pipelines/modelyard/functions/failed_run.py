"""A monitoring or batch run that failed: somebody is told."""

from collections.abc import Mapping
from typing import Any

from modelyard.functions import alert_store, alert_text, routes, silences
from modelyard.functions.alert_state import FAILED, Alarm, News, State
from modelyard.functions.clients import Clients
from modelyard.functions.windows import moment


def tell_failure(
    event: Mapping[str, Any], session: Clients, facts: Mapping[str, str]
) -> dict[str, Any]:
    """Opens the alarm `monitor:failed`, which the next published report closes.

    A batch run has no such state: each that failed is told, and the next one scores what is left.
    """
    s3, now = session.client("s3"), moment(str(event["time"]))
    arn = str(event["detail"]["pipelineExecutionArn"])
    reason = why_failed(session.client("sagemaker"), arn)
    if arn.split("/")[1] == f"{facts['project']}-{facts['environment']}-batch":
        return _tell_batch(arn, reason, session, facts)
    summary = {"execution_arn": arn}

    def change(state: State) -> tuple[State, list[Alarm]]:
        others = [one for one in state.alarms.values() if one.id != FAILED]
        finding = {
            "kind": "monitor",
            "severity": "critical",
            "sentence": f"the monitoring run failed, so nobody watches the model: {reason}",
        }
        return state, [*others, Alarm(FAILED, "critical", now, finding)]

    def say(news: News) -> None:
        routes.send(
            session.client("sns"),
            facts,
            news.severity,
            alert_text.subject(news, facts["project"], facts["environment"]),
            alert_text.body(news, facts, summary, ""),
            key=FAILED,
        )

    silenced = silences.in_force(s3, facts["bucket_evidence"], now)
    _, said = alert_store.settle(s3, facts, change, now, silenced, say)
    return {"told": [one.id for one in said.opened], "execution_arn": arn, "reason": reason}


def _tell_batch(
    arn: str, reason: str, session: Clients, facts: Mapping[str, str]
) -> dict[str, Any]:
    where = f"{facts['project']}-{facts['environment']}"
    routes.send(
        session.client("sns"),
        facts,
        "critical",
        f"[critical] {where}: a batch run failed",
        f"A batch run of {where} failed: {reason}\n"
        "Outputs that exist are whole; partitions without one are scored by the next run.\n"
        "Look closer: aws sagemaker list-pipeline-execution-steps "
        f"--pipeline-execution-arn {arn}",
        key=arn,
    )
    return {"told": ["batch:failed"], "execution_arn": arn, "reason": reason}


def why_failed(sagemaker: Any, arn: str) -> str:
    """What the failed step says of itself."""
    pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=arn
    )
    failed = [
        f"{step['StepName']}: {step.get('FailureReason') or 'no reason given'}"
        for page in pages
        for step in page["PipelineExecutionSteps"]
        if step["StepStatus"] == "Failed"
    ]
    return "; ".join(failed)[:500] or "no step gives a reason"
