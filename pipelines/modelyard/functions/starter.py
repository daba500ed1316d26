"""Who started a pipeline execution, from the audit trail and never from the execution itself."""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from modelyard.functions.service import Refused, person

_EARLIER = timedelta(minutes=5)


def starter_of(logs: Any, group: str, arn: str, started: datetime, patience: float) -> str:
    """The person whose StartPipelineExecution record answers with this execution.

    The record travels through EventBridge, so it may come after the execution's first steps; wait
    `patience` seconds for it.
    """
    deadline = time.monotonic() + patience
    pause = 0.2
    while True:
        for record in _records(logs, group, arn, started):
            starter = person(record["userIdentity"])
            if not starter:
                raise Refused(
                    f"the execution was started as {record['userIdentity'].get('arn')}, who is "
                    f"nobody in particular; start it as a person"
                )
            return starter
        if time.monotonic() + pause > deadline:
            raise Refused(f"the audit trail has no record of who started {arn}")
        time.sleep(pause)
        pause = min(pause * 2, 10)


def _records(logs: Any, group: str, arn: str, started: datetime) -> Iterator[Mapping[str, Any]]:
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=int((started - _EARLIER).timestamp() * 1000)
    )
    for event in (event for page in pages for event in page["events"]):
        record = json.loads(event["message"]).get("detail", {})
        answer = record.get("responseElements") or {}
        if (
            record.get("eventSource") == "sagemaker.amazonaws.com"
            and record.get("eventName") == "StartPipelineExecution"
            and not record.get("errorCode")
            and answer.get("pipelineExecutionArn") == arn
        ):
            yield record
