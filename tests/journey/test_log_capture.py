"""The log door from end to end: what a container prints arrives as data capture would store it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from modelyard import captures
from modelyard.captures import Account, Period, Record
from sandbox.journey import monitored, server
from sandbox.journey.commands import clean_environment, run
from sandbox.journey.demo import generate
from sandbox.journey.stages import SERVING, Journey
from tests.journey import badly

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
FOLDER = "capture/loans-staging/main/"
# Beyond what one line of a log driver holds.
MANY = 120


@dataclass(frozen=True)
class Seen:
    """What one door let through of the requests of a round.

    Attributes:
        keys: the objects that came, by their places in the bucket.
        records: what the reader makes of them, by inference id.
        lines: the stored lines as documents, slices left out.
    """

    keys: tuple[str, ...]
    records: Mapping[str, Record]
    lines: tuple[Mapping[str, Any], ...]
    account: Account


@dataclass
class Doors:
    """A staging environment that captures by the log first and by the endpoint then."""

    journey: Journey
    place: Path
    package: str

    @property
    def s3(self) -> Any:
        return self.journey.client(self.journey.root(SERVING), "s3")

    @property
    def bucket(self) -> str:
        account = self.journey.project.environments[SERVING].account
        return f"loans-staging-predictions-{account}"

    def stored(self) -> set[str]:
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=FOLDER).get("Contents", ())
        return {item["Key"] for item in listed}

    def holds(self, text: str) -> bool:
        """Whether a stored object says so."""
        found = (self.s3.get_object(Bucket=self.bucket, Key=key) for key in self.stored())
        return any(text.encode() in one["Body"].read() for one in found)

    def ask(self, name: str) -> None:
        """Single rows, a table, a request of many rows, and one that is refused."""
        runtime = self.journey.client(
            self.journey.session(SERVING, "model-operator"), "sagemaker-runtime"
        )
        rows = self.journey.held_aside(MANY)
        bodies = [{"instances": [row]} for row in rows[:10]] + [{"instances": rows}]
        for number, body in enumerate(bodies):
            runtime.invoke_endpoint(
                EndpointName="loans-staging",
                ContentType="application/json",
                InferenceId=f"{name}-{number}",
                CustomAttributes=f"inference_id={name}-{number}",
                Body=json.dumps(body, default=str),
            )
        with pytest.raises(ClientError, match="ModelError"):
            runtime.invoke_endpoint(
                EndpointName="loans-staging", ContentType="application/json", Body=b"{}"
            )

    def seen(self, name: str, before: set[str]) -> Seen:
        """The round's records once the last of them lies in the bucket."""
        badly.await_that(lambda: self.holds(f"{name}-10"), f"records of {name}")
        new = sorted(self.stored() - before)
        folder = self.place / name
        for key in new:
            (folder / key).parent.mkdir(parents=True, exist_ok=True)
            self.s3.download_file(self.bucket, key, str(folder / key))
        now, account = monitored.now(self.journey), Account()
        period = Period(now - timedelta(hours=2), now + timedelta(hours=1))
        files = [folder / key for key in new]
        records = {one.inference_id: one for one in captures.read(files, period, account)}
        lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
        return Seen(tuple(new), records, tuple(x for x in lines if "captureData" in x), account)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """On a sandbox of its own: what containers print bears the time of the world."""
    place = tmp_path_factory.mktemp("doors")
    with server.serving(place) as url:
        repo = generate(place)
        door(repo, "log")
        run(["make", "setup"], repo, clean_environment({}))
        journey = Journey(repo, url)
        for env in ("dev", "staging"):
            journey.apply(env)
        journey.publish(journey.push_image())
        package = journey.train()
        journey.approve(package, "Reviewed.")
        journey.release(package)
        yield Doors(journey, place, package)


def door(repo: Path, name: str) -> None:
    """Has project.yaml state how predictions are captured."""
    file = repo / "project.yaml"
    file.write_text(
        yaml.safe_dump(yaml.safe_load(file.read_text()) | {"monitoring": {"capture": name}})
    )


@pytest.fixture(scope="module")
def printed(doors: Doors) -> Seen:
    """What comes by the log."""
    doors.ask("printed")
    # The container's output is read every second; Firehose waits five minutes for more.
    badly.await_that(lambda: output(doors, "printed-10"), "the last printed line")
    known = doors.stored()
    monitored.advance(doors.journey, 330)
    return doors.seen("printed", known)


def output(doors: Doors, text: str) -> bool:
    """Whether the endpoint's log group holds a text."""
    logs = doors.journey.client(doors.journey.root(SERVING), "logs")
    group = "/aws/sagemaker/Endpoints/loans-staging"
    found = logs.filter_log_events(logGroupName=group)["events"]
    return any(text in event["message"] for event in found)


@pytest.fixture(scope="module")
def stored(doors: Doors, printed: Seen) -> Seen:
    """What SageMaker's own capture stores of the same requests, one version later."""
    door(doors.journey.repo, "endpoint")
    journey = Journey(doors.journey.repo, doors.journey.url, doors.journey.sessions)
    journey.apply(SERVING)
    again = badly.register(journey, doors.package)
    journey.approve(again, "Reviewed.")
    journey.release(again)
    known = doors.stored()
    doors.ask("stored")
    return doors.seen("stored", known)


def test_printed_lines_lie_by_the_hour_as_captured_ones(printed: Seen) -> None:
    hours = {
        datetime.strptime(key.removeprefix(FOLDER)[:13], "%Y/%m/%d/%H") for key in printed.keys
    }
    assert len(hours) <= 2
    assert {key[-6:] for key in printed.keys} == {".jsonl"}


def test_every_answered_request_is_read_back_and_nothing_else_is(printed: Seen) -> None:
    own = {name: one for name, one in printed.records.items() if name.startswith("printed-")}
    assert set(own) == {f"printed-{number}" for number in range(11)}
    assert len(own["printed-10"].rows) == len(own["printed-10"].predictions) > 100
    assert (printed.account.unusable, printed.account.skewed, printed.account.duplicates) == (
        0,
        0,
        0,
    )


def test_a_record_of_many_rows_came_in_slices(printed: Seen) -> None:
    assert printed.account.slices > 1
    assert printed.account.incomplete == 0


def test_records_of_both_doors_say_the_same(printed: Seen, stored: Seen) -> None:
    assert shape(printed.lines[0]) == shape(stored.lines[0])
    mine, theirs = (
        [round_of.records[f"{name}-{number}"] for number in range(11)]
        for name, round_of in (("printed", printed), ("stored", stored))
    )
    assert [one.rows for one in mine] == [one.rows for one in theirs]
    assert [one.predictions for one in mine] == [one.predictions for one in theirs]
    assert {one.variant for one in (*mine, *theirs)} == {"main"}


def shape(value: Any) -> Any:
    """The keys of a record, and of what it holds."""
    return {key: shape(below) for key, below in value.items()} if isinstance(value, dict) else "-"


def test_each_answer_served_is_counted_as_captured(
    doors: Doors, printed: Seen, stored: Seen
) -> None:
    report = judged(doors.journey)
    captured, service = report["capture"], report["service"]
    assert captured["captured"] > len(printed.records) + len(stored.records)
    assert captured["answered"] == service["served"] - service["errors_4xx"]
    assert (captured["gap"], service["errors_5xx"]) == (0, 0)
    assert [one for one in report["findings"] if one["kind"] == "capture"] == []


def judged(journey: Journey) -> dict[str, Any]:
    """The report on the last hours by the sandbox's clock, as an operator asks for it."""
    operator, now = journey.session(SERVING, "model-operator"), monitored.now(journey)
    window = [f"{now + timedelta(minutes=minutes):%Y-%m-%dT%H:%MZ}" for minutes in (-120, 1)]
    told = journey.modelyard(
        operator, "monitor", "--env", SERVING, "--from", window[0], "--to", window[1], "--json"
    )
    started = json.loads(told)
    sagemaker = journey.client(operator, "sagemaker")

    def ended() -> bool:
        execution = sagemaker.describe_pipeline_execution(
            PipelineExecutionArn=started["execution_arn"]
        )
        assert execution["PipelineExecutionStatus"] not in ("Failed", "Stopped")
        return bool(execution["PipelineExecutionStatus"] == "Succeeded")

    monitored.waited(ended, "a judged window")
    return dict(json.loads(journey.read(f"{started['report']}report.json")))
