"""Undoing a deployment that SageMaker has under way: UpdateEndpoint cannot be cancelled, so one of
the alarms that roll it back is ours to pull.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from modelyard.functions.approval import approver_of

NAMESPACE, METRIC = "Modelyard", "ReleaseAborted"


def pull_abort(cloudwatch: Any, facts: Mapping[str, str], now: datetime) -> None:
    """One data point; the alarm sees it within its next minute."""
    cloudwatch.put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[
            {
                "MetricName": METRIC,
                "Timestamp": now,
                "Value": 1.0,
                "Unit": "Count",
                "Dimensions": [
                    {"Name": "Project", "Value": facts["project"]},
                    {"Name": "Environment", "Value": facts["environment"]},
                ],
            }
        ],
    )


def withdrawn(package: Mapping[str, Any], stage_open: bool) -> str:
    """Why the release may not go on, from the package as the registry has it now."""
    if package.get("ModelApprovalStatus") == "Approved" and stage_open:
        return ""
    status = package.get("ModelApprovalStatus", "not approved")
    what = status if status != "Approved" else "not in stage Production any more"
    return f"the approval was withdrawn by {approver_of(package) or 'somebody'} (now {what})"
