"""The sections of project.yaml: what each may state, its defaults and its own contradictions."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from modelyard.forecast_section import Column, Forecast
from modelyard.model_section import DEFAULT_FAIRNESS, DEFAULT_GATES, Gate, Model, Problem
from modelyard.monitoring_section import Alerts, Monitoring, Retrain, StatedRetrain
from modelyard.risk_section import Risk
from modelyard.section import InstanceType, Section
from modelyard.serving_section import Serving


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
# What lies beside the data sets in the raw bucket.
RESERVED_FOLDERS = ("quarantine",)

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
    description: Annotated[str, Field(max_length=1000, pattern=r"\S")] | None = None
    legal_basis: Text
    retention_days: Annotated[int, Field(gt=0, le=36500, strict=True)] = 365
    # The date from which a row's retention counts; without it, only whole files expire.
    retained_from: Column | None = None
    pseudonymise: tuple[Column, ...] = ()
    # The key that pseudonyms must be made with, by its id; without it, whichever is current.
    pseudonym_key: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = None
    row_key: Column | None = None
    # The column that says whose row it is, where that is not the row key.
    subject: Column | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.name in RESERVED_FOLDERS:
            raise ValueError(f"'{self.name}' is a folder of the platform; choose another name")
        if self.retained_from is not None and self.retained_from in self.pseudonymise:
            raise ValueError(
                f"'{self.retained_from}' cannot be retained_from and a pseudonym: a pseudonym is "
                "no date; take it out of pseudonymise"
            )
        if self.pseudonym_key is not None and not self.pseudonymise:
            raise ValueError("names a pseudonym_key but nothing to pseudonymise; remove the key")
        return self

    @property
    def subject_column(self) -> str | None:
        """Where a row says whom it is about."""
        return self.subject or self.row_key


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
