"""An endpoint: its state as DescribeEndpoint shows it, and the fleets that answer for it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from moto.core.utils import utcnow

from sandbox.compute import endpoint_events as events
from sandbox.compute.async_queue import AsyncQueue
from sandbox.compute.deployment import Deployment
from sandbox.compute.deployment_plan import Plan, plan
from sandbox.compute.fleet import Fleet
from sandbox.compute.operations import Scope, invalid
from sandbox.compute.traffic import Traffic

UPDATABLE = ("InService", "UpdateRollbackFailed")


class Endpoint:
    """One endpoint."""

    def __init__(self, scope: Scope, parameters: Mapping[str, Any]) -> None:
        self.scope = scope
        self.endpoint_name: str = parameters["EndpointName"]
        self.endpoint_config_name: str = parameters["EndpointConfigName"]
        self.arn = scope.arn("endpoint", self.endpoint_name)
        self.tags: list[dict[str, str]] = list(parameters.get("Tags") or ())
        self.deployment_config: Mapping[str, Any] | None = parameters.get("DeploymentConfig")
        self.endpoint_status = "Creating"
        self.failure_reason: str | None = None
        self.creation_time = self.last_modified_time = utcnow()
        self.traffic = Traffic()
        self.fleet: Fleet | None = None
        self.queue: AsyncQueue | None = None
        self._deployment: Deployment | None = None
        self._lock = threading.RLock()

    def create(self, fleet: Fleet) -> None:
        """CreateEndpoint in the background."""
        self._begin(Deployment(self, fleet, plan({}, fleet.count)))

    def update(self, green: Fleet, how: Plan, config: Mapping[str, Any] | None) -> None:
        """UpdateEndpoint in the background; it cannot be cancelled."""
        with self._lock:
            self.require(*UPDATABLE)
            self.deployment_config = config or self.deployment_config
            self._become("Updating")
        self._begin(Deployment(self, green, how))

    def begin(self, status: str, allowed: Sequence[str]) -> None:
        """Another status, if the present one allows it."""
        with self._lock:
            self.require(*allowed)
            self._become(status)
        events.state_changed(self)

    def new_fleet(self, config_name: str) -> Fleet:
        """A fleet of a configuration; nothing of it runs yet."""
        config = self.scope.backend.endpoint_configs[config_name]
        return Fleet(self.scope, self.endpoint_name, config)

    def require(self, *statuses: str) -> None:
        """Refuse what AWS refuses while something else is being done to the endpoint."""
        if self.endpoint_status == "Failed" and "Failed" not in statuses:
            # "DeleteEndpoint is the only operation that can be performed on a failed endpoint"
            # ("DescribeEndpoint").
            raise invalid(f'Cannot update failed endpoint "{self.arn}": it can only be deleted.')
        if self.endpoint_status not in statuses:
            raise invalid(f'Cannot update in-progress endpoint "{self.arn}".')

    def roll_back(self, reason: str) -> None:
        """A deployment failed: what served before is about to serve everything again."""
        self.failure_reason = reason
        self.begin("RollingBack", ("Updating",))

    def finish(self, fleet: Fleet | None, status: str, reason: str | None) -> None:
        """A deployment ended: what serves now, and why if it is not what was asked for."""
        with self._lock:
            self.fleet, self._deployment = fleet, None
            if fleet is not None:
                self.endpoint_config_name = fleet.config_name
                for variant in fleet.everything:
                    variant.settle()
                if fleet.config.async_inference_config and self.queue is None:
                    self.queue = AsyncQueue(self)
            self.failure_reason = reason
            self._become(status)
        events.state_changed(self)

    def delete(self) -> None:
        """No new request is taken; the endpoint is gone when the last one is answered."""
        with self._lock:
            self.require(*UPDATABLE, "Failed")
            fleets = self.traffic.fleets
            self.traffic.shift()
            self._become("Deleting")
        events.state_changed(self)
        self.scope.sandbox.submit(self._vanish, fleets)

    def describe(self) -> dict[str, Any]:
        """The members of DescribeEndpoint."""
        with self._lock:
            fleet, deployment = self.fleet, self._deployment
            members = {
                "EndpointName": self.endpoint_name,
                "EndpointArn": self.arn,
                "EndpointConfigName": self.endpoint_config_name,
                "EndpointStatus": self.endpoint_status,
                "FailureReason": self.failure_reason,
                "CreationTime": self.creation_time,
                "LastModifiedTime": self.last_modified_time,
                "LastDeploymentConfig": self.deployment_config,
            }
        if fleet is not None:
            members |= _serving(fleet)
        if deployment is not None:
            members["PendingDeploymentSummary"] = deployment.summary()
        return {name: value for name, value in members.items() if value is not None}

    @property
    def response_object(self) -> dict[str, Any]:
        """The name by which moto asks for `describe`."""
        return self.describe()

    def _begin(self, deployment: Deployment) -> None:
        with self._lock:
            self._deployment = deployment
        events.state_changed(self)
        self.scope.sandbox.submit(deployment.run)

    def _vanish(self, fleets: tuple[Fleet, ...]) -> None:
        if self.queue is not None:
            self.queue.close()
        for fleet in fleets:
            fleet.stop()
        self.scope.backend.endpoints.pop(self.endpoint_name, None)

    def _become(self, status: str) -> None:
        self.endpoint_status = status
        self.last_modified_time = utcnow()


def _serving(fleet: Fleet) -> dict[str, Any]:
    """What DescribeEndpoint says of the fleet that was deployed last."""
    shown: dict[str, Any] = {
        "ProductionVariants": [variant.describe() for variant in fleet.variants.values()],
        "AsyncInferenceConfig": fleet.config.async_inference_config or None,
        "DataCaptureConfig": _capture(fleet.capture_config),
    }
    if fleet.shadows:
        shadows = [variant.describe() for variant in fleet.shadows.values()]
        shown["ShadowProductionVariants"] = shadows
    return shown


def _capture(config: Mapping[str, Any]) -> dict[str, Any] | None:
    if not config:
        return None
    return {
        "EnableCapture": config.get("EnableCapture", True),
        "CaptureStatus": "Started" if config.get("EnableCapture", True) else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
        "KmsKeyId": config.get("KmsKeyId", ""),
    }
