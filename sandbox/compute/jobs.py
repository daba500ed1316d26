"""A job from request to end, run as a local process: what processing and training share."""

from __future__ import annotations

import logging
import shutil
import signal
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from moto.core.utils import utcnow

from sandbox.compute import images
from sandbox.compute.container import Container
from sandbox.compute.failures import RunError, shorten
from sandbox.compute.logs import LogFeed
from sandbox.compute.operations import Scope
from sandbox.compute.transfer import Transfer
from sandbox.processes import Process

log = logging.getLogger(__name__)

# A stopped container gets SIGTERM and this long to save its work ("StopTrainingJob").
GRACE_SECONDS = 120
LONGEST_RUN = 86400
LOG_INTERVAL = 1.0


@dataclass(frozen=True)
class Outcome:
    """How a job ended."""

    status: str
    reason: str | None = None


class Job(ABC):
    """One job: its request, its state as Describe shows it, and its run."""

    noun: ClassVar[str]  # Processing or Training, as in the names of members and events

    def __init__(self, scope: Scope, parameters: Mapping[str, Any]) -> None:
        self.scope = scope
        self.parameters = parameters
        self.name: str = parameters[f"{self.noun}JobName"]
        self.arn = scope.arn(f"{self.noun.lower()}-job", self.name)
        self.role_arn: str = parameters["RoleArn"]
        self.tags: list[dict[str, str]] = list(parameters.get("Tags", ()))
        self.status = "InProgress"
        self.failure_reason: str | None = None
        self.creation_time = self.last_modified_time = utcnow()
        self.start_time: datetime | None = None
        self.end_time: datetime | None = None
        self.done = threading.Event()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._expired = False
        self._root = scope.sandbox.data / "jobs" / scope.account / scope.region / self.name
        self._process: Process | None = None

    @property
    @abstractmethod
    def isolated(self) -> bool:
        """Whether the container has no network and no credentials."""

    @abstractmethod
    def pull(self, container: Container, transfer: Transfer) -> None:
        """Lay out the container's files: configuration, inputs, empty output directories."""

    @abstractmethod
    def command(self) -> list[str]:
        """What the container runs."""

    @abstractmethod
    def variables(self) -> Mapping[str, str]:
        """The environment the request and the service give the container."""

    @abstractmethod
    def push(self, container: Container, transfer: Transfer, completed: bool) -> None:
        """Store the outputs; some of them only if the program completed."""

    @abstractmethod
    def algorithm_failure(self, container: Container, status: int) -> RunError:
        """Why a program that ended with this status failed."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """The members of the Describe response."""

    @property
    def response_object(self) -> dict[str, Any]:
        """The name by which moto asks for `describe`."""
        return self.describe()

    @property
    def cut_short(self) -> bool:
        """Whether the program was told to end before it was done."""
        return self._stopping.is_set() or self._expired

    def start(self) -> None:
        """Run in the background; `done` is set when everything about the end is recorded."""
        self.announce()
        self.scope.sandbox.submit(self.run)

    def stop(self) -> None:
        """Ask the program to end; a second call changes nothing."""
        with self._lock:
            if self.status != "InProgress":
                return
            self.status = "Stopping"
            self._stopping.set()
            process = self._process
        self.announce()
        if process is not None:
            self.scope.sandbox.submit(process.terminate, GRACE_SECONDS)

    def run(self) -> None:
        """The whole life of the job; each way it can end is an outcome."""
        try:
            outcome = self._run()
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

    def _run(self) -> Outcome:
        scope = self.scope
        image = images.resolve(scope, self.image_uri, self.role_arn)
        container = Container.create(scope, image, self._root, self.role_arn, self.isolated)
        transfer = Transfer(scope.client("s3", self.role_arn))
        self.phase("Downloading")
        self.pull(container, transfer)
        if self._stopping.is_set():
            return Outcome("Stopped")
        self.phase("Training")
        status = self._execute(container)
        self.phase("Uploading")
        return self._conclude(container, transfer, status)

    @property
    @abstractmethod
    def image_uri(self) -> str:
        """The image the container is made from."""

    @property
    def longest_run(self) -> int:
        stopping: Mapping[str, Any] = self.parameters.get("StoppingCondition") or {}
        return int(stopping.get("MaxRuntimeInSeconds", LONGEST_RUN))

    def _execute(self, container: Container) -> int:
        group = f"/aws/sagemaker/{self.noun}Jobs"
        feed = LogFeed(self.scope, group, f"{self.name}/algo-1-{int(time.time())}", container.log)
        self.start_time = utcnow()
        process = container.start(self.command(), self.variables())
        with self._lock:
            self._process = process
            stopped_meanwhile = self._stopping.is_set()
        if stopped_meanwhile:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self.longest_run
        while process.wait(min(LOG_INTERVAL, max(0.01, deadline - time.monotonic()))) is None:
            feed.pump()
            if time.monotonic() >= deadline and not self._expired:
                self._expired = True
                self.scope.sandbox.submit(process.terminate, GRACE_SECONDS)
                deadline += GRACE_SECONDS + LONGEST_RUN
        feed.pump(everything=True)
        return process.wait() or 0

    def _conclude(self, container: Container, transfer: Transfer, status: int) -> Outcome:
        if status == 0 and not self.cut_short:
            self.push(container, transfer, completed=True)
            return Outcome("Completed")
        reason = None if self.cut_short else str(self.algorithm_failure(container, status))
        try:
            self.push(container, transfer, completed=False)
        except RunError as failure:
            reason = shorten(f"{reason or 'Stopped'}; {failure}")
        if self._expired:
            limit = f"MaxRuntimeExceeded: the job ran longer than {self.longest_run} seconds"
            return Outcome("Stopped", limit)
        return Outcome("Stopped" if self.cut_short else "Failed", reason)

    def _finish(self, outcome: Outcome) -> None:
        with self._lock:
            self.end_time = self.last_modified_time = utcnow()
            self.failure_reason = outcome.reason
            self.phase("MaxRuntimeExceeded" if self._expired else outcome.status)
            self.status = outcome.status
        self.done.set()
        self.announce()
        shutil.rmtree(self._root, ignore_errors=True)  # an instance's disk ends with its job


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
