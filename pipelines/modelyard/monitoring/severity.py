"""How bad a finding is: every threshold and every rule of severity, in one place.

The thresholds are the reviewed `monitoring` section of project.yaml; what it does not state has the
default written here.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

Severity = Literal["info", "warning", "critical"]
ORDER: Mapping[str, int] = {"critical": 0, "warning": 1, "info": 2}


class Thresholds(BaseModel):
    """From where on a figure is a finding; shares and rates lie between 0 and 1.

    Attributes:
        drift: the population stability index of a column or of the predictions.
        minimum_rows: with fewer rows nothing is said about distributions.
        minimum_labels: with fewer labels nothing is said about quality.
        missing: how much the share of missing values may rise.
        broken: the share of rows that may break the data contract.
        quality_drop: how much the primary metric may fall (of an error metric: rise, as a share).
        bias_gap: how much the gap between groups may widen.
        explanation: the similarity of the contributions' ranking that must be kept (nDCG).
        malformed: the share of capture lines that may be unusable.
        shock: the share of features that must drift at once for a shock.
        silent: after how many windows without a request it is told; 0 for never.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    drift: float = 0.2
    minimum_rows: int = 100
    minimum_labels: int = 50
    missing: float = 0.05
    broken: float = 0.01
    quality_drop: float = 0.05
    bias_gap: float = 0.1
    explanation: float = 0.9
    capture_gap: float = 0.05
    malformed: float = 0.01
    error_rate: float = 0.01
    refused_rate: float = 0.1
    latency_p99_ms: float = 1000.0
    utilisation: float = 90.0
    shock: float = 0.5
    silent: int = 2
    capture_lag_minutes: float = 60.0

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, stated: Any) -> Any:
        """The section of project.yaml has a part of its own for thresholds."""
        if isinstance(stated, Mapping) and isinstance(stated.get("thresholds"), Mapping):
            return {**stated, **stated["thresholds"]}
        return stated


def above(value: float, threshold: float, critical_at: float = 2.0) -> Severity | None:
    """None up to the threshold, then a warning; critical at so many times the threshold."""
    if value <= threshold:
        return None
    return "critical" if value >= critical_at * threshold else "warning"


def worst(severities: Any) -> Severity | None:
    """The worst of some severities."""
    return min(severities, key=lambda one: ORDER[one], default=None)
