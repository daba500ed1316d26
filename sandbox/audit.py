"""The audit trail: one CloudTrail record per API call, allowed or denied, without secrets."""

from __future__ import annotations

import threading
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.answers import elements, error_of
from sandbox.api_call import ApiCall
from sandbox.faults import Answer
from sandbox.recording import recorded
from sandbox.resource_arns import touched

READING = (
    "Get", "List", "Describe", "Head", "Search", "Lookup", "Query", "Check", "Filter",
    "BatchGet", "BatchCheck", "Select", "Preview", "Simulate", "Test", "Validate",
)  # fmt: skip
# What CloudTrail calls data events: kept here, but no part of an event history.
DATA_OPERATIONS = frozenset(
    {
        ("sns", "Publish"), ("sns", "PublishBatch"), ("sqs", "SendMessage"),
        ("sqs", "SendMessageBatch"), ("sqs", "ReceiveMessage"), ("sqs", "DeleteMessage"),
        ("lambda", "Invoke"), ("lambda", "InvokeAsync"), ("events", "PutEvents"),
        ("logs", "PutLogEvents"), ("logs", "GetLogEvents"), ("logs", "FilterLogEvents"),
        ("cloudwatch", "PutMetricData"), ("cloudwatch", "GetMetricData"),
    }
)  # fmt: skip
GLOBAL_SERVICES = frozenset({"iam", "sts", "organizations", "cloudfront", "route53", "budgets"})
KEPT = 100_000
EVENT_SOURCES = {"cloudwatch": "monitoring"}


@dataclass(frozen=True)
class Entry:
    """One record and what a search of the trail looks at."""

    account: str
    region: str
    time: datetime
    record: Mapping[str, Any]
    management: bool
    read_only: bool
    user: str


class AuditTrail:
    """Every call the sandbox answered, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def add(self, call: ApiCall, answer: Answer) -> Entry:
        """Record one answered call."""
        entry = _entry(call, answer)
        with self._lock:
            self._entries.append(entry)
        return entry

    def newest_first(self) -> Iterator[Entry]:
        with self._lock:
            entries = tuple(self._entries)
        return reversed(entries)


def _entry(call: ApiCall, answer: Answer) -> Entry:
    read_only = call.operation.startswith(READING)
    management = not _is_data(call)
    error = error_of(answer)
    region = "us-east-1" if call.service in GLOBAL_SERVICES else call.region
    record: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": user_identity(call),
        "eventTime": call.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{EVENT_SOURCES.get(call.prefix, call.prefix)}.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": region,
        "sourceIPAddress": call.source_ip,
        "userAgent": call.user_agent,
        "requestParameters": recorded(call.service, call.operation, "input", call.parameters),
        "responseElements": None,
        "requestID": call.id,
        "eventID": str(uuid.uuid4()),
        "readOnly": read_only,
        "resources": [{"accountId": call.account, "ARN": arn} for arn in touched(call)],
        "eventType": "AwsApiCall",
        "managementEvent": management,
        "recipientAccountId": call.account,
        "eventCategory": "Management" if management else "Data",
    }
    if error:
        record["errorCode"], record["errorMessage"] = error
    elif management and not read_only:
        output = elements(call, answer)
        record["responseElements"] = recorded(call.service, call.operation, "output", output)
    return Entry(call.account, region, call.time, record, management, read_only, _user_name(call))


def user_identity(call: ApiCall) -> dict[str, Any]:
    """CloudTrail's userIdentity element for the caller."""
    principal = call.principal
    identity: dict[str, Any] = {
        "type": principal.kind,
        "principalId": principal.id,
        "arn": principal.identity_arn,
        "accountId": principal.account,
        "accessKeyId": principal.access_key,
    }
    if principal.kind == "Anonymous":
        return _anonymous(call)
    if principal.user_name:
        identity["userName"] = principal.user_name
    session = principal.session
    if session:
        context: dict[str, Any] = {
            "sessionIssuer": {
                "type": "Role",
                "principalId": session.role_id,
                "arn": session.role_arn,
                "accountId": session.account,
                "userName": session.role_name,
            },
            "attributes": {
                "creationDate": session.issued.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "mfaAuthenticated": "false",
            },
        }
        if session.source_identity:
            context["sourceIdentity"] = session.source_identity
        identity["sessionContext"] = context
        if session.invoked_by:
            identity["invokedBy"] = session.invoked_by
    return identity


def _anonymous(call: ApiCall) -> dict[str, Any]:
    provider = call.parameters.get("PrincipalArn")
    if call.operation == "AssumeRoleWithSAML" and provider:
        return {"type": "SAMLUser", "principalId": provider, "identityProvider": provider}
    if call.operation == "AssumeRoleWithWebIdentity":
        return {"type": "WebIdentityUser"}
    return {"type": "Unknown", "principalId": "Anonymous"}


def _is_data(call: ApiCall) -> bool:
    if call.service == "s3":
        return "Key" in call.parameters or call.operation in {
            "DeleteObjects", "ListObjects", "ListObjectsV2", "ListObjectVersions", "HeadBucket",
        }  # fmt: skip
    if call.service in ("sagemaker-runtime", "sagemaker-metrics"):
        return True
    return (call.service, call.operation) in DATA_OPERATIONS


def _user_name(call: ApiCall) -> str:
    principal = call.principal
    if principal.session:
        return principal.session.name
    return principal.user_name or principal.kind.lower()
