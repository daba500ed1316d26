"""The MLflow REST API of managed Apps, as far as tracking needs it; kept as long as the server.

Every call is authorised as AWS does it: sagemaker:CallMlflowAppApi on the App that a header names.
CloudTrail keeps such calls only where a trail selects them, so the audit trail has none.
"""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs

from moto.sagemaker.models import sagemaker_backends

from sandbox.api_call import ApiCall
from sandbox.authorization import refusal
from sandbox.aws.mlflow_apps import KEPT_AS
from sandbox.faults import Answer

PREFIX = "/api/2.0/mlflow/"
HEADER = "x-sm-mlflow-app-arn"
_FILTER = re.compile(r"tags\.`(?P<key>[^`]+)` = '(?P<value>[^']*)'")
_MOST = {"params": 100, "metrics": 1000, "tags": 100}


class _Refused(Exception):  # noqa: N818 (MLflow's own word for an answer that is no success)
    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@dataclass
class _Store:
    """What one App keeps; ids are never used twice."""

    made: int = 0
    experiments: dict[str, str] = field(default_factory=dict)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)


class Tracking:
    """Answers requests below /api/2.0/mlflow/."""

    def __init__(self) -> None:
        self._stores: dict[str, _Store] = {}
        self._lock = threading.Lock()

    def answer(self, call: ApiCall, environ: Mapping[str, Any]) -> Answer:
        """MLflow's answer, or AWS's refusal."""
        arn = call.headers.get(HEADER, "")
        asked = replace(call, operation="CallMlflowAppApi", parameters={"ResourceArn": arn})
        denied = refusal(asked)
        if denied is not None:
            return denied
        try:
            return _json(200, self._do(arn, environ))
        except _Refused as reason:
            return _json(reason.status, {"error_code": reason.code, "message": str(reason)})

    def _do(self, arn: str, environ: Mapping[str, Any]) -> dict[str, Any]:
        app = _app(arn)
        operation = environ["PATH_INFO"].removeprefix(PREFIX)
        perform = _OPERATIONS.get((environ["REQUEST_METHOD"], operation))
        if perform is None:
            raise _Refused("ENDPOINT_NOT_FOUND", f"the sandbox has no {operation}", 404)
        with self._lock:
            store = self._stores.setdefault(arn, _Store())
            return perform(store, _parameters(environ), app)


def _app(arn: str) -> Mapping[str, Any]:
    parts = arn.split(":")
    held = (
        sagemaker_backends[parts[4]][parts[3]].__dict__.get(KEPT_AS, {}) if len(parts) == 6 else {}
    )
    if arn not in held:
        raise _Refused("RESOURCE_DOES_NOT_EXIST", f"no MLflow App '{arn}'", 404)
    found: Mapping[str, Any] = held[arn]
    return found


def _parameters(environ: Mapping[str, Any]) -> dict[str, Any]:
    if environ["REQUEST_METHOD"] == "GET":
        query = parse_qs(environ.get("QUERY_STRING", ""))
        return {name: values[0] for name, values in query.items()}
    try:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        return dict(json.loads(body or b"{}"))
    except (ValueError, TypeError):
        raise _Refused("MALFORMED_REQUEST", "the body is no JSON object") from None


def _get_experiment(store: _Store, given: Mapping[str, Any], app: Mapping[str, Any]) -> Any:
    name = str(given.get("experiment_name"))
    if name not in store.experiments:
        raise _Refused("RESOURCE_DOES_NOT_EXIST", f"no experiment '{name}'", 404)
    return {"experiment": {"experiment_id": store.experiments[name], "name": name}}


def _create_experiment(store: _Store, given: Mapping[str, Any], app: Mapping[str, Any]) -> Any:
    name = _text(given, "name")
    if name in store.experiments:
        raise _Refused("RESOURCE_ALREADY_EXISTS", f"experiment '{name}' exists")
    store.made += 1
    store.experiments[name] = str(store.made)
    return {"experiment_id": store.experiments[name]}


def _delete_experiment(store: _Store, given: Mapping[str, Any], app: Mapping[str, Any]) -> Any:
    wanted = _text(given, "experiment_id")
    names = [name for name, held in store.experiments.items() if held == wanted]
    if not names:
        raise _Refused("RESOURCE_DOES_NOT_EXIST", f"no experiment {wanted}", 404)
    del store.experiments[names[0]]
    return {}


def _create_run(store: _Store, given: Mapping[str, Any], app: Mapping[str, Any]) -> Any:
    experiment = _text(given, "experiment_id")
    if experiment not in store.experiments.values():
        raise _Refused("RESOURCE_DOES_NOT_EXIST", f"no experiment {experiment}", 404)
    run_id = uuid.uuid4().hex
    info = {
        "run_id": run_id,
        "run_name": given.get("run_name", ""),
        "experiment_id": experiment,
        "status": "RUNNING",
        "start_time": given.get("start_time"),
        "artifact_uri": f"{app['ArtifactStoreUri']}/{experiment}/{run_id}/artifacts",
        "lifecycle_stage": "active",
    }
    store.runs[run_id] = {
        "info": info,
        "data": {"metrics": [], "params": [], "tags": list(given.get("tags") or ())},
        "inputs": {"dataset_inputs": []},
    }
    return {"run": store.runs[run_id]}


def _log_batch(store: _Store, given: Mapping[str, Any], app: Mapping[str, Any]) -> Any:
    run = _run(store, given)
    for kind, most in _MOST.items():
        values = list(given.get(kind) or ())
        if len(values) > most:
            raise _Refused("INVALID_PARAMETER_VALUE", f"{len(values)} {kind}; at most {most}")
        for value in values:
            if not str(value.get("key", "")) or "value" not in value:
                raise _Refused("INVALID_PARAMETER_VALUE", f"{kind}: {value} has no key or value")
        known = {one["key"]: one for one in run["data"][kind]}
        _same_parameters(kind, known, values)
        run["data"][kind] = list({**known, **{one["key"]: one for one in values}}.values())
    return {}


def _same_parameters(kind: str, known: Mapping[str, Any], values: list[dict[str, Any]]) -> None:
    for one in values if kind == "params" else ():
        if one["key"] in known and known[one["key"]]["value"] != one["value"]:
            raise _Refused("INVALID_PARAMETER_VALUE", f"the parameter {one['key']} is set already")


def _log_inputs(store: _Store, given: Mapping[str, Any], app: Mapping[str, Any]) -> Any:
    inputs = _run(store, given)["inputs"]["dataset_inputs"]
    for one in given.get("datasets") or ():
        if len(str(one["dataset"].get("digest", ""))) > 36:
            raise _Refused("INVALID_PARAMETER_VALUE", "a digest has at most 36 characters")
        if one not in inputs:
            inputs.append(one)
    return {}


def _update_run(store: _Store, given: Mapping[str, Any], app: Mapping[str, Any]) -> Any:
    info = _run(store, given)["info"]
    info.update({key: given[key] for key in ("status", "end_time", "run_name") if key in given})
    return {"run_info": info}


def _get_run(store: _Store, given: Mapping[str, Any], app: Mapping[str, Any]) -> Any:
    return {"run": _run(store, given)}


def _search(store: _Store, given: Mapping[str, Any], app: Mapping[str, Any]) -> Any:
    wanted = str(given.get("filter") or "")
    match = _FILTER.fullmatch(wanted)
    if wanted and match is None:
        raise _Refused("INVALID_PARAMETER_VALUE", f"the sandbox only filters by a tag: {wanted}")
    found = [
        run
        for run in store.runs.values()
        if run["info"]["experiment_id"] in (given.get("experiment_ids") or ())
        and (match is None or {"key": match["key"], "value": match["value"]} in run["data"]["tags"])
    ]
    return {"runs": found[: int(given.get("max_results") or 1000)]}


def _run(store: _Store, given: Mapping[str, Any]) -> dict[str, Any]:
    run_id = _text(given, "run_id")
    if run_id not in store.runs:
        raise _Refused("RESOURCE_DOES_NOT_EXIST", f"no run {run_id}", 404)
    return store.runs[run_id]


def _text(given: Mapping[str, Any], name: str) -> str:
    if not given.get(name):
        raise _Refused("INVALID_PARAMETER_VALUE", f"{name} is missing")
    return str(given[name])


def _json(status: int, document: Mapping[str, Any]) -> Answer:
    return Answer(status, [("Content-Type", "application/json")], json.dumps(document).encode())


_OPERATIONS: Mapping[
    tuple[str, str], Callable[[_Store, Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]
] = {
    ("GET", "experiments/get-by-name"): _get_experiment,
    ("POST", "experiments/create"): _create_experiment,
    ("POST", "experiments/delete"): _delete_experiment,
    ("POST", "runs/create"): _create_run,
    ("POST", "runs/log-batch"): _log_batch,
    ("POST", "runs/log-inputs"): _log_inputs,
    ("POST", "runs/update"): _update_run,
    ("GET", "runs/get"): _get_run,
    ("POST", "runs/search"): _search,
}
