"""A job that is one program of an image: files in, a local process, files out."""

from __future__ import annotations

import signal
import time
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from moto.core.utils import utcnow

from sandbox.compute import images
from sandbox.compute.container import Container
from sandbox.compute.failures import RunError, shorten
from sandbox.compute.jobs import Job, Outcome
from sandbox.compute.logs import LogFeed
from sandbox.compute.operations import Scope
from sandbox.compute.transfer import Transfer
from sandbox.processes import Process

# A stopped container gets SIGTERM and this long to save its work ("StopTrainingJob").
GRACE_SECONDS = 120
LONGEST_RUN = 86400
LOG_INTERVAL = 1.0


class ContainerJob(Job):
    """A processing or training job."""

    def __init__(self, scope: Scope, parameters: Mapping[str, Any]) -> None:
        super().__init__(scope, parameters)
        self.role_arn: str = parameters["RoleArn"]
        self._process: Process | None = None

    @property
    @abstractmethod
    def image_uri(self) -> str:
        """The image the container is made from."""

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

    @property
    def longest_run(self) -> int:
        stopping: Mapping[str, Any] = self.parameters.get("StoppingCondition") or {}
        return int(stopping.get("MaxRuntimeInSeconds", LONGEST_RUN))

    def interrupt(self) -> None:
        with self.lock:
            process = self._process
        if process is not None:
            self.scope.sandbox.submit(process.terminate, GRACE_SECONDS)

    def work(self) -> Outcome:
        scope = self.scope
        image = images.resolve(scope, self.image_uri, self.role_arn)
        container = Container.create(scope, image, self.root, self.role_arn, self.isolated)
        transfer = Transfer(scope.client("s3", self.role_arn))
        self.phase("Downloading")
        self.pull(container, transfer)
        if self.stopping.is_set():
            return Outcome("Stopped")
        self.phase("Training")
        status = self._execute(container)
        self.phase("Uploading")
        return self._conclude(container, transfer, status)

    def _execute(self, container: Container) -> int:
        group = f"/aws/sagemaker/{self.noun}Jobs"
        feed = LogFeed(self.scope, group, f"{self.name}/algo-1-{int(time.time())}", container.log)
        self.start_time = utcnow()
        process = container.start(self.command(), self.variables())
        with self.lock:
            self._process = process
            stopped_meanwhile = self.stopping.is_set()
        if stopped_meanwhile:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self.longest_run
        while process.wait(min(LOG_INTERVAL, max(0.01, deadline - time.monotonic()))) is None:
            feed.pump()
            if time.monotonic() >= deadline and not self.expired:
                self.expired = True
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
        if self.expired:
            limit = f"MaxRuntimeExceeded: the job ran longer than {self.longest_run} seconds"
            return Outcome("Stopped", limit)
        return Outcome("Stopped" if self.cut_short else "Failed", reason)
