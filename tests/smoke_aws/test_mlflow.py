"""The workspace's MLflow App answers plain signed HTTP, as the tracking function calls it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from modelyard.functions.mlflow_api import Mlflow, MlflowError

if TYPE_CHECKING:
    from tests.smoke_aws.road import Road


@pytest.fixture
def server(road: Road, monkeypatch: pytest.MonkeyPatch) -> Mlflow:
    """The App, called with the profile's own credentials."""
    if road.endpoint_url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", road.endpoint_url)
    return Mlflow(road.workspace.tracking_app, road.session.get_credentials())


def test_run_is_written_and_found_by_its_tag(server: Mlflow) -> None:
    name = f"modelyard-smoke-{int(time.time())}"
    experiment = server.experiment(name)
    try:
        tag = {"key": "modelyard.execution", "value": name}
        info = server.post("runs/create", experiment_id=experiment, tags=[tag])["run"]["info"]
        wanted = f"tags.`modelyard.execution` = '{name}'"
        found = server.post("runs/search", experiment_ids=[experiment], filter=wanted)["runs"]
        assert [run["info"]["run_id"] for run in found] == [info["run_id"]]
        assert info["artifact_uri"].startswith("s3://")
    finally:
        server.post("experiments/delete", experiment_id=experiment)


def test_absent_experiment_is_told_by_mlflows_own_word(server: Mlflow) -> None:
    with pytest.raises(MlflowError, match="RESOURCE_DOES_NOT_EXIST"):
        server.get("experiments/get-by-name", experiment_name="modelyard-smoke-never")
