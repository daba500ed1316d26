"""The sections of project.yaml: what each may state, its defaults and its own contradictions."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from modelyard.data_set_section import DataSet
from modelyard.monitoring_section import Alerts, Monitoring, Retrain, StatedRetrain
from modelyard.risk_section import Risk
from modelyard.section import Account, Column, InstanceType, Section, Text
from modelyard.serving_section import Serving

Problem = Literal["binary", "multiclass", "regression"]

DEFAULT_GATES: Mapping[str, Mapping[str, Mapping[str, float]]] = {
    "binary": {"roc_auc": {"min": 0.6}},
    "multiclass": {"balanced_accuracy": {"min": 0.5}},
    "regression": {"r2": {"min": 0.1}},
}
# Of each group, compared with everybody else: the four-fifths rule on decisions ("Uniform
# Guidelines on Employee Selection Procedures", 29 CFR 1607.4 D), and no more than a tenth fewer
# accepted, of all and of those who deserve it (AI Fairness 360's bounds on statistical parity and
# equal opportunity difference).
DEFAULT_FAIRNESS: Mapping[str, Mapping[str, float]] = {
    "DI": {"min": 0.8},
    "DPPL": {"max": 0.1},
    "RD": {"max": 0.1},
}
# Clarify's metrics that compare a group's labels or decisions with everybody else's.
BiasMetric = Literal[
    "CI", "DPL", "KL", "JS", "LP", "TVD", "KS",
    "DPPL", "DI", "DCA", "DCR", "RD", "SD", "DAR", "DRR", "AD", "TE",
]  # fmt: skip


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
    fairness: dict[Column, Annotated[dict[BiasMetric, Gate], Field(min_length=1)]] = {}

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

    @model_validator(mode="after")
    def _fairness_concerns_protected(self) -> Self:
        for attribute in self.fairness:
            if attribute not in self.protected:
                raise ValueError(
                    f"'fairness' names '{attribute}', which is not protected; add it to "
                    "'protected' too"
                )
        if self.fairness and self.problem != "binary":
            raise ValueError(
                "'fairness' bounds Clarify's metrics, which are of binary decisions; remove it: "
                f"groups are compared and shown for a {self.problem} problem all the same"
            )
        return self

    @property
    def fairness_bounds(self) -> dict[str, dict[str, dict[str, float]]]:
        """The bounds of every protected attribute, stated or default, as plain data."""
        if self.problem != "binary":
            return {}
        default = {name: dict(bounds) for name, bounds in DEFAULT_FAIRNESS.items()}
        return {
            attribute: (
                {
                    str(metric): gate.model_dump(exclude_none=True)
                    for metric, gate in self.fairness[attribute].items()
                }
                if attribute in self.fairness
                else default
            )
            for attribute in self.protected
        }

    @property
    def gate_bounds(self) -> dict[str, dict[str, float]]:
        """The gates as plain data, the form in which the workspace contract carries them."""
        return {name: gate.model_dump(exclude_none=True) for name, gate in self.gates.items()}


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
