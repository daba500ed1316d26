"""Starts the training pipeline without a person, where the reviewed rules allow it, and says why.

Called by monitoring's findings from staging and prod, by new files in the raw bucket, by a newly
published pipeline and by the clock. The run ends in a package that waits for an approver: this
function can neither register nor approve nor release.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from modelyard.functions import routes
from modelyard.functions.champion import automatic_name, champion
from modelyard.functions.findings import EVENT
from modelyard.functions.retrain_rules import KINDS, Cause, Decision, Past, Run, decide
from modelyard.functions.service import contract, put_json
from modelyard.functions.windows import moment, stamp

_AUTOMATIC = "auto-"
_MOST_RUNS = 100
_PACKAGE_EVENT = "SageMaker Model Package State Change"


def handler(event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
    """Lambda's entry: any of the events that may start a run, or {"trigger": "schedule"}."""
    session = boto3.Session()
    facts = contract(session.client("ssm"))
    if event.get("detail-type") == _PACKAGE_EVENT:
        return _tell_who_decides(event, session, facts)
    rules = json.loads(facts["retrain"])
    cause = cause_of(event, rules)
    if cause is None:
        return {"started": False, "reason": "nothing in this can be cured by training"}
    decision = decide(cause, rules, _past(session, facts))
    if decision.start:
        return _start(session, facts, cause, event)
    if decision.ask and _first_time(session.client("s3"), facts, cause, decision):
        _ask(session.client("sns"), facts, cause, decision)
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
    sentences = [one["sentence"] for one in detail["findings"] if one.get("sentence")]
    environment = str(detail["environment"])
    return Cause(
        trigger,
        f"{trigger} in {environment}: {'; '.join(sentences) or 'see the report'}",
        at,
        environment,
        bool(detail.get("shock")),
    )


def _past(session: boto3.Session, facts: Mapping[str, str]) -> Past:
    sagemaker = session.client("sagemaker")
    return Past(
        runs=list(_runs(sagemaker, facts["train_pipeline"])),
        waiting=_waiting(sagemaker, facts),
        newest_data=_newest_data(session.client("s3"), facts["bucket_raw"]),
    )


def _runs(sagemaker: Any, pipeline: str) -> Iterator[Run]:
    """The newest runs; hours are looked up where they count, which is for our own."""
    try:
        found = sagemaker.list_pipeline_executions(
            PipelineName=pipeline,
            SortBy="CreationTime",
            SortOrder="Descending",
            MaxResults=_MOST_RUNS,
        )["PipelineExecutionSummaries"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFound":
            return
        raise
    for item in found:
        automatic = str(item.get("PipelineExecutionDisplayName", "")).startswith(_AUTOMATIC)
        arn = item["PipelineExecutionArn"]
        yield Run(
            item["StartTime"],
            automatic,
            item["PipelineExecutionStatus"],
            _hours(sagemaker, arn) if automatic else 0.0,
        )


def _hours(sagemaker: Any, arn: str) -> float:
    """Instance hours of a run's jobs: every job has one instance."""
    pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=arn
    )
    return sum(
        (step["EndTime"] - step["StartTime"]).total_seconds() / 3600
        for page in pages
        for step in page["PipelineExecutionSteps"]
        if step.get("EndTime") and {"ProcessingJob", "TrainingJob"} & set(step["Metadata"])
    )


def _waiting(sagemaker: Any, facts: Mapping[str, str]) -> int | None:
    """The newest version of our own that nobody has decided on."""
    found = sagemaker.list_model_packages(
        ModelPackageGroupName=facts["model_package_group"],
        ModelApprovalStatus="PendingManualApproval",
        SortBy="CreationTime",
        SortOrder="Descending",
    )["ModelPackageSummaryList"]
    for summary in found:
        package = sagemaker.describe_model_package(ModelPackageName=summary["ModelPackageArn"])
        metadata = package.get("CustomerMetadataProperties") or {}
        if metadata.get("trained_by") == automatic_name(facts):
            return int(package["ModelPackageVersion"])
    return None


def _newest_data(s3: Any, bucket: str) -> datetime | None:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    times = [
        item["LastModified"]
        for page in pages
        for item in page.get("Contents", [])
        if not item["Key"].startswith("quarantine/")
    ]
    return max(times, default=None)


def _start(
    session: boto3.Session, facts: Mapping[str, str], cause: Cause, event: Mapping[str, Any]
) -> dict[str, Any]:
    """One run, its reason in its description and in evidence."""
    sagemaker = session.client("sagemaker")
    best = champion(sagemaker, facts)
    name = f"{_AUTOMATIC}{cause.trigger}-{cause.at:%Y%m%d-%H%M%S}"
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


def _ask(sns: Any, facts: Mapping[str, str], cause: Cause, decision: Decision) -> None:
    text = (
        f"What       {cause.sentence}\nNot done   {decision.reason}\n"
        "Your turn  find the cause; then `modelyard run --env dev` trains, and\n"
        f"           `modelyard rollback --env {cause.environment or 'prod'}` goes back\n"
    )
    subject = f"[critical] {facts['project']}: no automatic training, a person has to decide"
    routes.send(sns, facts, "critical", subject, text, key=decision.ask)


def _tell_who_decides(
    event: Mapping[str, Any], session: boto3.Session, facts: Mapping[str, str]
) -> dict[str, Any]:
    """A challenger of our own came out: an approver hears what it is and how it compares."""
    arn = str(event["detail"]["ModelPackageArn"])
    package = session.client("sagemaker").describe_model_package(ModelPackageName=arn)
    metadata = package.get("CustomerMetadataProperties") or {}
    if metadata.get("trained_by") != automatic_name(facts):
        return {"told": False, "reason": "a person trained it and knows"}
    version = package["ModelPackageVersion"]
    text = (
        f"What       version {version} was trained automatically and waits for a decision\n"
        f"Compared   {metadata.get('champion_comparison', 'no champion yet')}\n"
        f"Gates      {package.get('ModelPackageDescription', '')}\n"
        f"Decide     modelyard approve --version {version} --comment TEXT (or --reject)\n"
    )
    subject = f"[warning] {facts['project']}: version {version} waits for an approver"
    routes.send(session.client("sns"), facts, "warning", subject, text)
    return {"told": True, "version": version}
