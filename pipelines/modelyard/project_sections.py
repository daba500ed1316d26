"""The sections of project.yaml: what each may state, its defaults and its own contradictions."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from modelyard.data_set_section import DataSet
from modelyard.forecast_section import Forecast
from modelyard.model_section import DEFAULT_FAIRNESS, DEFAULT_GATES, Gate, Model, Problem
from modelyard.monitoring_section import Alerts, Monitoring, Retrain, StatedRetrain
from modelyard.risk_section import Risk
from modelyard.section import Account, InstanceType, Section, Text
from modelyard.serving_section import Serving


def _as_text(values: Any) -> Any:
    """Hyperparameters are strings in SageMaker's API; YAML numbers and booleans become theirs."""
    if not isinstance(values, Mapping):
        return values
    return {
        key: json.dumps(value) if isinstance(value, bool | int | float) else value
        for key, value in values.items()
    }


# AWS accepts only these characters in a tag value.
TagText = Annotated[str, Field(pattern=r"^[\w .:/=+@-]{1,128}$")]

__all__ = [
    "DEFAULT_FAIRNESS",
    "DEFAULT_GATES",
    "Alerts",
    "Business",
    "DataSet",
    "Environment",
    "Forecast",
    "Gate",
    "Model",
    "Monitoring",
    "Problem",
    "Risk",
    "Section",
    "Serving",
    "TagText",
    "Text",
    "Training",
]


class Business(Section):
    """Why the model exists and who answers for it."""

    objective: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]
    kpi: Text
    owner: Text
    expert: Text


class Environment(Section):
    """Where one environment lives; the budget is in US dollars a month."""

    account: Account
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
    monthly_budget: Annotated[float, Field(gt=0, strict=True)] = 500.0


class Training(Section):
    """The compute of the pipeline's jobs, and when they run by themselves, if they do.

    Arithmetic libraries use `threads` while a model is fitted and evaluated: another number may
    change its last digits.
    """

    instance_type: InstanceType = "ml.m5.large"
    volume_gb: Annotated[int, Field(ge=1, le=16384, strict=True)] = 30
    max_runtime_minutes: Annotated[int, Field(ge=1, le=1440, strict=True)] = 60
    threads: Annotated[int, Field(ge=1, le=192, strict=True)] = 1
    retrain: StatedRetrain = Retrain()
    hyperparameters: Annotated[dict[str, str], BeforeValidator(_as_text)] = {}
