"""Batch scoring from release to outputs: the pinned pipeline scores each partition once."""

from __future__ import annotations

import csv
import io
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.journey.stages import PRODUCTION, Journey
from tests.journey import badly
from tests.journey.travelled import Travelled

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

SERVING = '\nserving: {mode: batch, schedule: "rate(1 hour)"}\n'


@dataclass
class Batch:
    """Production as a batch environment, with one released version."""

    journey: Journey
    package: str

    @property
    def bucket(self) -> str:
        account = self.journey.project.environments[PRODUCTION].account
        return f"loans-prod-predictions-{account}"

    def client(self, service: str) -> Any:
        return self.journey.client(self.journey.root(PRODUCTION), service)

    def put(self, name: str, rows: list[dict[str, Any]]) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        self.client("s3").put_object(
            Bucket=self.bucket, Key=f"batch/input/{name}", Body=text.getvalue().encode()
        )

    def run(self) -> str:
        """One run to its end, as the operator starts it; its status."""
        session = self.journey.session(PRODUCTION, "model-operator")
        sagemaker = self.journey.client(session, "sagemaker")
        arn = sagemaker.start_pipeline_execution(PipelineName="loans-prod-batch")[
            "PipelineExecutionArn"
        ]
        for _ in range(600):
            status = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
            if status["PipelineExecutionStatus"] != "Executing":
                return str(status["PipelineExecutionStatus"])
            time.sleep(0.2)
        raise AssertionError("the run does not end")

    def kept(self, folder: str) -> dict[str, Any]:
        """The documents of a folder by key."""
        s3 = self.client("s3")
        listed = s3.list_objects_v2(Bucket=self.bucket, Prefix=f"batch/{folder}/")
        keys = [item["Key"] for item in listed.get("Contents", ()) if item["Size"]]
        return {
            key: s3.get_object(Bucket=self.bucket, Key=key)["Body"].read().decode() for key in keys
        }


@pytest.fixture(scope="module")
def batch(travelled: Travelled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Batch]:
    repo = tmp_path_factory.mktemp("batch") / "loans"
    shutil.copytree(travelled.journey.repo, repo, symlinks=True)
    with (repo / "project.yaml").open("a") as file:
        file.write(SERVING)
    journey = Journey(repo, travelled.journey.url, travelled.journey.sessions)
    journey.apply(PRODUCTION)
    package = badly.register(journey, travelled.package)
    journey.approve(package, "Reviewed.")
    journey.approve(package, "Reviewed.", "production")
    journey.release(package, PRODUCTION)
    yield Batch(journey, package)


def test_each_partition_is_scored_once_with_every_row_accounted_for(batch: Batch) -> None:
    good = batch.journey.held_aside(30)
    bad = dict.fromkeys(good[0], "not a number")
    batch.put("monday.csv", [*good, bad])
    assert batch.run() == "Succeeded"
    (manifest,) = map(json.loads, batch.kept("done").values())
    assert manifest["rows"] == {"in": 31, "scored": 30, "failed": 1}
    assert manifest["model_package"] == batch.package
    first = batch.kept("output")
    batch.put("the same again.csv", [*good, bad])
    assert batch.run() == "Succeeded"
    assert batch.kept("output") == first


def test_schedule_starts_the_pinned_pipeline(batch: Batch) -> None:
    schedule = batch.client("scheduler").get_schedule(
        GroupName="loans-prod", Name="loans-prod-batch"
    )
    assert schedule["Target"]["Arn"].endswith(":pipeline/loans-prod-batch")
    described = batch.client("sagemaker").describe_pipeline(PipelineName="loans-prod-batch")
    image = batch.journey.package(batch.package)["InferenceSpecification"]["Containers"][0]["Image"]
    assert image in described["PipelineDefinition"]
