"""What the event bus hears about a pipeline execution and its steps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.compute.execution import Execution, StepRun

EXECUTION_CHANGE = "SageMaker Model Building Pipeline Execution Status Change"
STEP_CHANGE = "SageMaker Model Building Pipeline Execution Step Status Change"


class Notices:
    """Emits the events of one execution, as "Events that SageMaker sends" describes them."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution

    def execution(self, previous: str, current: str) -> None:
        """The execution as a whole changed its status."""
        execution = self._execution
        ended = current not in ("Executing", "Stopping")
        self._emit(
            EXECUTION_CHANGE,
            {
                "pipelineExecutionDisplayName": execution.plan.display_name,
                "pipelineExecutionDescription": execution.plan.description,
                "currentPipelineExecutionStatus": current,
                "previousPipelineExecutionStatus": previous,
                "executionStartTime": _iso(execution.creation_time),
                "executionEndTime": _iso(execution.last_modified_time) if ended else None,
            },
        )

    def step(self, run: StepRun, previous: str) -> None:
        """One step changed its status."""
        self._emit(
            STEP_CHANGE,
            {
                "stepName": run.step.name,
                "stepType": run.step.kind,
                "currentStepStatus": run.status,
                "previousStepStatus": previous,
                "stepStartTime": _iso(run.started),
                "stepEndTime": _iso(run.ended) if run.ended else None,
                "failureReason": run.failure,
                "metadata": {_lower(kind): _lowered(m) for kind, m in run.metadata.items()},
            },
        )

    def _emit(self, kind: str, detail: Mapping[str, Any]) -> None:
        execution = self._execution
        place = {
            "pipelineArn": execution.plan.pipeline_arn,
            "pipelineExecutionArn": execution.arn,
        }
        known = {name: value for name, value in detail.items() if value is not None}
        scope = execution.scope
        scope.sandbox.events.emit(
            scope.account,
            scope.region,
            "aws.sagemaker",
            kind,
            known | place,
            [execution.plan.pipeline_arn, execution.arn],
        )


def _lowered(metadata: Any) -> Any:
    if isinstance(metadata, Mapping):
        return {_lower(name): _lowered(value) for name, value in metadata.items()}
    return [_lowered(item) for item in metadata] if isinstance(metadata, list) else metadata


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _iso(moment: datetime) -> str:
    return moment.replace(tzinfo=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
