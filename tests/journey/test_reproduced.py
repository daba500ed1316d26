"""After the journey: its model is built once more by somebody else, and its run is in MLflow."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from modelyard.functions.mlflow_api import Mlflow
from sandbox.journey.stages import Journey
from tests.journey.travelled import Travelled

pytestmark = pytest.mark.slow


def test_approver_repeats_the_build_with_their_own_copy_and_leaves_the_proof(
    travelled: Travelled,
) -> None:
    journey, version = travelled.journey, travelled.package.rsplit("/", 1)[1]
    approver = journey.session("dev", "model-approver")
    answer = json.loads(
        journey.modelyard(approver, "reproduce", version, "--data", "data", "--json")
    )
    assert answer["verdict"] == "identical"
    kept = json.loads(journey.read(answer["record"]))
    assert (kept["trained_by"], kept["verdict"]) == ("alice", "identical")
    assert kept["reproduced_as"].endswith("loans-dev-model-approver/bob")


def test_owner_of_the_data_repeats_the_build_from_the_recorded_versions(
    travelled: Travelled,
) -> None:
    journey = travelled.journey
    answer = json.loads(
        journey.modelyard(journey.root("dev"), "reproduce", travelled.package, "--json")
    )
    assert (answer["verdict"], answer["data"]["from"]) == ("identical", "recorded versions")


def test_run_is_tracked_with_its_plots_where_only_the_team_reads_it(travelled: Travelled) -> None:
    journey = travelled.journey
    run = tracked(journey)
    tags = {one["key"]: one["value"] for one in run["data"]["tags"]}
    assert tags["modelyard.model_package_arn"].startswith(travelled.package.rsplit("/", 1)[0])
    assert "roc_auc" in {one["key"] for one in run["data"]["metrics"]}
    assert journey.read(f"{run['info']['artifact_uri']}/plots/roc.svg").startswith(b"<svg")


def tracked(journey: Journey) -> dict[str, Any]:
    """The first finished run that the App shows a data scientist."""
    credentials = journey.session("dev", "data-scientist").get_credentials()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", journey.url)
        server = Mlflow(journey.parameter("dev", "tracking_app"), credentials)
        experiment = server.experiment(journey.parameter("dev", "train_pipeline"))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = server.post("runs/search", experiment_ids=[experiment]).get("runs", ())
            over = [run for run in found if run["info"]["status"] == "FINISHED"]
            if over:
                return dict(over[0])
            time.sleep(0.5)
    raise AssertionError("no run was tracked within a minute")
