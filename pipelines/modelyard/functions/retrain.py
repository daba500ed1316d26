"""Starts the training pipeline without a person, where the reviewed rules allow it, and says why.

Called by monitoring's findings from staging and prod, by new files in the raw bucket, by a newly
published pipeline and by the clock. The run ends in a package that waits for an approver: this
function can neither register nor approve nor release.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from modelyard.functions import routes
from modelyard.functions.champion import champion
from modelyard.functions.clients import Clients
from modelyard.functions.findings import EVENT
from modelyard.functions.retrain_notices import ask, tell_that_none_came, tell_who_decides
from modelyard.functions.retrain_past import AUTOMATIC, past
from modelyard.functions.retrain_rules import KINDS, Cause, Decision, decide
from modelyard.functions.service import contract, put_json
from modelyard.functions.windows import moment, stamp

_PACKAGE_EVENT = "SageMaker Model Package State Change"
_RUN_EVENT = "SageMaker Model Building Pipeline Execution Status Change"


def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """Lambda's entry: any of the events that may start a run, or {"trigger": "schedule"}."""
    session = Clients()
    facts = contract(session.client("ssm"))
    if event.get("detail-type") == _PACKAGE_EVENT:
        return tell_who_decides(event, session, facts)
    if event.get("detail-type") == _RUN_EVENT:
        return tell_that_none_came(event, session, facts)
    rules = json.loads(facts["retrain"])
    cause = cause_of(event, rules)
    if cause is None:
        return {"started": False, "reason": "nothing in this can be cured by training"}
    decision = decide(cause, rules, past(session, facts))
    if decision.start:
        return _start(session, facts, cause, event)
    if decision.ask and _first_time(session.client("s3"), facts, cause, decision):
        ask(session.client("sns"), facts, cause, decision)
    return {"started": False, "trigger": cause.trigger, "reason": decision.reason}


def cause_of(event: Mapping[str, Any], rules: Mapping[str, Any]) -> Cause | None:
    """What an event gives as a reason for a run; None where it gives none."""
    at = moment(str(event["time"])) if event.get("time") else datetime.now(UTC)
    kind, detail = event.get("detail-type"), event.get("detail") or {}
    if kind == EVENT:
        return _found(detail, rules, at)
    if kind == "Object Created":
        return Cause("data", f"new data: {detail['object']['key']}", at)
    if kind == "AWS API Call via CloudTrail":
        return Cause("code", f"{detail['requestParameters']['pipelineName']} was published", at)
    if event.get("trigger") in ("schedule", "data"):
        sentence = {"schedule": "it was time", "data": "new data"}[event["trigger"]]
        return Cause(event["trigger"], sentence, at)
    raise ValueError(f"no trigger in the event: {sorted(event)}")


def _found(detail: Mapping[str, Any], rules: Mapping[str, Any], at: datetime) -> Cause | None:
    """The finding's switch: one that is on, where several stand for it."""
    kinds = {finding["kind"] for finding in detail["findings"]}
    fitting = [trigger for trigger, known in KINDS.items() if kinds & known]
    if not fitting and not detail.get("shock"):
        return None
    trigger = next((one for one in fitting if one in rules["on"]), (*fitting, "drift")[0])
    sentences = [one["sentence"].rstrip(".") for one in detail["findings"] if one.get("sentence")]
    environment = str(detail["environment"])
    return Cause(
        trigger,
        f"{trigger} in {environment}: {'; '.join(sentences) or 'see the report'}",
        at,
        environment,
        bool(detail.get("shock")),
    )


def _start(
    session: Clients, facts: Mapping[str, str], cause: Cause, event: Mapping[str, Any]
) -> dict[str, Any]:
    """One run, its reason in its description and in evidence."""
    sagemaker = session.client("sagemaker")
    best = champion(sagemaker, facts)
    name = f"{AUTOMATIC}{cause.trigger}-{cause.at:%Y%m%d-%H%M%S}"
    again = json.dumps([cause.trigger, event.get("id") or stamp(cause.at)])
    parameters = [{"Name": "ChampionUri", "Value": best.model_uri}] if best else []
    arn = sagemaker.start_pipeline_execution(
        PipelineName=facts["train_pipeline"],
        PipelineExecutionDisplayName=name,
        PipelineExecutionDescription=cause.sentence[:3072],
        PipelineParameters=parameters,
        ClientRequestToken=hashlib.sha256(again.encode()).hexdigest(),
    )["PipelineExecutionArn"]
    record = {
        "execution": arn,
        "trigger": cause.trigger,
        "reason": cause.sentence,
        "environment": cause.environment,
        "time": stamp(cause.at),
        "champion": best.arn if best else "",
        "event": {key: event.get(key) for key in ("id", "source", "detail-type", "detail")},
    }
    evidence = f"s3://{facts['bucket_evidence']}/retraining/{name}.json"
    put_json(session.client("s3"), evidence, record, facts["key_arn"])
    text = (
        f"Why        {cause.sentence}\nRun        {arn}\nRecord     {evidence}\n"
        "Follow     modelyard status --env dev\n"
        "Afterwards the challenger waits for an approver, if it beats the champion and meets the "
        "gates.\n"
    )
    subject = f"[info] {facts['project']}: a challenger is being trained ({cause.trigger})"
    routes.send(session.client("sns"), facts, "info", subject, text)
    return {"started": True, "trigger": cause.trigger, "execution_arn": arn, "record": evidence}


def _first_time(s3: Any, facts: Mapping[str, str], cause: Cause, decision: Decision) -> bool:
    """Keeps what a person was asked; False where the same was asked before."""
    try:
        s3.put_object(
            Bucket=facts["bucket_evidence"],
            Key=f"retraining/asked-{decision.ask}.json",
            Body=json.dumps(
                {"time": stamp(cause.at), "cause": cause.sentence, "reason": decision.reason}
            ).encode(),
            ContentType="application/json",
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=facts["key_arn"],
            IfNoneMatch="*",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in ("PreconditionFailed", "ConditionalRequestConflict"):
            return False
        raise
    return True
