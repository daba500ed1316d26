"""A model server: the image's `serve` as a local process, from model data to a healthy answer."""

from __future__ import annotations

import shutil
import socket
import threading
import time
import uuid
from collections.abc import Mapping

from sandbox.compute import images
from sandbox.compute.connections import UNANSWERED, Connections
from sandbox.compute.container import Container
from sandbox.compute.failures import CALL_ERRORS, RunError, client_failure, with_log
from sandbox.compute.logs import LogFeed
from sandbox.compute.models import resolve_container
from sandbox.compute.operations import Scope
from sandbox.compute.transfer import split_uri, unpack
from sandbox.processes import Process

HEALTHY_WITHIN = 240  # seconds; a variant may allow more
# An advanced clock may use up what a container has to come up, but a process needs real time.
LEAST_REAL_SECONDS = 20
GRACE_SECONDS = 30  # SIGTERM, then SIGKILL ("Custom Inference Code with Hosting Services")


class ModelServer:
    """One process that answers /ping and /invocations."""

    def __init__(
        self,
        scope: Scope,
        model_name: str,
        what: str,
        log: tuple[str, str],
        healthy_within: int = HEALTHY_WITHIN,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.scope = scope
        self.model = scope.backend.describe_model(model_name)
        self.specified = resolve_container(
            scope, self.model.primary_container or self.model.containers[0]
        )
        self.digest: str | None = None
        self.port = _free_port()
        self.connections = Connections(self.port)
        self._what, self._log, self._allowed = what, log, healthy_within
        self._added = dict(variables or {})
        self._container: Container | None = None
        self._process: Process | None = None
        self._variables: Mapping[str, str] | None = None  # known once it was healthy
        self._cancelled = threading.Event()

    @property
    def role(self) -> str:
        return str(self.model.execution_role_arn)

    @property
    def image(self) -> str:
        return str(self.specified["Image"])

    @property
    def pid(self) -> int | None:
        """The process that answers now."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Bring the server up; a RunError says why it does not come."""
        image = images.resolve(self.scope, self.image, self.role)
        self.digest = image.digest
        directory = self.scope.sandbox.data / "endpoints" / self.scope.account / self.scope.region
        root = directory / f"{self.model.model_name}-{uuid.uuid4().hex[:8]}"
        isolated = bool(self.model.enable_network_isolation)
        container = Container.create(self.scope, image, root, self.role, isolated)
        self._container = container
        self._load_model(container)
        variables = {"SAGEMAKER_BIND_TO_PORT": str(self.port)}
        variables |= {"SAGEMAKER_SAFE_PORT_RANGE": f"{self.port}-{self.port}"}
        variables |= self.specified.get("Environment") or {}
        variables |= self._added
        process = self._process = container.start(["serve"], variables)
        self.scope.sandbox.submit(self._attend, container, process)
        self._await_health(container, process)
        self._variables = variables

    def healthy(self) -> bool:
        """Whether it answers its health check now."""
        try:
            return self.connections.request("GET", "/ping").status == 200
        except UNANSWERED:
            return False

    def stop(self) -> None:
        """End the process, which may finish what it answers, and remove its files."""
        self._cancelled.set()
        if self._process is not None:
            self._process.terminate(GRACE_SECONDS)
        self.connections.close()
        if self._container is not None:
            shutil.rmtree(self._container.root, ignore_errors=True)

    def _load_model(self, container: Container) -> None:
        target = container.directory("/opt/ml/model")
        uri = self.specified.get("ModelDataUrl")
        if not uri:
            return
        bucket, key = split_uri(uri)
        archive = container.root / "tmp" / "model.tar.gz"
        try:
            client = self.scope.client("s3", self.role)
            with archive.open("wb") as file:
                body = client.get_object(Bucket=bucket, Key=key)["Body"]
                shutil.copyfileobj(body, file, 1 << 20)
        except CALL_ERRORS as error:
            raise client_failure(f"Failed to download model data from {uri}", error) from error
        unpack(archive, target)
        archive.unlink()

    def _await_health(self, container: Container, process: Process) -> None:
        clock = self.scope.sandbox.clock
        began, real = clock.monotonic(), time.monotonic()
        while not self.healthy():
            ended = process.wait(0.02)
            late = clock.monotonic() - began > self._allowed
            late = late and time.monotonic() - real > min(LEAST_REAL_SECONDS, self._allowed)
            if ended is not None or late or self._cancelled.is_set():
                raise RunError(
                    with_log(
                        f"The primary container for {self._what} did not pass the ping health "
                        f"check{'' if ended is None else f' (exit code {ended})'}.",
                        container.log_tail(),
                    )
                )

    def _attend(self, container: Container, process: Process) -> None:
        """Deliver the log while the server lives; start a healthy server that died again."""
        group, stream = self._log
        feed = LogFeed(self.scope, group, f"{stream}/i-{uuid.uuid4().hex[:17]}", container.log)
        while not self._cancelled.is_set():
            while process.wait(1.0) is None:
                feed.pump()
            feed.pump(everything=True)
            if self._variables is None or self._cancelled.wait(1.0):
                return
            process = self._process = container.start(["serve"], self._variables)
        process.terminate(GRACE_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
