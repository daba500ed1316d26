"""An isolated job works with S3 as its only route, its key by grant, its starter on record."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from modelyard.functions.windows import moment
from tests.smoke_aws.road import NAMED, SENTENCE, eventually

if TYPE_CHECKING:
    from tests.smoke_aws.road import Road, Run

pytestmark = pytest.mark.timeout(3600)


def test_isolated_job_runs_with_the_s3_route_only(road: Road, run: Run) -> None:
    assert run.job["NetworkConfig"]["EnableNetworkIsolation"] is True
    assert run.report["sentence"] == SENTENCE
    if road.on_aws:
        endpoints = road.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
        assert "s3" in {each["ServiceName"].split(".")[-1] for each in endpoints}


def test_isolated_job_reaches_nothing(road: Road, run: Run) -> None:
    if not road.on_aws:
        pytest.skip("the sandbox's isolation removes credentials and endpoints, not the network")
    assert run.report["reached"] == []


def test_a_manifest_brings_what_it_names_with_its_folders(run: Run) -> None:
    assert run.report["named"] == [NAMED]


def test_an_execution_tells_its_jobs_when_it_began(run: Run) -> None:
    assert abs(datetime.now(UTC) - moment(run.report["begun"])) < timedelta(hours=2)


def test_fail_message_quotes_a_property_file(run: Run) -> None:
    assert f"it: {SENTENCE}" in run.failure


def test_trail_names_the_execution_and_its_starter(road: Road, run: Run) -> None:
    def found() -> dict[str, Any] | None:
        attribute = {"AttributeKey": "EventName", "AttributeValue": "StartPipelineExecution"}
        events = road.client("cloudtrail").lookup_events(LookupAttributes=[attribute])["Events"]
        records = [json.loads(each["CloudTrailEvent"]) for each in events]
        return next((each for each in records if _execution(each) == run.arn), None)

    record = eventually(found, road.patience, 15 if road.on_aws else 0.2)
    assert record, "no StartPipelineExecution record with responseElements.pipelineExecutionArn"
    assert record["userIdentity"]["arn"]


def test_volume_key_was_used(road: Road, run: Run) -> None:
    cluster = run.job["ProcessingResources"]["ClusterConfig"]
    assert cluster["VolumeKmsKeyId"] == road.workspace.key_arn
    if not road.on_aws:
        pytest.skip("SageMaker's grants are the service's own calls, which only AWS records")

    def granted() -> bool:
        attribute = {"AttributeKey": "EventName", "AttributeValue": "CreateGrant"}
        events = road.client("cloudtrail").lookup_events(LookupAttributes=[attribute])["Events"]
        return any(road.workspace.key_arn in each["CloudTrailEvent"] for each in events)

    assert eventually(granted, road.patience, 15), "no grant on the project's key was recorded"


def _execution(record: dict[str, Any]) -> str | None:
    answer = record.get("responseElements") or {}
    return answer.get("pipelineExecutionArn")
