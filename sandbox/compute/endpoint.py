"""An endpoint: the fleet that answers, replaced without a failed request."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Mapping
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.utils import utcnow

from sandbox.compute.failures import RunError
from sandbox.compute.fleet import Fleet
from sandbox.compute.jobs import event_detail
from sandbox.compute.operations import Scope, invalid

log = logging.getLogger(__name__)


class Endpoint:
    """One endpoint: its state as DescribeEndpoint shows it and the fleet that answers."""

    def __init__(self, scope: Scope, parameters: Mapping[str, Any]) -> None:
        self.scope = scope
        self.endpoint_name: str = parameters["EndpointName"]
        self.endpoint_config_name: str = parameters["EndpointConfigName"]
        self.arn = scope.arn("endpoint", self.endpoint_name)
        self.tags: list[dict[str, str]] = list(parameters.get("Tags") or ())
        self.deployment_config: Any = parameters.get("DeploymentConfig")
        self.endpoint_status = "Creating"
        self.failure_reason: str | None = None
        self.creation_time = self.last_modified_time = utcnow()
        self.production_variants: list[dict[str, Any]] = []
        self._fleet: Fleet | None = None
        self._lock = threading.Lock()

    def hold(self) -> Fleet | None:
        """The fleet that answers now, kept alive for one request."""
        with self._lock:
            return self._fleet.__enter__() if self._fleet else None

    def deploy(self, config_name: str) -> None:
        """Bring up the configuration's fleet, then switch; the old one serves until then."""
        fleet: Fleet | None = None
        try:
            config = self.scope.backend.endpoint_configs[config_name]
            fleet = Fleet(self.scope, self.endpoint_name, config)
            fleet.start()
        except Exception as error:
            if not isinstance(error, (RunError, ServiceException)):
                log.exception("%s failed inside the sandbox", self.arn)
            self._keep(fleet, str(error))
            return
        with self._lock:
            deleted = self.endpoint_status == "Deleting"
            old = fleet if deleted else self._fleet
            if not deleted:
                self._fleet, self.endpoint_config_name = fleet, config_name
                self.production_variants = [_variant(fleet, item) for item in fleet.servers]
                self.failure_reason = None
                self._become("InService")
        if not deleted:
            self.announce()
        if old is not None:
            old.stop()

    def change(self, config_name: str, deployment_config: Any) -> None:
        """UpdateEndpoint in the background."""
        with self._lock:
            if self.endpoint_status != "InService":
                raise invalid(f'Cannot update in-progress endpoint "{self.arn}".')
            self.deployment_config = deployment_config
            self._become("Updating")
        self.announce()
        self.scope.sandbox.submit(self.deploy, config_name)

    def delete(self) -> None:
        """No new request is taken; the endpoint is gone when the last one is answered."""
        with self._lock:
            fleet, self._fleet = self._fleet, None
            self._become("Deleting")
        self.announce()
        self.scope.sandbox.submit(self._vanish, fleet)

    def announce(self) -> None:
        """Tell the event bus; statuses are upper case there, unlike in DescribeEndpoint."""
        status = re.sub(r"(?<!^)(?=[A-Z])", "_", self.endpoint_status).upper()
        detail = event_detail(self.describe()) | {
            "EndpointStatus": status,
            "Tags": {tag["Key"]: tag["Value"] for tag in self.tags},
        }
        self.scope.sandbox.events.emit(
            self.scope.account,
            self.scope.region,
            "aws.sagemaker",
            "SageMaker Endpoint State Change",
            detail,
            [self.arn],
        )

    def describe(self) -> dict[str, Any]:
        """The members of DescribeEndpoint."""
        members = {
            "EndpointName": self.endpoint_name,
            "EndpointArn": self.arn,
            "EndpointConfigName": self.endpoint_config_name,
            "ProductionVariants": self.production_variants or None,
            "DataCaptureConfig": self._capture(),
            "EndpointStatus": self.endpoint_status,
            "FailureReason": self.failure_reason,
            "CreationTime": self.creation_time,
            "LastModifiedTime": self.last_modified_time,
            "LastDeploymentConfig": self.deployment_config,
        }
        return {name: value for name, value in members.items() if value is not None}

    @property
    def response_object(self) -> dict[str, Any]:
        """The name by which moto asks for `describe`."""
        return self.describe()

    def _vanish(self, fleet: Fleet | None) -> None:
        if fleet is not None:
            fleet.stop()
        self.scope.backend.endpoints.pop(self.endpoint_name, None)

    def _keep(self, fleet: Fleet | None, reason: str) -> None:
        """A deployment failed: what served before goes on serving."""
        with self._lock:
            if self.endpoint_status != "Deleting":
                self.failure_reason = reason
                self._become("InService" if self._fleet else "Failed")
        self.announce()
        if fleet is not None:
            fleet.stop()

    def _become(self, status: str) -> None:
        self.endpoint_status = status
        self.last_modified_time = utcnow()

    def _capture(self) -> dict[str, Any] | None:
        config = self._fleet.capture_config if self._fleet else None
        if not config:
            return None
        return {
            "EnableCapture": bool(config.get("EnableCapture")),
            "CaptureStatus": "Started" if config.get("EnableCapture") else "Stopped",
            "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
            "DestinationS3Uri": config["DestinationS3Uri"],
            "KmsKeyId": config.get("KmsKeyId", ""),
        }


def _variant(fleet: Fleet, name: str) -> dict[str, Any]:
    server = fleet.servers[name]
    image = server.specified["Image"]
    base = image.split("@")[0].rsplit(":", 1)[0] if "@" not in image else image.split("@")[0]
    weight = server.variant.get("InitialVariantWeight", 1.0)
    count = server.variant.get("InitialInstanceCount", 1)
    return {
        "VariantName": name,
        "DeployedImages": [
            {
                "SpecifiedImage": image,
                "ResolvedImage": f"{base}@{server.digest}",
                "ResolutionTime": utcnow(),
            }
        ],
        "CurrentWeight": weight,
        "DesiredWeight": weight,
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
    }
