"""The monitoring pipeline of an environment: one isolated job, then its findings are published.

Written at each release and pinned to what was released: image by digest, model and evaluation. The
parameters name one window; the function `watch` gives them.
"""

import json
from collections.abc import Mapping
from typing import Any

from modelyard.functions import isolated_job
from modelyard.functions.approval import Approved

MONITOR, PUBLISH = "Monitor", "Publish"
PARAMETERS = ("WindowStart", "WindowEnd", "InputsManifest", "ReportPrefix")
ENTRYPOINT = ("python", "-m", "modelyard.jobs.monitor")
# The window as its starter named it: the job refuses a manifest of another one.
WINDOW = "MODELYARD_WINDOW"
_MAX_RUNTIME_S = 2 * 3600


def definition(facts: Mapping[str, str], package: Approved) -> dict[str, Any]:
    """The pipeline for a released version, by the facts of the workspace contract."""
    job = isolated_job.Job(
        step=MONITOR,
        name="monitor",
        entrypoint=ENTRYPOINT,
        inputs=[
            isolated_job.given("captured", {"Get": "Parameters.InputsManifest"}, "ManifestFile"),
            *isolated_job.released(package),
        ],
        outputs=[isolated_job.left("report", {"Get": "Parameters.ReportPrefix"}, "EndOfJob")],
        environment={WINDOW: _joined("Parameters.WindowStart", "Parameters.WindowEnd")},
        instance_type=json.loads(facts["monitoring"])["instance_type"],
        max_runtime_s=_MAX_RUNTIME_S,
    )
    steps = (isolated_job.step(job, facts, package), _publish(facts))
    return isolated_job.pinned(package, steps, PARAMETERS)


def _publish(facts: Mapping[str, str]) -> dict[str, Any]:
    place = f"{facts['region']}:{facts['account']}"
    name = f"{facts['project']}-{facts['environment']}-publish-metrics"
    return {
        "Name": PUBLISH,
        "Type": "Lambda",
        "DependsOn": [MONITOR],
        "FunctionArn": f"arn:aws:lambda:{place}:function:{name}",
        "Arguments": {"report": {"Get": "Parameters.ReportPrefix"}},
        "OutputParameters": [{"OutputName": "verdict", "OutputType": "String"}],
    }


def _joined(*names: str) -> dict[str, Any]:
    return {"Std:Join": {"On": "/", "Values": [{"Get": name} for name in names]}}
