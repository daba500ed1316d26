"""The batch pipeline of an environment: one isolated job scores every partition not scored before.

Written at each release and pinned to what was released: image by digest, model and evaluation. A
plain builder of the pipeline language, because functions carry no SDK. It has no parameters, so
that a schedule starts it as it is. Outputs are uploaded while the job runs: a partition that cannot
be read fails the job, and must not take with it what was scored beside it.
"""

import json
from collections.abc import Mapping
from typing import Any

from modelyard.functions import isolated_job
from modelyard.functions.approval import Approved

SCORE = "Score"
ENTRYPOINT = ("python", "-m", "modelyard.jobs.score")
# What a run leaves below batch/ of the predictions bucket.
RESULTS = ("output", "failed", "done")
# What monitoring reads of a run, beside what endpoints capture.
CAPTURED = "captured"
PACKAGE = "MODELYARD_MODEL_PACKAGE"
# When the run began: a job has no clock, and what it captures needs a time.
SCORED_AT = "MODELYARD_SCORED_AT"
_STARTED = "Execution.StartDateTime"
_MAX_RUNTIME_S = 12 * 3600


def definition(facts: Mapping[str, str], package: Approved) -> dict[str, Any]:
    """The pipeline for a released version, by the facts of the workspace contract."""
    results = {name: _batch(facts, name) for name in RESULTS}
    captured = {CAPTURED: f"s3://{facts['bucket_predictions']}/capture/batch/"}
    job = isolated_job.Job(
        step=SCORE,
        name="batch",
        entrypoint=ENTRYPOINT,
        inputs=[
            isolated_job.given("partitions", _batch(facts, "input")),
            isolated_job.given("done", _batch(facts, "done")),
            *isolated_job.released(package),
        ],
        outputs=[
            isolated_job.left(name, uri, "Continuous") for name, uri in (results | captured).items()
        ],
        environment={
            PACKAGE: package.arn,
            SCORED_AT: {"Std:Join": {"On": "", "Values": [{"Get": _STARTED}]}},
        },
        instance_type=json.loads(facts["serving"])["instance_type"],
        max_runtime_s=_MAX_RUNTIME_S,
    )
    return isolated_job.pinned(package, [isolated_job.step(job, facts, package)], ())


def markers(facts: Mapping[str, str]) -> tuple[str, ...]:
    """Objects that must exist before the first run: a job whose input is empty fails."""
    return tuple(f"{_batch(facts, name)}.keep" for name in ("input", "done"))


def _batch(facts: Mapping[str, str], name: str) -> str:
    return f"s3://{facts['bucket_predictions']}/batch/{name}/"
