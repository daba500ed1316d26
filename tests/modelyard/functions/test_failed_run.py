"""A failed run reaches somebody: of batch each time, with what to do next."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

from modelyard.functions.failed_run import tell_failure

ARN = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/loans-prod-batch/execution/abc"
FACTS = {
    "project": "loans",
    "environment": "prod",
    "alert_topic": "arn:aws:sns:us-east-1:123456789012:loans-prod-alerts",
    "alerts": '{"critical": ["oncall@example.com"]}',
}


def test_failed_batch_run_is_told_with_its_reason() -> None:
    clients = {name: Mock() for name in ("s3", "sns", "sagemaker")}
    steps = [
        {"StepName": "Score", "StepStatus": "Failed", "FailureReason": "2 files cannot be read"}
    ]
    pages = clients["sagemaker"].get_paginator.return_value.paginate
    pages.return_value = [{"PipelineExecutionSteps": steps}]
    session = Mock(client=clients.__getitem__)
    event: dict[str, Any] = {
        "time": "2026-01-02T06:00:00Z",
        "detail": {"pipelineExecutionArn": ARN},
    }
    told = tell_failure(event, session, FACTS)
    published = clients["sns"].publish.call_args.kwargs
    assert told["reason"] == "Score: 2 files cannot be read"
    assert "loans-prod: a batch run failed" in published["Subject"]
    assert ARN in published["Message"]
    assert published["MessageAttributes"]["severity"]["StringValue"] == "critical"
