"""What a pipeline definition is made of, once it is known to be one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VERSION = "2020-12-01"
PARAMETER_TYPES: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Integer": (int,),
    "Float": (float, int),
    "Boolean": (bool,),
}
JOB_OPERATIONS = {
    "Processing": "CreateProcessingJob",
    "Training": "CreateTrainingJob",
    "Transform": "CreateTransformJob",
}
RUNNABLE = (*JOB_OPERATIONS, "Condition", "Fail", "Lambda")
KNOWN = (
    *RUNNABLE,
    *("Tuning", "Model", "RegisterModel", "EMR", "EMRServerless", "Callback"),
    *("QualityCheck", "ClarifyCheck", "AutoML", "NotebookJob", "Endpoint", "EndpointConfig"),
)
VARIABLES = (
    *("StartDateTime", "CurrentDateTime", "PipelineName", "PipelineArn", "PipelineExecutionId"),
    *("PipelineExecutionArn", "TrainingJobName", "ProcessingJobName"),
)


class DefinitionError(ValueError):
    """A definition that SageMaker would refuse; one sentence naming step and fault."""


@dataclass(frozen=True)
class Parameter:
    """A pipeline parameter and what it accepts."""

    name: str
    kind: str
    default: Any = None
    choices: tuple[Any, ...] = ()

    def fault(self, value: Any) -> str | None:
        """Why a value is not acceptable, if it is not."""
        wanted = PARAMETER_TYPES[self.kind]
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            return f"Parameter {self.name} is of type {self.kind}; {value!r} is not"
        if self.choices and value not in self.choices:
            return f"Parameter {self.name} must be one of {list(self.choices)}; {value!r} is not"
        return None


@dataclass(frozen=True)
class Step:
    """One step with the steps it waits for; branch steps also wait for their condition."""

    name: str
    kind: str
    body: Mapping[str, Any]
    needs: frozenset[str]
    condition: str | None = None
    branch: str | None = None  # IfSteps or ElseSteps of the condition

    @property
    def arguments(self) -> Mapping[str, Any]:
        return self.body.get("Arguments") or {}


@dataclass(frozen=True)
class Definition:
    """Everything an execution needs to know."""

    parameters: Mapping[str, Parameter]
    steps: Mapping[str, Step]
    property_files: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
