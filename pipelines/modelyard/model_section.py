"""The model section of project.yaml: what is predicted, how well it must be, fair for whom."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from modelyard import forecast_section
from modelyard.forecast_section import Forecast
from modelyard.section import Column, Section

Code = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$")]
Problem = Literal["binary", "multiclass", "regression", "forecasting"]

DEFAULT_GATES: Mapping[str, Mapping[str, Mapping[str, float]]] = {
    "binary": {"roc_auc": {"min": 0.6}},
    "multiclass": {"balanced_accuracy": {"min": 0.5}},
    "regression": {"r2": {"min": 0.1}},
    # No worse than the seasonal naive forecast was on the training periods.
    "forecasting": {"mase": {"max": 1.0}},
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
    """What is predicted, for whom fairness is measured, and what a model must reach.

    `code` names the function that builds the model; without it, `build_model` in the package's
    model.py.
    """

    problem: Problem
    target: Column
    code: Code | None = None
    protected: tuple[Column, ...] = ()
    gates: Annotated[dict[str, Gate], Field(min_length=1)]
    fairness: dict[Column, Annotated[dict[BiasMetric, Gate], Field(min_length=1)]] = {}
    forecast: Forecast | None = None

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
    def _forecast_fits(self) -> Self:
        wrong = next(
            forecast_section.contradictions(self.problem, self.target, self.forecast), None
        )
        if wrong:
            raise ValueError(wrong)
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
    def learned_as(self) -> Problem:
        """What the problem is behind the prepare job: a forecast's rows are a regression's."""
        return "regression" if self.problem == "forecasting" else self.problem

    @property
    def gate_bounds(self) -> dict[str, dict[str, float]]:
        """The gates as plain data, the form in which the workspace contract carries them."""
        return {name: gate.model_dump(exclude_none=True) for name, gate in self.gates.items()}
