"""How EventBridge Scheduler reaches a schedule's target: as its role, again, and what is lost."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.schedule_calls import TargetError, call, queue_url, service_of
from sandbox.trust import TrustError
from sandbox.under_way import UnderWay

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

log = logging.getLogger(__name__)

SERVICE = "scheduler.amazonaws.com"
# "EventBridge Scheduler retries with exponential backoff": how fast, AWS does not say.
FIRST_RETRY, LONGEST_PAUSE = 30.0, 3600.0
THROTTLED = ("Throttling", "ThrottlingException", "TooManyRequestsException")


@dataclass(frozen=True)
class Occurrence:
    """One time a schedule is due, and the attempts at it."""

    schedule: str
    target: Mapping[str, Any]
    due: datetime
    attempt: int = 1

    @property
    def region(self) -> str:
        """Where the schedule is."""
        return self.schedule.split(":")[3]

    def input(self, execution: str) -> str:
        """The target's input with its context attributes replaced; AWS's event without one."""
        when = f"{self.due:%Y-%m-%dT%H:%M:%SZ}"
        if not self.target.get("Input"):
            return json.dumps(
                {
                    "version": "0",
                    "id": execution,
                    "detail-type": "Scheduled Event",
                    "source": "aws.scheduler",
                    "account": self.schedule.split(":")[4],
                    "time": when,
                    "region": self.region,
                    "resources": [self.schedule],
                    "detail": "{}",
                }
            )
        text = str(self.target["Input"])
        for name, value in (
            ("schedule-arn", self.schedule),
            ("scheduled-time", when),
            ("execution-id", execution),
            ("attempt-number", str(self.attempt)),
        ):
            text = text.replace(f"<aws.scheduler.{name}>", value)
        return text


class Invoker:
    """Calls targets beside the clock, and tries again on it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._under_way = UnderWay()
        sandbox.clock.wait_for(self._under_way.busy)

    def invoke(self, occurrence: Occurrence) -> None:
        """Reach the target of an occurrence."""
        self._under_way.begin()
        self._sandbox.submit(self._try, occurrence)

    def _try(self, occurrence: Occurrence) -> None:
        execution = uuid.uuid4().hex[:16]
        try:
            self._call(occurrence, occurrence.input(execution))
        except (TrustError, ClientError, BotoCoreError, TargetError, ValueError) as error:
            log.warning("%s did not reach its target: %s", occurrence.schedule, error)
            self._again_or_give_up(occurrence, execution, error)
        finally:
            self._under_way.end()

    def _call(self, occurrence: Occurrence, text: str) -> None:
        service = service_of(str(occurrence.target["Arn"]))
        call(self._client(service, occurrence), occurrence.target, text)

    def _client(self, service: str, occurrence: Occurrence) -> Any:
        role = str(occurrence.target["RoleArn"])
        name = occurrence.schedule.rsplit("/", 1)[-1]
        return self._sandbox.client(service, role, name, SERVICE, occurrence.region)

    def _again_or_give_up(self, occurrence: Occurrence, execution: str, error: Exception) -> None:
        policy = occurrence.target.get("RetryPolicy") or {}
        now = self._sandbox.clock.now()
        pause = min(FIRST_RETRY * 2 ** (occurrence.attempt - 1), LONGEST_PAUSE)
        oldest = timedelta(seconds=int(policy.get("MaximumEventAgeInSeconds", 86_400)))
        later = now + timedelta(seconds=pause)
        exhausted = None
        if not _may_pass(error):
            pass
        elif occurrence.attempt > int(policy.get("MaximumRetryAttempts", 185)):
            exhausted = "MaximumRetryAttempts"
        elif later - occurrence.due > oldest:
            exhausted = "MaximumEventAgeInSeconds"
        else:
            following = Occurrence(
                occurrence.schedule, occurrence.target, occurrence.due, occurrence.attempt + 1
            )
            self._sandbox.clock.at(later, lambda due: self.invoke(following))
            return
        self._bury(occurrence, execution, error, exhausted)

    def _bury(
        self, occurrence: Occurrence, execution: str, error: Exception, exhausted: str | None
    ) -> None:
        queue = (occurrence.target.get("DeadLetterConfig") or {}).get("Arn")
        if not queue:
            return
        code = type(error).__name__
        if isinstance(error, ClientError):
            code = error.response["Error"]["Code"]
        attributes = {
            "ERROR_CODE": code,
            "ERROR_MESSAGE": str(error),
            "EXECUTION_ID": execution,
            "IS_PAYLOAD_TRUNCATED": "false",
            "RETRY_ATTEMPTS": str(occurrence.attempt - 1),
            "SCHEDULED_TIME": f"{occurrence.due:%Y-%m-%dT%H:%M:%SZ}",
            "SCHEDULE_ARN": occurrence.schedule,
            "TARGET_ARN": str(occurrence.target["Arn"]),
        }
        if exhausted:
            attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
        try:
            client = self._client("sqs", occurrence)
            client.send_message(
                QueueUrl=queue_url(client, str(queue)),
                MessageBody=occurrence.input(execution),
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value}
                    for name, value in attributes.items()
                },
            )
        except (TrustError, ClientError) as refused:
            log.warning("%s has no way to its dead letters: %s", occurrence.schedule, refused)


def _may_pass(error: Exception) -> bool:
    """Whether trying again can help; a refusal stays one."""
    if isinstance(error, ClientError):
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))
        return status >= 500 or error.response["Error"]["Code"] in THROTTLED
    return isinstance(error, BotoCoreError)
