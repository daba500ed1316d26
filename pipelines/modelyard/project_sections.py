"""The sections of project.yaml: what each may state, its defaults and its own contradictions."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from modelyard.monitoring_section import Alerts, Monitoring, Retrain, StatedRetrain
from modelyard.risk_section import Risk
from modelyard.section import InstanceType, Section
from modelyard.serving_section import Serving

Problem = Literal["binary", "multiclass", "regression"]

DEFAULT_GATES: Mapping[str, Mapping[str, Mapping[str, float]]] = {
    "binary": {"roc_auc": {"min": 0.6}},
    "multiclass": {"balanced_accuracy": {"min": 0.5}},
    "regression": {"r2": {"min": 0.1}},
}


def _as_text(values: Any) -> Any:
    """Hyperparameters are strings in SageMaker's API; YAML numbers and booleans become theirs."""
    if not isinstance(values, Mapping):
        return values
    return {
        key: json.dumps(value) if isinstance(value, bool | int | float) else value
        for key, value in values.items()
    }


Text = Annotated[str, Field(min_length=1, max_length=256, pattern=r"\S")]
# AWS accepts only these characters in a tag value.
TagText = Annotated[str, Field(pattern=r"^[\w .:/=+@-]{1,128}$")]
Column = Annotated[str, Field(min_length=1, max_length=256)]

__all__ = [
    "DEFAULT_GATES",
    "Alerts",
    "Business",
    "DataSet",
    "Environment",
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

    account: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
    monthly_budget: Annotated[float, Field(gt=0, strict=True)] = 500.0


class DataSet(Section):
    """One data set; paths are relative to project.yaml. The pipeline trains on the first."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
    source: Text
    contract: Text = "data_contract.yaml"
    owner: Text | None = None
    classification: Literal["public", "internal", "confidential", "restricted"] = "confidential"
    legal_basis: Text
    retention_days: Annotated[int, Field(gt=0, le=36500, strict=True)] = 365
    pseudonymise: tuple[Column, ...] = ()
    row_key: Column | None = None


class Gate(Section):
    """The bounds a metric must keep; both are inclusive."""

    min: Annotated[float, Field(strict=True)] | None = None
    max: Annotated[float, Field(strict=True)] | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("states no bound; add 'min' or 'max'")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}; no model can meet it")
        return self


class Model(Section):
    """What is predicted, for whom fairness is measured, and what a model must reach."""

    problem: Problem
    target: Column
    protected: tuple[Column, ...] = ()
    gates: Annotated[dict[str, Gate], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _default_gates(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and values.get("gates") is None:
            default = DEFAULT_GATES.get(str(values.get("problem")), {"-": {"min": 0}})
            return {**values, "gates": default}
        return values

    @model_validator(mode="after")
    def _target_is_not_protected(self) -> Self:
        if self.target in self.protected:
            raise ValueError(f"the target '{self.target}' cannot be a protected attribute too")
        return self

    @property
    def gate_bounds(self) -> dict[str, dict[str, float]]:
        """The gates as plain data, the form in which the workspace contract carries them."""
        return {name: gate.model_dump(exclude_none=True) for name, gate in self.gates.items()}


class Training(Section):
    """The compute of the pipeline's jobs, and when they run by themselves, if they do."""

    instance_type: InstanceType = "ml.m5.large"
    volume_gb: Annotated[int, Field(ge=1, le=16384, strict=True)] = 30
    max_runtime_minutes: Annotated[int, Field(ge=1, le=1440, strict=True)] = 60
    retrain: StatedRetrain = Retrain()
    hyperparameters: Annotated[dict[str, str], BeforeValidator(_as_text)] = {}
