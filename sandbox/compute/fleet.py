"""Model servers: the image's `serve` as a local process, and the set behind one endpoint."""

from __future__ import annotations

import shutil
import socket
import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any

from sandbox.compute import images
from sandbox.compute.capture import Capture
from sandbox.compute.connections import UNANSWERED, Connections
from sandbox.compute.container import Container
from sandbox.compute.failures import CALL_ERRORS, RunError, client_failure, with_log
from sandbox.compute.logs import LogFeed
from sandbox.compute.models import resolve_container
from sandbox.compute.operations import Scope
from sandbox.compute.transfer import split_uri, unpack
from sandbox.processes import Process

HEALTHY_WITHIN = 240  # seconds; a variant may allow more
DRAIN_SECONDS = 60


class ModelServer:
    """One variant's process, from model data to a healthy server."""

    def __init__(self, scope: Scope, endpoint: str, variant: Mapping[str, Any]) -> None:
        self.scope, self.endpoint, self.variant = scope, endpoint, variant
        self.name: str = variant["VariantName"]
        self.model = scope.backend.describe_model(variant["ModelName"])
        self.specified = resolve_container(
            scope, self.model.primary_container or self.model.containers[0]
        )
        self.digest: str | None = None
        self._container: Container | None = None
        self._process: Process | None = None
        self._variables: Mapping[str, str] | None = None  # known once it was healthy
        self._cancelled = threading.Event()
        self.port = _free_port()
        self.connections = Connections(self.port)

    @property
    def role(self) -> str:
        return str(self.model.execution_role_arn)

    def start(self) -> None:
        """Bring the server up; a RunError says why it does not come."""
        image = images.resolve(self.scope, self.specified["Image"], self.role)
        self.digest = image.digest
        directory = self.scope.sandbox.data / "endpoints" / self.scope.account / self.scope.region
        root = directory / f"{self.endpoint}-{self.name}-{uuid.uuid4().hex[:8]}"
        isolated = bool(self.model.enable_network_isolation)
        container = Container.create(self.scope, image, root, self.role, isolated)
        self._container = container
        self._load_model(container)
        variables = {"SAGEMAKER_BIND_TO_PORT": str(self.port)}
        variables |= {"SAGEMAKER_SAFE_PORT_RANGE": f"{self.port}-{self.port}"}
        variables |= self.specified.get("Environment") or {}
        process = self._process = container.start(["serve"], variables)
        self.scope.sandbox.submit(self._attend, container, process)
        self._await_health(container, process)
        self._variables = variables

    def stop(self) -> None:
        """End the process and remove its files."""
        self._cancelled.set()
        if self._process is not None:
            self._process.terminate()
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
        allowed = self.variant.get("ContainerStartupHealthCheckTimeoutInSeconds", HEALTHY_WITHIN)
        deadline = time.monotonic() + allowed
        while not self._healthy():
            ended = process.wait(0.02)
            if ended is not None or time.monotonic() > deadline or self._cancelled.is_set():
                raise RunError(
                    with_log(
                        f"The primary container for production variant {self.name} did not pass "
                        f"the ping health check{'' if ended is None else f' (exit code {ended})'}.",
                        container.log_tail(),
                    )
                )

    def _healthy(self) -> bool:
        try:
            return self.connections.request("GET", "/ping").status == 200
        except UNANSWERED:
            return False

    def _attend(self, container: Container, process: Process) -> None:
        """Deliver the log while the server lives; start a healthy server that died again."""
        group = f"/aws/sagemaker/Endpoints/{self.endpoint}"
        feed = LogFeed(self.scope, group, f"{self.name}/i-{uuid.uuid4().hex[:17]}", container.log)
        while not self._cancelled.is_set():
            while process.wait(1.0) is None:
                feed.pump()
            feed.pump(everything=True)
            if self._variables is None or self._cancelled.wait(1.0):
                return
            process = self._process = container.start(["serve"], self._variables)
        process.terminate()


class Fleet:
    """The servers of one endpoint configuration; ends when its last request is answered."""

    def __init__(self, scope: Scope, endpoint: str, config: Any) -> None:
        self.config_name: str = config.endpoint_config_name
        self.capture_config: Mapping[str, Any] = config.data_capture_config or {}
        made = [ModelServer(scope, endpoint, variant) for variant in config.production_variants]
        self.servers = {server.name: server for server in made}
        self.captures: dict[str, Capture] = {}
        self._requests = 0
        self._idle = threading.Condition()

    def start(self) -> None:
        for server in self.servers.values():
            server.start()
            if self.capture_config.get("EnableCapture"):
                self.captures[server.name] = Capture(
                    server.scope, server.role, server.endpoint, server.name, self.capture_config
                )

    def __enter__(self) -> Fleet:
        """Hold the fleet for one request."""
        with self._idle:
            self._requests += 1
        return self

    def __exit__(self, *_: object) -> None:
        with self._idle:
            self._requests -= 1
            self._idle.notify_all()

    def stop(self) -> None:
        """Let running requests finish, store what was captured, end the servers."""
        with self._idle:
            self._idle.wait_for(lambda: self._requests == 0, DRAIN_SECONDS)
        for capture in self.captures.values():
            capture.close()
        for server in self.servers.values():
            server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
