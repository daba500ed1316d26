"""A served model whose world changes: drift in its traffic, an alert, a retrain, a challenger."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from modelyard.data import DataContract
from modelyard.project import EnvironmentName
from modelyard.split import key_identity, row_identity, split_of
from modelyard.tables import cells, read_table
from sandbox.journey.commands import JourneyError
from sandbox.journey.stages import REGISTRY, Journey

# What changes in the mortgage world: households owe more of their income, and pay more for housing.
SHIFTS: Mapping[str, float] = {"obrat": 14.0, "hrat": 9.0}
ROWS_A_DAY = 150
# Schedules may come a quarter of an hour late.
AFTER_SIX = timedelta(hours=6, minutes=20)
PATIENCE_S = 120.0

Row = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Monitored:
    """The journey, and the environment whose traffic changes."""

    journey: Journey
    env: EnvironmentName

    @property
    def prefix(self) -> str:
        return f"{self.journey.project.name}-{self.env}"

    def sagemaker(self, env: EnvironmentName) -> Any:
        """SageMaker as root of an environment's account."""
        return self.journey.client(self.journey.root(env), "sagemaker")


def drift(journey: Journey, env: EnvironmentName) -> dict[str, Any]:
    """Two days of changed traffic, until a challenger waits: what the demo's summary says of it."""
    monitored = Monitored(journey, env)
    changed = [shifted(row) for row in held_aside(journey)]
    seen = len(inbox(journey))
    for day in range(2):
        ask(monitored, changed[:ROWS_A_DAY], f"day{day}")
        if day == 1:
            # The cases of the new world, decided by people: what a challenger can learn from.
            bring_new_data(journey)
        next_morning(journey)
        runs_over(monitored, day + 1)
    alert = message(journey, min(SHIFTS), seen)
    arn = retrained(monitored)
    package = challenger(monitored, arn)
    return {
        "features": sorted(SHIFTS),
        "alert": alert,
        "retrain_execution_arn": arn,
        "challenger": package["ModelPackageArn"],
        "challenger_status": package["ModelApprovalStatus"],
        "comparison": package["CustomerMetadataProperties"]["champion_comparison"],
    }


def shifted(row: Mapping[str, Any]) -> Row:
    """The row as the changed world would have it."""
    return {
        name: value + SHIFTS[name] if name in SHIFTS and value is not None else value
        for name, value in row.items()
    }


def held_aside(journey: Journey) -> list[Row]:
    """Features of rows that no training saw, in the data's own types."""
    contract = DataContract.load(journey.repo / journey.project.dataset.contract)
    return [
        {name: row[name] for name in contract.features}
        for row, split in _rows(journey, contract)
        if split == "test"
    ]


def bring_new_data(journey: Journey) -> int:
    """Uploads the changed world's cases with their outcomes, as their owner; how many there are.

    A case is kept only where its split stays: no near copy of a test row may reach the training.
    """
    contract = DataContract.load(journey.repo / journey.project.dataset.contract)
    names = [column.name for column in contract.columns]
    lines = [",".join(names)]
    for row, split in _rows(journey, contract):
        changed = shifted(row)
        if split_of(_identity(contract, changed)) == split:
            lines.append(
                ",".join("" if changed[name] is None else str(changed[name]) for name in names)
            )
    name = journey.project.dataset.name
    place = journey.project.environments[REGISTRY]
    journey.client(journey.root(REGISTRY), "s3").put_object(
        Bucket=f"{journey.project.name}-{REGISTRY}-raw-{place.account}",
        Key=f"{name}/changed-world.csv",
        Body=("\n".join(lines) + "\n").encode(),
    )
    return len(lines) - 1


def ask(monitored: Monitored, rows: Sequence[Row], name: str) -> None:
    """One request a row, as the operator."""
    journey = monitored.journey
    runtime = journey.client(journey.session(monitored.env, "model-operator"), "sagemaker-runtime")
    for number, row in enumerate(rows):
        runtime.invoke_endpoint(
            EndpointName=monitored.prefix,
            ContentType="application/json",
            InferenceId=f"{monitored.prefix}-{name}-{number:05d}",
            Body=json.dumps({"instances": [row]}, default=str),
        )


def now(journey: Journey) -> datetime:
    """The time in the sandbox."""
    return datetime.fromisoformat(_control(journey, "clock")["now"])


def advance(journey: Journey, seconds: float) -> None:
    """Lets time pass in the sandbox, with all that becomes due in it."""
    _control(journey, "clock", {"advance": seconds})


def next_morning(journey: Journey) -> None:
    """On to when the daily schedule has called."""
    at = now(journey)
    morning = at.replace(hour=0, minute=0, second=0, microsecond=0) + AFTER_SIX
    if morning <= at:
        morning += timedelta(days=1)
    advance(journey, (morning - at).total_seconds())


def inbox(journey: Journey) -> list[dict[str, Any]]:
    """What people were sent."""
    return list(_control(journey, "inbox")["messages"])


def message(journey: Journey, word: str, after: int = 0) -> str:
    """The first message that says so, subject and text."""

    def look() -> str | None:
        for one in inbox(journey)[after:]:
            if word in f"{one['subject']} {one['message']}":
                return f"{one['subject']}\n\n{one['message']}"
        return None

    return waited(look, f"a message about {word}")


def runs_over(monitored: Monitored, count: int) -> None:
    """Waits until so many monitoring runs have ended well."""
    sagemaker, pipeline = monitored.sagemaker(monitored.env), f"{monitored.prefix}-monitor"

    def look() -> bool:
        found = sagemaker.list_pipeline_executions(PipelineName=pipeline)
        runs = found["PipelineExecutionSummaries"]
        for run in runs:
            if run["PipelineExecutionStatus"] in ("Failed", "Stopped"):
                raise JourneyError(f"a monitoring run failed: {run}")
        return len([run for run in runs if run["PipelineExecutionStatus"] == "Succeeded"]) >= count

    waited(look, f"{count} monitoring runs")


def retrained(monitored: Monitored) -> str:
    """The run that the finding started, once it is over."""
    pipeline = f"{monitored.journey.project.name}-{REGISTRY}-train"
    sagemaker = monitored.sagemaker(REGISTRY)

    def look() -> str | None:
        found = sagemaker.list_pipeline_executions(PipelineName=pipeline)
        for run in found["PipelineExecutionSummaries"]:
            if not str(run.get("PipelineExecutionDisplayName", "")).startswith("auto-"):
                continue
            if run["PipelineExecutionStatus"] == "Failed":
                raise JourneyError(
                    f"the retrain failed: {run.get('PipelineExecutionFailureReason')}"
                )
            if run["PipelineExecutionStatus"] == "Succeeded":
                return str(run["PipelineExecutionArn"])
        return None

    return waited(look, "a retrain")


def challenger(monitored: Monitored, execution: str) -> dict[str, Any]:
    """The package that a run registered."""
    sagemaker = monitored.sagemaker(REGISTRY)
    found = sagemaker.list_model_packages(
        ModelPackageGroupName=monitored.journey.project.name,
        SortBy="CreationTime",
        SortOrder="Descending",
    )["ModelPackageSummaryList"]
    for summary in found:
        package = sagemaker.describe_model_package(ModelPackageName=summary["ModelPackageArn"])
        if package["CustomerMetadataProperties"]["execution"] == execution:
            return dict(package)
    raise JourneyError(f"{execution} registered nothing")


def waited(look: Callable[[], T | None], what: str) -> T:
    """What there is once there is something.

    Raises:
        JourneyError: it never came.
    """
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.3)
    raise JourneyError(f"there never was {what}")


def _rows(journey: Journey, contract: DataContract) -> Iterator[tuple[Row, str]]:
    """The data file's rows with their splits."""
    frame = read_table(journey.repo / journey.project.dataset.source)
    names = [column.name for column in contract.columns if column.name in frame.columns]
    columns = {name: cells(frame, name) for name in names}
    for values in zip(*columns.values(), strict=True):
        row = dict(zip(names, values, strict=True))
        yield row, split_of(_identity(contract, row))


def _identity(contract: DataContract, row: Row) -> Any:
    key = contract.row_key
    return key_identity(row[key]) if key else row_identity(list(row), tuple(row.values()))


def _control(journey: Journey, what: str, body: Mapping[str, Any] | None = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(
        f"{journey.url}/_modelyard/{what}", data, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return json.load(answer)
