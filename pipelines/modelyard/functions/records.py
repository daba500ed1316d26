"""What a release leaves behind: a record in evidence, an event, and a message to people."""

import json
from collections.abc import Mapping
from typing import Any

from modelyard.functions import chain
from modelyard.functions.notices import notice, phase_word, record
from modelyard.functions.release_state import State

SOURCE, DETAIL_TYPE = "modelyard", "Modelyard Release State Change"
FOLDER = "releases/"
# After these a version is not released again by itself, until somebody approves it anew.
ENDINGS = ("done", "refused", "failed", "rolled-back")


def announce(session: Any, facts: Mapping[str, str], state: State) -> str:
    """Tells of the phase unless that is done already, and returns the record's address.

    The record is written last: whoever is interrupted before it says everything once more, under
    the same names, and whoever finds it says nothing.
    """
    s3 = session.client("s3")
    bucket, name = facts["bucket_evidence"], f"{state.release}-{phase_word(state)}.json"
    key = f"{FOLDER}{name}"
    uri = f"s3://{bucket}/{key}"
    if key in kept(s3, facts, key):
        return uri
    _emit(session.client("events"), facts, state, uri)
    said = notice(state, facts)
    session.client("sns").publish(
        TopicArn=facts["alert_topic"],
        Subject=said.subject,
        Message=f"{said.text}Record: {uri}\n",
        MessageAttributes={"severity": {"DataType": "String", "StringValue": said.severity}},
    )
    chain.append(s3, bucket, FOLDER, name, record(state, facts), facts["key_arn"])
    return uri


def kept(s3: Any, facts: Mapping[str, str], prefix: str) -> list[str]:
    """The keys of records that begin so."""
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=facts["bucket_evidence"], Prefix=prefix
    )
    return [item["Key"] for page in pages for item in page.get("Contents", ())]


def _emit(events: Any, facts: Mapping[str, str], state: State, uri: str) -> None:
    detail = {
        "project": facts["project"],
        "environment": facts["environment"],
        "release": state.release,
        "version": state.version,
        "model_package_arn": state.model_package_arn,
        "phase": phase_word(state),
        "reason": state.reason,
        "record": uri,
    }
    answer = events.put_events(
        Entries=[{"Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": json.dumps(detail)}]
    )
    if answer.get("FailedEntryCount"):
        raise RuntimeError(f"the event bus refused the release's event: {answer['Entries']}")
