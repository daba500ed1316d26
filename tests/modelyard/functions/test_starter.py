"""Who started a run comes from the audit trail alone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from modelyard.functions.service import Refused
from modelyard.functions.starter import starter_of
from tests.modelyard.functions.recorded import ARN, STARTED

ALICE = {
    "type": "AssumedRole",
    "arn": "arn:aws:sts::123456789012:assumed-role/loans-dev-data-scientist/Alice",
    "sessionContext": {},
}


def record(identity: dict[str, Any], **changes: Any) -> dict[str, Any]:
    detail = {
        "eventSource": "sagemaker.amazonaws.com",
        "eventName": "StartPipelineExecution",
        "userIdentity": identity,
        "responseElements": {"pipelineExecutionArn": ARN},
    }
    return {"detail": {**detail, **changes}}


class Logs:
    """A log group; each page request sees what has arrived so far."""

    def __init__(self, *arrivals: list[dict[str, Any]]) -> None:
        self.arrivals = iter(arrivals)
        self.events: list[dict[str, Any]] = []

    def get_paginator(self, _operation: str) -> "Logs":
        return self

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        self.events += next(self.arrivals, [])
        yield {"events": [{"message": json.dumps(event)} for event in self.events]}


def starter(*arrivals: list[dict[str, Any]]) -> str:
    return starter_of(Logs(*arrivals), "starts", ARN, STARTED, patience=1)


def test_session_name_is_the_person_in_lower_case() -> None:
    assert starter([record(ALICE)]) == "alice"


def test_source_identity_comes_before_the_session_name() -> None:
    identity = {**ALICE, "sessionContext": {"sourceIdentity": "carol"}}
    assert starter([record(identity)]) == "carol"


def test_record_that_arrives_late_is_waited_for() -> None:
    assert starter([], [], [record(ALICE)]) == "alice"


NOT_OURS = [
    record(ALICE, responseElements={"pipelineExecutionArn": ARN + "x"}),
    record(ALICE, eventName="StopPipelineExecution"),
    record(ALICE, eventSource="other.amazonaws.com"),
    record(ALICE, errorCode="AccessDenied"),
    record(ALICE, responseElements=None),
]


@pytest.mark.parametrize("other", NOT_OURS)
def test_no_record_is_refused(other: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="the audit trail has no record of who started"):
        starter([other])


def test_root_is_nobody_in_particular() -> None:
    root = {"type": "Root", "arn": "arn:aws:iam::123456789012:root"}
    with pytest.raises(Refused, match="nobody in particular"):
        starter([record(root)])
