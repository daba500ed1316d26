"""How SageMaker is told to shift traffic, within what its API accepts."""

from collections.abc import Mapping, Sequence
from typing import Any

# BlueGreenUpdatePolicy.MaximumExecutionTimeoutInSeconds: 600 to 28,800, above the sum of waits.
SHORTEST_S, LONGEST_S = 600, 28_800
# What starting the new fleet and removing the old one may take beside the waits.
FLEETS_S = 3_600
MOST_ALARMS = 10


def deployment_config(rollout: Mapping[str, Any], alarms: Sequence[str]) -> dict[str, Any] | None:
    """The DeploymentConfig of UpdateEndpoint; None where AWS has none to offer.

    A configuration with other variants than before (shadow, A/B and back) is excluded from
    deployment guardrails ("Exclusions", SageMaker Developer Guide): all traffic at once, no alarms.
    """
    strategy = rollout["strategy"]
    if strategy in ("shadow", "ab"):
        return None
    wait = 60 * int(rollout["bake_minutes"])
    percent = int(rollout["percent"])
    size = {"Type": "CAPACITY_PERCENT", "Value": percent}
    routing: dict[str, Any] = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    waits = wait
    if strategy == "canary":
        routing = {"Type": "CANARY", "WaitIntervalInSeconds": wait, "CanarySize": size}
        waits = 2 * wait
    elif strategy == "linear":
        routing = {"Type": "LINEAR", "WaitIntervalInSeconds": wait, "LinearStepSize": size}
        waits = -(-100 // percent) * wait
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": wait,
            "MaximumExecutionTimeoutInSeconds": max(SHORTEST_S, min(waits + FLEETS_S, LONGEST_S)),
        },
        "AutoRollbackConfiguration": {
            "Alarms": [{"AlarmName": name} for name in list(alarms)[:MOST_ALARMS]]
        },
    }
