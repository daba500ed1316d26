"""What is really there: the endpoint, the change that is under way, and the alarms."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

MAIN, CHALLENGER = "main", "challenger"
_MOVING = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")


@dataclass(frozen=True)
class Live:
    """An endpoint at one moment; `status` is empty where there is none.

    Attributes:
        pending: the configuration that a change under way brings, else empty.
        stages: what the variants of that change are doing (ProductionVariantStatus).
    """

    status: str = ""
    config: str = ""
    pending: str = ""
    stages: frozenset[str] = frozenset()
    modified: str = ""
    reason: str = ""

    @property
    def moving(self) -> bool:
        return self.status in _MOVING

    @property
    def coming(self) -> str:
        """The configuration that a change under way brings; scaling and maintenance bring none."""
        return self.pending or (self.config if self.status == "Creating" else "")

    @property
    def baking(self) -> bool:
        """Whether the new fleet answers requests and alarms judge it."""
        return bool(self.stages & {"ActivatingTraffic", "Baking"})

    def serves(self, config: str) -> bool:
        return self.status == "InService" and self.config == config


def look(sagemaker: Any, endpoint: str) -> Live:
    """The endpoint now."""
    described = describe(sagemaker.describe_endpoint, EndpointName=endpoint)
    if described is None:
        return Live()
    pending = described.get("PendingDeploymentSummary") or {}
    variants = [
        *(pending.get("ProductionVariants") or ()),
        *(pending.get("ShadowProductionVariants") or ()),
    ]
    return Live(
        status=described["EndpointStatus"],
        config=described["EndpointConfigName"],
        pending=pending.get("EndpointConfigName", ""),
        stages=frozenset(
            stage["Status"] for variant in variants for stage in variant.get("VariantStatus") or ()
        ),
        modified=described["LastModifiedTime"].isoformat(),
        reason=described.get("FailureReason", ""),
    )


def version_of(facts: Mapping[str, str], config: str) -> int | None:
    """The version that answers under a configuration, by its name."""
    prefix = re.escape(f"{facts['project']}-{facts['environment']}")
    named = re.match(rf"{prefix}-v(\d+)", config)
    return int(named[1]) if named else None


def raging(cloudwatch: Any, names: Sequence[str]) -> tuple[str, ...]:
    """Those of the alarms that are in alarm."""
    if not names:
        return ()
    found = cloudwatch.describe_alarms(AlarmNames=list(names))["MetricAlarms"]
    return tuple(sorted(one["AlarmName"] for one in found if one["StateValue"] == "ALARM"))


def describe(call: Any, **name: str) -> dict[str, Any] | None:
    """What a describe call answers, None when there is no such thing."""
    try:
        return dict(call(**name))
    except ClientError as error:
        message = error.response["Error"]["Message"]
        if error.response["Error"]["Code"] in ("ValidationException", "ResourceNotFound") and (
            "Could not find" in message or "does not exist" in message or "not found" in message
        ):
            return None
        raise
