"""What the event bus hears of an endpoint ("Events that Amazon SageMaker AI sends")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.compute.jobs import event_detail

if TYPE_CHECKING:
    from sandbox.compute.endpoint import Endpoint

STATE = "SageMaker Endpoint State Change"
DEPLOYMENT = "SageMaker Endpoint Deployment State Change"
# Members of DescribeEndpoint that the documented events have.
SHOWN = (
    *("EndpointName", "EndpointArn", "EndpointConfigName", "ProductionVariants"),
    *("EndpointStatus", "FailureReason", "CreationTime", "LastModifiedTime"),
)


def state_changed(endpoint: Endpoint) -> None:
    """The endpoint's status is another one."""
    _emit(endpoint, STATE, SHOWN)


def deployment_changed(endpoint: Endpoint) -> None:
    """A deployment, or a change of capacity, reached another stage."""
    _emit(endpoint, DEPLOYMENT, (*SHOWN, "PendingDeploymentSummary"))


def _emit(endpoint: Endpoint, kind: str, shown: tuple[str, ...]) -> None:
    description: Mapping[str, Any] = endpoint.describe()
    detail = event_detail({name: description.get(name) for name in shown})
    # Statuses of an endpoint are upper case in events, unlike in DescribeEndpoint.
    status = re.sub(r"(?<!^)(?=[A-Z])", "_", description["EndpointStatus"]).upper()
    tags = {tag["Key"]: tag["Value"] for tag in endpoint.tags}
    scope = endpoint.scope
    scope.sandbox.events.emit(
        scope.account,
        scope.region,
        "aws.sagemaker",
        kind,
        detail | {"EndpointStatus": status, "Tags": tags},
        [endpoint.arn],
    )
