"""A job from request to end: what processing, training and transform jobs share."""

from __future__ import annotations

import logging
import shutil
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from moto.core.utils import utcnow

from sandbox.compute.failures import RunError
from sandbox.compute.operations import Scope

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """How a job ended."""

    status: str
    reason: str | None = None


class Job(ABC):
    """One job: its request, its state as Describe shows it, and its run."""

    noun: ClassVar[str]  # Processing, Training or Transform, as in the names of members and events
    order: ClassVar[str] = "Descending"  # of lists, when a request does not say
    unknown: ClassVar[str] = "Could not find requested job with name: {name}"

    def __init__(self, scope: Scope, parameters: Mapping[str, Any]) -> None:
        self.scope = scope
        self.parameters = parameters
        self.name: str = parameters[f"{self.noun}JobName"]
        self.arn = scope.arn(f"{self.noun.lower()}-job", self.name)
        self.tags: list[dict[str, str]] = list(parameters.get("Tags", ()))
        self.status = "InProgress"
        self.failure_reason: str | None = None
        self.creation_time = self.last_modified_time = utcnow()
        self.start_time: datetime | None = None
        self.end_time: datetime | None = None
        self.done = threading.Event()
        self.stopping = threading.Event()
        self.expired = False
        self.root = scope.sandbox.data / "jobs" / scope.account / scope.region / self.name
        self.lock = threading.Lock()

    @abstractmethod
    def work(self) -> Outcome:
        """Do what the job is for; a RunError is its failure."""

    @abstractmethod
    def interrupt(self) -> None:
        """Ask what runs to end: the job is stopping."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """The members of the Describe response."""

    @abstractmethod
    def summary(self) -> dict[str, Any]:
        """The members of an item of the List response."""

    @property
    def response_object(self) -> dict[str, Any]:
        """The name by which moto asks for `describe`."""
        return self.describe()

    @property
    def cut_short(self) -> bool:
        """Whether the program was told to end before it was done."""
        return self.stopping.is_set() or self.expired

    def start(self) -> None:
        """Run in the background; `done` is set when everything about the end is recorded."""
        self.announce()
        self.scope.sandbox.submit(self.run)

    def stop(self) -> None:
        """Ask the program to end; a second call changes nothing."""
        with self.lock:
            if self.status != "InProgress":
                return
            self.status = "Stopping"
            self.stopping.set()
        self.announce()
        self.interrupt()

    def run(self) -> None:
        """The whole life of the job; each way it can end is an outcome."""
        try:
            outcome = self.work()
        except RunError as failure:
            outcome = Outcome("Failed", str(failure))
        except Exception as error:
            log.exception("%s failed inside the sandbox", self.arn)
            outcome = Outcome("Failed", f"InternalServerError: {error!r}; see the sandbox's log")
        self._finish(outcome)

    def phase(self, name: str) -> None:
        """Note what the job does now; kinds that show it keep more than the time."""
        self.last_modified_time = utcnow()

    def announce(self) -> None:
        """Tell the event bus about the present state."""
        self.scope.sandbox.events.emit(
            self.scope.account,
            self.scope.region,
            "aws.sagemaker",
            f"SageMaker {self.noun} Job State Change",
            event_detail(self.describe()),
            [self.arn],
        )

    def _finish(self, outcome: Outcome) -> None:
        with self.lock:
            self.end_time = self.last_modified_time = utcnow()
            self.failure_reason = outcome.reason
            self.phase("MaxRuntimeExceeded" if self.expired else outcome.status)
            self.status = outcome.status
        self.done.set()
        self.announce()
        shutil.rmtree(self.root, ignore_errors=True)  # an instance's disk ends with its job


def event_detail(description: Mapping[str, Any]) -> dict[str, Any]:
    """A description as SageMaker's events carry it: times are milliseconds."""
    return {name: _in_event(value) for name, value in description.items() if value is not None}


def _in_event(value: Any) -> Any:
    if isinstance(value, datetime):
        return int(value.replace(tzinfo=UTC).timestamp() * 1000)
    if isinstance(value, Mapping):
        return event_detail(value)
    if isinstance(value, list):
        return [_in_event(item) for item in value]
    return value
