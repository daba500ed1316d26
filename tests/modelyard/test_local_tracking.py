"""Runs in a SQLite file: what MLflow shows on a laptop, written once."""

from pathlib import Path

import pytest

from modelyard.local_tracking import export
from tests.modelyard.test_run_table import a_run


@pytest.mark.slow
def test_runs_are_written_once_with_metrics_parameters_and_commit(tmp_path: Path) -> None:
    from mlflow import MlflowClient

    uri = f"sqlite:///{tmp_path}/runs.db"
    unfinished = a_run(3, status="Executing", ended=None)
    assert export(uri, "loans-dev-train", [a_run(2), a_run(1), unfinished]) == 2
    assert export(uri, "loans-dev-train", [a_run(2), a_run(1)]) == 0
    client = MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("loans-dev-train")
    assert experiment is not None
    first, second = client.search_runs([experiment.experiment_id])
    assert first.info.status == second.info.status == "FINISHED"
    assert first.data.metrics["roc_auc_high"] == 0.951
    assert first.data.params["C"] == "0.1"
    assert first.data.tags["mlflow.source.git.commit"].startswith("c0ffee")
    assert (tmp_path / "runs.artifacts" / first.info.run_id / "artifacts").is_dir()
