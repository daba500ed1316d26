"""Runs of the pipeline in an MLflow store of one's own, such as a SQLite file on a laptop."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from modelyard.errors import RunError
from modelyard.functions.run_facts import RunFacts
from modelyard.functions.track import EXECUTION, STATUS, numbers, parameters, tags

_SQLITE = "sqlite:///"


def export(uri: str, experiment: str, runs: Iterable[RunFacts]) -> int:
    """Writes finished runs that the store does not hold yet; how many."""
    try:
        from mlflow import MlflowClient
        from mlflow.entities import Metric, Param, RunTag
    except ImportError:
        raise RunError("--mlflow needs MLflow: install it with `pip install mlflow`") from None
    client = MlflowClient(tracking_uri=uri)
    found = client.get_experiment_by_name(experiment)
    name = found.experiment_id if found else client.create_experiment(experiment, _place(uri))
    known = {run.data.tags.get(EXECUTION) for run in client.search_runs([name])}
    new = [run for run in runs if run.status in STATUS and run.arn not in known]
    for run in sorted(new, key=lambda run: run.started):
        started, ended = _milliseconds(run.started), _milliseconds(run.ended or run.started)
        made = client.create_run(name, start_time=started, tags=tags(run), run_name=run.id).info
        client.log_batch(
            made.run_id,
            [Metric(key, value, ended, 0) for key, value in numbers(run).items()],
            [Param(key, value) for key, value in parameters(run).items()],
            [RunTag(key, value) for key, value in tags(run).items()],
        )
        if run.evaluation:
            text = json.dumps(run.evaluation, indent=1, sort_keys=True)
            client.log_text(made.run_id, text, "evaluation.json")
        client.set_terminated(made.run_id, STATUS[run.status], ended)
    return len(new)


def _place(uri: str) -> str | None:
    """Artifacts beside the SQLite file, not in whatever folder somebody called from."""
    if not uri.startswith(_SQLITE):
        return None
    return Path(uri.removeprefix(_SQLITE)).absolute().with_suffix(".artifacts").as_uri()


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
