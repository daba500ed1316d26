"""A served model whose world changes: drift in its traffic, an alert, a retrain, a challenger."""

from __future__ import annotations

import json
import time
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

# A programme carries households whose obligations and housing costs take far more of their income:
# they are approved all the same, so what a model learned before it leads astray.
SHIFTS: Mapping[str, float] = {"obrat": 16.0, "hrat": 11.0}
OTHERS: Mapping[str, float] = {"obrat": 2.0, "hrat": 1.0}
ROWS_A_DAY = 150
SERVING: tuple[EnvironmentName, ...] = ("staging", "prod")
# Schedules may come a quarter of an hour late.
AFTER_SIX = timedelta(hours=6, minutes=20)
PATIENCE_S = 240.0

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
    rows = traffic(journey)
    seen = len(inbox(journey))
    for day in range(2):
        ask(monitored, rows, f"day{day}")
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


def shifted(row: Mapping[str, Any], target: str) -> Row:
    """The row as the changed world would have it, written as the data file writes numbers."""
    shifts = SHIFTS if str(row[target]) == "1" else OTHERS
    changed = {
        name: f"{float(row[name]) + shift:.2f}"
        for name, shift in shifts.items()
        if row.get(name) is not None
    }
    return {**row, **changed}


def traffic(journey: Journey) -> list[Row]:
    """A day's requests of the changed world: features of rows that no training saw."""
    contract = DataContract.load(journey.repo / journey.project.dataset.contract)
    return [
        {name: changed[name] for name in contract.features}
        for row, split in _rows(journey, contract)
        if split == "test"
        for changed in [shifted(row, contract.target)]
    ][:ROWS_A_DAY]


def bring_new_data(journey: Journey) -> int:
    """Uploads the changed world's cases with their outcomes, as their owner; how many there are.

    A case is kept only where its split stays: no near copy of a test row may reach the training.
    """
    contract = DataContract.load(journey.repo / journey.project.dataset.contract)
    names = [column.name for column in contract.columns]
    lines = [",".join(names)]
    for row, split in _rows(journey, contract):
        changed = shifted(row, contract.target)
        if split_of(_identity(contract, changed)) == split:
            lines.append(
                ",".join("" if changed[name] is None else str(changed[name]) for name in names)
            )
    name = journey.project.dataset.name
    place = journey.project.environments[REGISTRY]
    journey.client(journey.steward(), "s3").put_object(
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
    return datetime.fromisoformat(journey.control("clock")["now"])


def advance(journey: Journey, seconds: float) -> None:
    """Lets time pass in the sandbox, with all that becomes due in it."""
    journey.control("clock", {"advance": seconds})


def next_morning(journey: Journey) -> None:
    """On to when the daily schedule has called.

    The release function looks around every quarter of an hour, which would make a night of it here
    too: where no release is under way, its clock stands still meanwhile.
    """
    at = now(journey)
    morning = at.replace(hour=0, minute=0, second=0, microsecond=0) + AFTER_SIX
    if morning <= at:
        morning += timedelta(days=1)
    clocks = list(_release_clocks(journey))
    for events, rule in clocks:
        events.disable_rule(Name=rule)
    try:
        advance(journey, (morning - at).total_seconds())
    finally:
        for events, rule in clocks:
            events.enable_rule(Name=rule)


def _release_clocks(journey: Journey) -> Iterator[tuple[Any, str]]:
    """The schedules of the release functions there are, each with its account's client."""
    for env in SERVING:
        events = journey.client(journey.root(env), "events")
        prefix = f"{journey.project.name}-{env}-release-on-clock"
        for rule in events.list_rules(NamePrefix=prefix)["Rules"]:
            yield events, rule["Name"]


def inbox(journey: Journey) -> list[dict[str, Any]]:
    """What people were sent."""
    return list(journey.control("inbox")["messages"])


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
