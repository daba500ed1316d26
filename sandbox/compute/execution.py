"""One run of a pipeline: which step is due, what became of each, and the end of it all."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.core.utils import utcnow

from sandbox.compute import expressions
from sandbox.compute.definition_model import Definition, Step
from sandbox.compute.failures import CALL_ERRORS, RunError, client_failure, shorten
from sandbox.compute.jobs import Job
from sandbox.compute.notices import Notices
from sandbox.compute.operations import Scope
from sandbox.compute.steps import Result, Surroundings, run_step
from sandbox.compute.transfer import split_uri

log = logging.getLogger(__name__)

STEP_FAILURE = "Step failure: One or multiple steps failed."
RUNNING = ("Executing", "Stopping")


@dataclass
class StepRun:
    """One step that was started."""

    step: Step
    status: str = "Executing"
    started: datetime = field(default_factory=utcnow)
    ended: datetime | None = None
    failure: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    job: Job | None = None


@dataclass(frozen=True)
class Plan:
    """What an execution was started with; later changes of the pipeline do not reach it."""

    pipeline_name: str
    pipeline_arn: str
    role_arn: str
    document: str
    definition: Definition
    parameters: Mapping[str, Any]
    width: int
    caller: str
    display_name: str | None = None
    description: str | None = None


class Execution:
    """The state of a run and the threads that move it forward."""

    def __init__(self, scope: Scope, plan: Plan, identifier: str) -> None:
        self.scope, self.plan, self.id = scope, plan, identifier
        self.arn = f"{plan.pipeline_arn}/execution/{identifier}"
        self.status = "Executing"
        self.failure_reason: str | None = None
        self.creation_time = self.last_modified_time = utcnow()
        self.runs: dict[str, StepRun] = {}
        self.done = threading.Event()
        self._changed = threading.Condition()
        self._files: dict[str, Any] = {}
        self._notices = Notices(self)

    def start(self) -> None:
        """Run in the background; `done` is set at the end."""
        self._notices.execution("Executing", "Executing")
        self.scope.sandbox.submit(self.run)

    def run(self) -> None:
        """Start what is due until nothing is due and nothing runs."""
        with self._changed:
            while True:
                for step in self._due():
                    self._begin(step)
                if not self._active():
                    break
                self._changed.wait()
            self._conclude()
        self._notices.execution("Executing", self.status)
        self.done.set()

    def stop(self) -> None:
        """Stop the running jobs; nothing new starts."""
        with self._changed:
            if self.status != "Executing":
                return
            self.status = "Stopping"
            jobs = [run.job for run in self.runs.values() if run.job and run.status in RUNNING]
            self._changed.notify_all()
        for job in jobs:
            job.stop()

    def retry(self) -> None:
        """Run again what failed or was stopped, keeping what succeeded."""
        with self._changed:
            lost = [name for name, run in self.runs.items() if run.status != "Succeeded"]
            for name in lost:
                del self.runs[name]
            self.status, self.failure_reason = "Executing", None
            self._files.clear()
            self.done.clear()
        self.start()

    def _due(self) -> list[Step]:
        """The steps that may start now, as many as the parallelism allows."""
        broken = any(run.status in ("Failed", "Stopped") for run in self.runs.values())
        if broken or self.status != "Executing":
            return []
        steps = self.plan.definition.steps.values()
        ready = [step for step in steps if step.name not in self.runs and self._is_ready(step)]
        return ready[: max(0, self.plan.width - len(self._active()))]

    def _is_ready(self, step: Step) -> bool:
        if not all(self._succeeded(name) for name in step.needs):
            return False
        if step.condition is None:
            return True
        outcome = self.runs[step.condition].properties["Outcome"]
        return step.branch == ("IfSteps" if outcome == "True" else "ElseSteps")

    def _succeeded(self, name: str) -> bool:
        return name in self.runs and self.runs[name].status == "Succeeded"

    def _active(self) -> tuple[StepRun, ...]:
        return tuple(run for run in self.runs.values() if run.status in RUNNING)

    def _begin(self, step: Step) -> None:
        run = self.runs[step.name] = StepRun(step)
        self._notices.step(run, "Starting")
        self.scope.sandbox.submit(self._perform, run)

    def _perform(self, run: StepRun) -> None:
        around = Surroundings(
            scope=self.scope,
            role_arn=self.plan.role_arn,
            execution_id=self.id,
            resolve=self.resolve,
            report=run.metadata.update,
            started=lambda job: self._job_started(run, job),
        )
        try:
            result = run_step(run.step, around)
        except RunError as failure:
            result = Result("Failed", failure=str(failure))
        except Exception as error:
            log.exception("step %s of %s failed inside the sandbox", run.step.name, self.arn)
            result = Result("Failed", failure=f"InternalServerError: {error!r}")
        with self._changed:
            run.properties, run.ended = result.properties, utcnow()
            run.failure = shorten(result.failure) if result.failure else None
            run.status = result.status
            self.last_modified_time = utcnow()
            self._changed.notify_all()
        self._notices.step(run, "Executing")

    def _job_started(self, run: StepRun, job: Job) -> None:
        with self._changed:
            run.job = job
            stopping = self.status == "Stopping"
        if stopping:
            job.stop()

    def _conclude(self) -> None:
        self.last_modified_time = utcnow()
        if any(run.status == "Failed" for run in self.runs.values()):
            self.status, self.failure_reason = "Failed", STEP_FAILURE
        elif self.status == "Stopping" or any(r.status == "Stopped" for r in self.runs.values()):
            self.status = "Stopped"
        else:
            self.status = "Succeeded"

    def resolve(self, value: Any, variables: Mapping[str, str]) -> Any:
        """A value of the definition as it is at this moment of the run."""
        return expressions.resolve(value, lambda name: self._lookup(name, variables), self._read)

    def _lookup(self, reference: str, variables: Mapping[str, str]) -> Any:
        area, _, rest = reference.partition(".")
        if area == "Parameters":
            return self.plan.parameters[rest]
        if area == "Execution":
            return variables.get(reference) or self._variable(rest)
        name, _, path = rest.partition(".")
        if name not in self.runs:
            raise RunError(f"ClientError: {reference}: step {name} did not run")
        return expressions.walk(self.runs[name].properties, path, reference)

    def _variable(self, name: str) -> str:
        values = {
            "StartDateTime": _iso(self.creation_time),
            "CurrentDateTime": _iso(utcnow()),
            "PipelineName": self.plan.pipeline_name,
            "PipelineArn": self.plan.pipeline_arn,
            "PipelineExecutionId": self.id,
            "PipelineExecutionArn": self.arn,
        }
        if name not in values:
            raise RunError(f"ClientError: Execution.{name} is not known in this step")
        return values[name]

    def _read(self, argument: Mapping[str, Any]) -> Any:
        """The JSON file that a Std:JsonGet names, read once with the pipeline's role."""
        uri = self._file_uri(argument)
        if uri not in self._files:
            bucket, key = split_uri(uri)
            client = self.scope.client("s3", self.plan.role_arn)
            try:
                body = client.get_object(Bucket=bucket, Key=key)["Body"].read()
                self._files[uri] = json.loads(body)
            except CALL_ERRORS as error:
                raise client_failure(f"Cannot read the property file {uri}", error) from error
            except ValueError as error:
                raise RunError(f"ClientError: {uri} is not JSON: {error}") from error
        return self._files[uri]

    def _file_uri(self, argument: Mapping[str, Any]) -> str:
        if "S3Uri" in argument:
            return str(self.resolve(argument["S3Uri"], {}))
        _, step, _, name = argument["PropertyFile"]["Get"].split(".", 3)
        output, path = self.plan.definition.property_files[step, name]
        place = f"ProcessingOutputConfig.Outputs['{output}'].S3Output.S3Uri"
        uri = expressions.walk(self.runs[step].properties, place, place)
        return f"{uri.rstrip('/')}/{path}"


def _iso(moment: datetime) -> str:
    return moment.replace(tzinfo=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
