"""One page for all projects of a region, on which new projects appear by themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.base import Part, Place

SERVING = "{AWS/SageMaker,EndpointName,VariantName}"
OURS = "{Modelyard,Environment,Project}"
PIPELINES = "{AWS/Sagemaker/ModelBuildingPipeline,PipelineName}"
BILL = "{AWS/Billing,Currency,ServiceName}"
# Charges are a metric of us-east-1, whatever region they arise in.
BILLING_REGION = "us-east-1"


@dataclass(frozen=True)
class Chart:
    """A search over metrics by their exact name, and how it is drawn."""

    title: str
    search: str
    metric: str
    statistic: str
    period: int = 300
    region: str | None = None


CHARTS = (
    Chart("Predictions asked for", SERVING, "Invocations", "Sum"),
    Chart("Server errors", SERVING, "Invocation5XXErrors", "Sum"),
    Chart("Refused requests", SERVING, "Invocation4XXErrors", "Sum"),
    Chart("Latency, slowest hundredth (microseconds)", SERVING, "ModelLatency", "p99"),
    Chart("Drift of the data (0 to 1)", OURS, "DriftScore", "Maximum", 3600),
    Chart("Drift of the predictions", OURS, "PredictionDrift", "Maximum", 3600),
    Chart("Quality, where labels came", OURS, "Quality", "Minimum", 3600),
    Chart("Gap between groups", OURS, "BiasGap", "Maximum", 3600),
    Chart("Predictions looked at", OURS, "MonitoredRows", "Sum", 3600),
    Chart("Answered but not captured (share)", OURS, "CaptureGap", "Maximum", 3600),
    Chart("Windows nobody looked at", OURS, "MonitorBehind", "Maximum", 3600),
    Chart("Releases undone", OURS, "ReleaseAborted", "Sum"),
    Chart("Pipeline runs that succeeded", PIPELINES, "ExecutionSucceeded", "Sum", 3600),
    Chart("Pipeline runs that failed", PIPELINES, "ExecutionFailed", "Sum", 3600),
    Chart("Charges this month (USD)", BILL, "EstimatedCharges", "Maximum", 21600, BILLING_REGION),
)


@dataclass(frozen=True)
class DashboardArgs:
    """Where the projects are."""

    place: Place


class Dashboard(Part):
    """Serving health, drift, quality, pipeline outcomes and cost (3.00 USD a month)."""

    def __init__(self, name: str, args: DashboardArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:region:Dashboard", name, opts)
        aws.cloudwatch.Dashboard(
            self.child("dashboard"),
            dashboard_name=f"modelyard-{args.place.region}",
            dashboard_body=json.dumps(body(args.place.region), separators=(",", ":")),
            opts=self.inside,
        )
        self.register_outputs({})


def body(region: str) -> dict[str, Any]:
    """Two charts a row."""
    return {
        "start": "-P7D",
        "widgets": [
            {
                "type": "metric",
                "x": 12 * (number % 2),
                "y": 6 * (number // 2),
                "width": 12,
                "height": 6,
                "properties": {
                    "title": chart.title,
                    "region": chart.region or region,
                    "view": "timeSeries",
                    "period": chart.period,
                    "metrics": [[{"expression": search(chart), "id": "found"}]],
                },
            }
            for number, chart in enumerate(CHARTS)
        ],
    }


def search(chart: Chart) -> str:
    """Every metric of that kind, of whatever project ("CloudWatch search expression syntax")."""
    named = f'MetricName="{chart.metric}"'
    return f"SEARCH('{chart.search} {named}', '{chart.statistic}', {chart.period})"
