"""One variant of a fleet: its server, its share of traffic, its capacity and what it shows."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow

from sandbox.compute.capture import Capture
from sandbox.compute.connections import Reply
from sandbox.compute.invocation_metrics import Meter
from sandbox.compute.model_server import HEALTHY_WITHIN, ModelServer
from sandbox.compute.operations import Scope

CAPACITY = ("CurrentInstanceCount", "DesiredInstanceCount")


class Variant:
    """A variant of any number of instances, which are one process here."""

    def __init__(
        self, scope: Scope, endpoint: str, config: Any, specification: Mapping[str, Any]
    ) -> None:
        self.scope, self.specification = scope, specification
        self.name: str = specification["VariantName"]
        self.weight = self.desired_weight = float(specification.get("InitialVariantWeight", 1.0))
        self.count = self.desired_count = int(specification.get("InitialInstanceCount", 1))
        self.serverless: dict[str, Any] | None = (
            dict(specification["ServerlessConfig"]) if "ServerlessConfig" in specification else None
        )
        self.meter = Meter(scope, endpoint, config.endpoint_config_name, self.name)
        self.capture: Capture | None = None
        self._endpoint = endpoint
        self._capture_config: Mapping[str, Any] = config.data_capture_config or {}
        self._status: dict[str, Any] | None = None
        self._running = 0
        self._gate = threading.Condition()
        self._open = False
        self._server: ModelServer | None = None
        self._resolved: datetime | None = None
        self.made = self._make()

    def start(self) -> None:
        """Bring the variant's server up; a RunError says why it does not come."""
        server = self.made = self._make() if self._resolved else self.made
        server.start()
        self._server, self._resolved = server, utcnow()
        self._open = True
        wanted = bool(self._capture_config) and self._capture_config.get("EnableCapture", True)
        if self.capture is None and wanted:
            self.capture = Capture(
                self.scope, server.role, self._endpoint, self.name, self._capture_config
            )

    def stop(self) -> None:
        """End the server and store what was captured."""
        if self.capture is not None:
            self.capture.close()
        self.made.stop()

    def scale(self, count: int) -> None:
        """Have this many instances; the process ends with the last and comes with the first."""
        if count and not self._open:
            self.start()
        self.count = count
        if not count:
            self._drain()

    def enter(self) -> bool:
        """Take one more request, if there is an instance and, of serverless, concurrency left."""
        with self._gate:
            limit = self.serverless["MaxConcurrency"] if self.serverless else None
            if not self._open or (limit is not None and self._running >= limit):
                return False
            self._running += 1
            return True

    def leave(self) -> None:
        """One request less."""
        with self._gate:
            self._running -= 1
            self._gate.notify_all()

    def ask(self, body: bytes, headers: Mapping[str, str], timeout: float | None = None) -> Reply:
        """The model's answer."""
        if self._server is None:
            raise ConnectionRefusedError("the variant has no instance")
        connections = self._server.connections
        return connections.request("POST", "/invocations", body, headers, timeout)

    def healthy(self) -> bool:
        """Whether its server answers the health check now."""
        return self._server is not None and self._server.healthy()

    def note(self, status: str, message: str) -> None:
        """What is being done to the variant now."""
        self._status = {"Status": status, "StatusMessage": message, "StartTime": utcnow()}

    def settle(self) -> None:
        """Nothing is being done to it any more."""
        self._status = None

    def describe(self, active: int | None = None) -> dict[str, Any]:
        """A ProductionVariantSummary; while it is deployed, of its `active` instances."""
        shown: dict[str, Any] = {"VariantName": self.name, "DeployedImages": self._images()}
        shown |= {"CurrentWeight": self.weight, "DesiredWeight": self.desired_weight}
        if self.serverless:
            shown |= {"CurrentServerlessConfig": self.serverless}
        else:
            counts = (self.count if active is None else active, self.desired_count)
            shown |= dict(zip(CAPACITY, counts, strict=True))
        if self._status:
            shown["VariantStatus"] = [self._status]
        return {name: value for name, value in shown.items() if value is not None}

    def pending(self, active: int) -> dict[str, Any]:
        """A PendingProductionVariantSummary."""
        kind = self.specification.get("InstanceType")
        return self.describe(min(active, self.count)) | ({"InstanceType": kind} if kind else {})

    def _drain(self) -> None:
        """End the server when its last request is answered."""
        with self._gate:
            self._open = False
            self._gate.wait_for(lambda: self._running == 0)
            server, self._server = self._server, None
        if server is not None:
            server.stop()

    def _make(self) -> ModelServer:
        allowed = "ContainerStartupHealthCheckTimeoutInSeconds"
        return ModelServer(
            self.scope,
            self.specification["ModelName"],
            f"production variant {self.name}",
            (f"/aws/sagemaker/Endpoints/{self._endpoint}", self.name),
            self.specification.get(allowed, HEALTHY_WITHIN),
        )

    def _images(self) -> list[dict[str, Any]] | None:
        if self.made.digest is None:
            return None
        image = self.made.image
        base = image.split("@")[0] if "@" in image else image.rsplit(":", 1)[0]
        resolved = f"{base}@{self.made.digest}"
        images = {"SpecifiedImage": image, "ResolvedImage": resolved}
        return [images | {"ResolutionTime": self._resolved or utcnow()}]
