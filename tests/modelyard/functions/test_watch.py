"""The watching function in an account: every window once, and what each run reads."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from modelyard.functions import watch
from modelyard.functions.findings import HEARTBEAT
from modelyard.functions.service import Refused

NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=30)
PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/3"
ROLE = "arn:aws:iam::123456789012:role/loans-prod-monitor"
PARAMETERS = ("WindowStart", "WindowEnd", "InputsManifest", "ReportPrefix")
FACTS = {
    "project": "loans",
    "environment": "prod",
    "key_arn": "arn:aws:kms:us-east-1:123456789012:key/1",
    "bucket_predictions": "predictions",
    "bucket_evidence": "evidence",
    "endpoint": "loans-prod",
    "monitor_pipeline": "loans-prod-monitor",
    "serving": json.dumps({"mode": "real-time"}),
    "monitoring": json.dumps({"window_hours": 24, "label_days": 14, "drift": 0.2}),
}


class Account:
    """A production account, with an endpoint or before its first release."""

    def __init__(self, served: bool) -> None:
        session = boto3.Session("a", "b", region_name="us-east-1")
        self.sagemaker, self.s3 = session.client("sagemaker"), session.client("s3")
        self.cloudwatch = session.client("cloudwatch")
        self.s3.create_bucket(Bucket="predictions")
        ssm = session.client("ssm")
        for key, value in FACTS.items():
            ssm.put_parameter(Name=f"/modelyard/loans/prod/{key}", Value=value, Type="String")
        if served:
            self._serve()

    def _serve(self) -> None:
        self.sagemaker.create_model(
            ModelName="loans-prod-v3",
            ExecutionRoleArn=ROLE,
            PrimaryContainer={"Image": "i", "Environment": {"MODELYARD_MODEL_PACKAGE": PACKAGE}},
        )
        variant = {
            "VariantName": "main",
            "ModelName": "loans-prod-v3",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }
        self.sagemaker.create_endpoint_config(
            EndpointConfigName="loans-prod-v3", ProductionVariants=[variant]
        )
        self.sagemaker.create_endpoint(
            EndpointName="loans-prod", EndpointConfigName="loans-prod-v3"
        )
        stated = [{"Name": name, "Type": "String"} for name in PARAMETERS]
        self.sagemaker.create_pipeline(
            PipelineName="loans-prod-monitor",
            RoleArn=ROLE,
            PipelineDefinition=json.dumps({"Parameters": stated, "Steps": []}),
            ClientRequestToken="x" * 32,
        )

    def captured(self, at: datetime, name: str) -> str:
        key = f"capture/loans-prod/main/{at:%Y/%m/%d/%H}/{name}.jsonl"
        self.s3.put_object(Bucket="predictions", Key=key, Body=b"{}\n")
        return key

    def read(self, key: str) -> Any:
        return json.loads(self.s3.get_object(Bucket="predictions", Key=key)["Body"].read())

    def heartbeat(self) -> list[float]:
        found = self.cloudwatch.get_metric_statistics(
            Namespace="Modelyard",
            MetricName=HEARTBEAT,
            Dimensions=[
                {"Name": "Project", "Value": "loans"},
                {"Name": "Environment", "Value": "prod"},
            ],
            StartTime=datetime.now(UTC) - timedelta(hours=1),
            EndTime=datetime.now(UTC) + timedelta(hours=1),
            Period=7200,
            Statistics=["Maximum"],
        )["Datapoints"]
        return [point["Maximum"] for point in found]


def call(**event: Any) -> dict[str, Any]:
    """What the function answers."""
    return watch.handler({"time": NOW.isoformat(), **event}, None)


@pytest.fixture
def account(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An account of its own; `served` unless a test says otherwise."""
    monkeypatch.setenv("MODELYARD_PROJECT", "loans")
    monkeypatch.setenv("MODELYARD_ENV", "prod")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield Account(getattr(request, "param", True))


@pytest.mark.parametrize("account", [False], indirect=True)
def test_that_nothing_is_served_yet_is_an_answer(account: Account) -> None:
    assert call() == {"started": [], "why": "nothing is served in prod yet"}
    assert account.heartbeat() == [0.0]


def test_a_window_is_looked_at_once(account: Account) -> None:
    first, again = call(), call()
    assert len(first["started"]) == 1
    assert (again["started"], again["behind"]) == ([], 0)


def test_missed_windows_are_caught_up(account: Account) -> None:
    call()
    later = call(time=(NOW + timedelta(days=3)).isoformat())
    starts = [one["start"] for one in later["started"]]
    assert len(starts) == 3
    assert starts == sorted(starts)


def test_windows_before_there_was_an_endpoint_are_left_out(account: Account) -> None:
    early = datetime.now(UTC) - timedelta(days=2)
    assert call(time=early.isoformat())["started"] == []


def test_a_run_reads_its_window_and_nothing_else(account: Account) -> None:
    inside = account.captured(NOW - timedelta(hours=5), "a")
    account.captured(NOW - timedelta(days=3), "b")
    (started,) = call()["started"]
    manifest = account.read(f"monitoring/{started['window']}/inputs.manifest")
    window = f"monitoring/{started['window']}/window.json"
    assert manifest == [{"prefix": "s3://predictions/"}, window, inside]
    document = account.read(window)
    assert (document["model_package_arn"], document["served"]) == (PACKAGE, 0)
    assert document["thresholds"] == {"window_hours": 24, "label_days": 14, "drift": 0.2}


def test_labels_bring_earlier_records_to_be_joined(account: Account) -> None:
    earlier = account.captured(NOW - timedelta(days=3), "b")
    account.s3.put_object(Bucket="predictions", Key="labels/x.csv", Body=b"id,label\n")
    (started,) = call()["started"]
    manifest = account.read(f"monitoring/{started['window']}/inputs.manifest")
    assert {earlier, "labels/x.csv"} <= set(manifest[1:])
    document = account.read(f"monitoring/{started['window']}/window.json")
    assert document["quality_from"] < document["start"]


def test_a_person_may_look_at_any_stretch(account: Account) -> None:
    asked = call(action="run", start="2026-01-01T00:00:00Z", end="2026-01-01T03:00:00Z")
    assert asked["window"] == "20260101T0000Z-3h-on-demand"
    assert asked["report"] == "s3://evidence/reports/monitoring/20260101T0000Z-3h-on-demand/"
    assert call()["started"] != []


def test_a_stretch_that_ends_before_it_starts_is_refused(account: Account) -> None:
    with pytest.raises(Refused, match="before it starts"):
        call(action="run", start="2026-01-02T00:00:00Z", end="2026-01-01T00:00:00Z")
