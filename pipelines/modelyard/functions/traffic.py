"""How an endpoint was used in a window, as CloudWatch counted it: what capture is held against."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

_HOUR = 3600
_Combined = Callable[[Sequence[float]], float]
# Name in window.json: metric, statistic, and how the hours and variants become one number.
_SERVING: Mapping[str, tuple[str, str, _Combined]] = {
    "served": ("Invocations", "Sum", sum),
    "errors_4xx": ("Invocation4XXErrors", "Sum", sum),
    "errors_5xx": ("Invocation5XXErrors", "Sum", sum),
    "latency_p50_us": ("ModelLatency", "p50", statistics.median),
    "latency_p99_us": ("ModelLatency", "p99", max),
}
_HOST: Mapping[str, tuple[str, str, _Combined]] = {
    "cpu_max_percent": ("CPUUtilization", "Maximum", max),
    "memory_max_percent": ("MemoryUtilization", "Maximum", max),
}
_COUNTS = ("served", "errors_4xx", "errors_5xx")


def usage(
    cloudwatch: Any, endpoint: str, variants: Iterable[str], start: datetime, end: datetime
) -> dict[str, float | None]:
    """Counts (0 where nothing was published) and measures (None where nothing was)."""
    wanted = [
        (name, variant, namespace, metric, statistic)
        for namespace, table in (("AWS/SageMaker", _SERVING), ("/aws/sagemaker/Endpoints", _HOST))
        for name, (metric, statistic, _) in table.items()
        for variant in variants
    ]
    queries = [
        {
            "Id": f"q{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": metric,
                    "Dimensions": [
                        {"Name": "EndpointName", "Value": endpoint},
                        {"Name": "VariantName", "Value": variant},
                    ],
                },
                "Period": _HOUR,
                "Stat": statistic,
            },
        }
        for number, (_, variant, namespace, metric, statistic) in enumerate(wanted)
    ]
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=start, EndTime=end
    )
    values: dict[str, list[float]] = {name: [] for name in (*_SERVING, *_HOST)}
    for result in (result for page in pages for result in page["MetricDataResults"]):
        values[wanted[int(result["Id"][1:])][0]].extend(result["Values"])
    return {name: _one(name, found) for name, found in values.items()}


def _one(name: str, values: list[float]) -> float | None:
    if not values:
        return 0 if name in _COUNTS else None
    combined = {**_SERVING, **_HOST}[name][2](values)
    return round(combined) if name in _COUNTS else float(combined)


def variants_of(sagemaker: Any, config: str) -> dict[str, str]:
    """The variants that answer callers, each with its model; shadows answer nobody."""
    found: Mapping[str, Any] = sagemaker.describe_endpoint_config(EndpointConfigName=config)
    return {variant["VariantName"]: variant["ModelName"] for variant in found["ProductionVariants"]}


def package_of(sagemaker: Any, model: str) -> str:
    """The package a model was made of, which the release wrote into its environment."""
    found = sagemaker.describe_model(ModelName=model)
    return str(found["PrimaryContainer"]["Environment"]["MODELYARD_MODEL_PACKAGE"])
