"""A run in MLflow: everything a person compares, once, and by whom the App lets in."""

import hashlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import boto3
import pytest
from botocore.exceptions import ClientError

from modelyard.functions.mlflow_api import Mlflow, MlflowError
from modelyard.functions.track import track
from tests.modelyard.functions.recorded import ARN, FACTS
from tests.modelyard.test_run_table import EVALUATION, Service

EXPERIMENT = FACTS["train_pipeline"]
MANIFEST: dict[str, Any] = {
    "dataset": {"sha256": "d" * 64},
    "files": [{"name": "loans.csv"}],
    "rows": {"train": 70},
    "schema": [{"name": "size", "kind": "number", "use": "feature"}],
}
RUN = "runs/abc123/"
FILES = {
    f"{RUN}evaluation/evaluation.json": json.dumps(EVALUATION).encode(),
    f"{RUN}prepare/manifest/dataset_manifest.json": json.dumps(MANIFEST).encode(),
    f"{RUN}evaluation/plots/roc.svg": b"<svg/>",
}


class Files:
    """An S3 client with a run's files, which keeps what is put."""

    def __init__(self) -> None:
        self.put: dict[str, bytes] = {}

    def get_object(self, Bucket: str, Key: str) -> Any:  # noqa: N803 (boto3's spelling)
        if Key not in FILES:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": "no"}}, "GetObject")
        return {"Body": io.BytesIO(FILES[Key])}

    def put_object(self, Bucket: str, Key: str, Body: bytes, **_: str) -> None:  # noqa: N803
        self.put[f"s3://{Bucket}/{Key}"] = Body

    def get_paginator(self, _name: str) -> "Files":
        return self

    def paginate(self, Bucket: str, Prefix: str) -> Any:  # noqa: N803
        yield {"Contents": [{"Key": key} for key in FILES if key.startswith(Prefix)]}


class Parameters:
    """An SSM client with the contract."""

    def __init__(self, app: str) -> None:
        self.facts = {**FACTS, "tracking_app": app, "key_arn": "key"}

    def get_paginator(self, _name: str) -> "Parameters":
        return self

    def paginate(self, Path: str) -> Any:  # noqa: N803
        yield {"Parameters": [{"Name": Path + k, "Value": v} for k, v in self.facts.items()]}


class Session:
    """The function's session: its own account's services, and signed calls to a real server."""

    def __init__(self, app: str) -> None:
        self.s3, self.service = Files(), Service()
        self._clients = {"s3": self.s3, "sagemaker": self.service, "ssm": Parameters(app)}

    def client(self, name: str, region_name: str | None = None) -> Any:
        return self._clients[name]

    def get_credentials(self) -> Any:
        return boto3.Session().get_credentials()


@pytest.fixture
def app(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An MLflow App of the sandbox."""
    monkeypatch.setenv("MODELYARD_PROJECT", "loans")
    monkeypatch.setenv("MODELYARD_ENV", "dev")
    sagemaker, s3 = boto3.client("sagemaker"), boto3.client("s3")
    s3.create_bucket(Bucket="track-artifacts")
    boto3.client("iam").create_role(
        RoleName="track-mlflow",
        AssumeRolePolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Principal": {"Service": "sagemaker.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                },
            }
        ),
    )
    arn = sagemaker.create_mlflow_app(
        Name="track-test",
        ArtifactStoreUri="s3://track-artifacts/mlflow",
        RoleArn="arn:aws:iam::123456789012:role/track-mlflow",
    )["Arn"]
    yield arn
    sagemaker.delete_mlflow_app(Arn=arn)
    boto3.client("iam").delete_role(RoleName="track-mlflow")
    s3.delete_bucket(Bucket="track-artifacts")


def tracked(app: str, run_id: str) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """A run as the server tells it: whole, and its parameters and tags by name."""
    run = Mlflow(app, boto3.Session().get_credentials()).get("runs/get", run_id=run_id)["run"]
    named = ({one["key"]: one["value"] for one in run["data"][kind]} for kind in ("params", "tags"))
    params, tags = named
    return run, params, tags


def assert_complete(run: dict[str, Any], params: dict[str, str], tags: dict[str, str]) -> None:
    """What any MLflow server has to hold of the recorded run."""
    assert (run["info"]["status"], run["info"]["run_name"]) == ("FINISHED", "abc123")
    metrics = {one["key"]: one["value"] for one in run["data"]["metrics"]}
    assert metrics == {"roc_auc": 0.9, "roc_auc_low": 0.83, "roc_auc_high": 0.951, "f1": 0.5}
    assert params["seed"] == "1"
    assert tags["mlflow.source.git.commit"] == "c0ffee"
    assert tags["modelyard.model_package_arn"] == "package/7"
    (dataset,) = run["inputs"]["dataset_inputs"]
    assert dataset["dataset"]["digest"] == "d" * 36


def test_run_is_tracked_with_data_parameters_metrics_plots_and_commit(app: str) -> None:
    session = Session(app)
    run, params, tags = tracked(app, track(ARN, session)["run_id"])
    assert_complete(run, params, tags)
    place = run["info"]["artifact_uri"]
    assert place.startswith("s3://track-artifacts/mlflow/")
    assert session.s3.put.keys() == {
        f"{place}/{name}" for name in ("dataset_manifest.json", "evaluation.json", "plots/roc.svg")
    }


def test_event_that_comes_twice_makes_one_run(app: str) -> None:
    assert track(ARN, Session(app)) == track(ARN, Session(app))


def test_run_that_was_interrupted_is_gone_on_with(app: str) -> None:
    first = Session(app)
    first.s3.put_object = None  # type: ignore[assignment]
    with pytest.raises(TypeError):
        track(ARN, first)
    second = Session(app)
    run, params, tags = tracked(app, track(ARN, second)["run_id"])
    assert_complete(run, params, tags)
    assert len(second.s3.put) == 3


def test_failed_run_is_tracked_with_its_reason(app: str) -> None:
    session = Session(app)
    session.service.describe_pipeline_execution = lambda **_: {  # type: ignore[method-assign]
        **Service().describe_pipeline_execution(),
        "PipelineExecutionStatus": "Failed",
    }
    session.service.steps[0] |= {"StepStatus": "Failed", "FailureReason": "3 rows"}
    run, _, tags = tracked(app, track(ARN, session)["run_id"])
    assert run["info"]["status"] == "FAILED"
    assert tags["modelyard.reason"] == "Prepare: 3 rows"


def test_app_that_is_not_there_is_refused_by_name(app: str) -> None:
    with pytest.raises(MlflowError, match="RESOURCE_DOES_NOT_EXIST"):
        Mlflow(f"{app}X", boto3.Session().get_credentials()).experiment("e")


def test_calls_go_to_the_managed_address_unless_the_environment_names_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = Mlflow("arn:aws:sagemaker:eu-west-1:1:mlflow-app/app-1", None)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert server.endpoint == "https://mlflow.sagemaker.eu-west-1.app.aws"
    monkeypatch.setenv("SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT", "http://127.0.0.1:5000/")
    assert server.endpoint == "http://127.0.0.1:5000"


@pytest.fixture
def real_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """MLflow's own server over SQLite, as a laptop runs it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{tmp_path}/runs.db"]
    command += ["--artifacts-destination", str(tmp_path / "artifacts")]
    with (tmp_path / "server.log").open("w") as log:
        server = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            cwd=tmp_path,
            env={**os.environ, "HOME": str(tmp_path)},
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _await(url, server, tmp_path / "server.log")
        monkeypatch.setenv("SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT", url)
        monkeypatch.setenv("MODELYARD_PROJECT", "loans")
        monkeypatch.setenv("MODELYARD_ENV", "dev")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "123456789012")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sandbox")
        yield url
    finally:
        # Its workers live in its own session, and a test has nothing to save.
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(30)


def _await(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        try:
            with urlopen(f"{url}/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.5)
    raise AssertionError(log.read_text())


@pytest.mark.slow
def test_mlflows_own_server_takes_a_run_with_its_plots(real_server: str, tmp_path: Path) -> None:
    arn = "arn:aws:sagemaker:us-east-1:123456789012:mlflow-app/app-1"
    run_id = track(ARN, Session(arn))["run_id"]
    assert track(ARN, Session(arn))["run_id"] == run_id
    run, params, tags = tracked(arn, run_id)
    assert_complete(run, params, tags)
    (plot,) = (tmp_path / "artifacts").rglob("roc.svg")
    assert hashlib.sha256(plot.read_bytes()).digest() == hashlib.sha256(b"<svg/>").digest()
