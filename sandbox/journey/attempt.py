"""`make try` in a model repo: its own road to a served prediction, on a sandbox of its own."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from modelyard.project import Project
from sandbox.journey import server
from sandbox.journey.asking import prediction
from sandbox.journey.commands import FAILURES, interruptible
from sandbox.journey.stages import SERVING, Journey
from sandbox.journey.timeline import Timeline

MODEL_CODE = {
    "features": "what the model sees: how columns become numbers",
    "model": "what it is, and what can be tuned about it",
}


def travel(timeline: Timeline, journey: Journey) -> None:
    """From an empty account to a prediction by the released model."""
    with timeline.stage("apply_dev", "applying the dev workspace") as stage:
        journey.apply("dev")
        stage.outcome = f"workspace {journey.project.name}.dev is up"
    # Nothing waits for staging until a model is approved.
    with ThreadPoolExecutor(1) as meanwhile:
        applied = meanwhile.submit(journey.apply, SERVING)
        with timeline.stage("publish", "pushing the image, uploading data, publishing") as stage:
            journey.publish(journey.push_image())
            stage.outcome = "pipeline published"
        with timeline.stage("run", "running the pipeline") as stage:
            arn = journey.train()
            stage.outcome = f"registered {arn.split(':model-package/')[1]}"
        with timeline.stage(f"apply_{SERVING}", f"applying {SERVING}, begun meanwhile") as stage:
            applied.result()
            stage.outcome = f"workspace {journey.project.name}.{SERVING} is up, begun meanwhile"
    for metric, estimate in journey.evaluation(arn)["metrics"].items():
        timeline.say(f"           {metric} {estimate['value']:.3f}")
    with timeline.stage("release", "approving and releasing to staging") as stage:
        journey.approve(arn, "Tried on a sandbox.")
        endpoint = journey.release(arn)
        mode = journey.project.serving.mode
        served = (
            "the batch pipeline scores"
            if mode == "batch"
            else f"{mode} endpoint {endpoint} answers"
        )
        stage.outcome = f"{served} with it"
    (row,) = journey.held_aside(1)
    with timeline.stage("predict", "asking for a prediction") as stage:
        answer = prediction(journey, SERVING, row)
        stage.outcome = "prediction: " + json.dumps(answer, ensure_ascii=False)


def attempt(arguments: argparse.Namespace) -> int:
    """Run the journey for one repo; exit code 0 when a prediction came back."""
    interruptible()
    repo = Path(arguments.project).resolve().parent
    timeline = Timeline()
    with tempfile.TemporaryDirectory(prefix="modelyard-try-") as scratch:
        log = Path(scratch) / "sandbox.log"
        running: server.RunningServer | None = None
        try:
            with timeline.stage("sandbox", "starting a sandbox") as stage:
                running = server.start(arguments.port, log)
                stage.outcome = f"an AWS account on this laptop at {running.url}"
            journey = Journey(repo, running.url)
            timeline.say(f"           project {journey.project.name}")
            travel(timeline, journey)
        except FAILURES as error:
            sys.stderr.write(f"\ntry: {error}\n")
            return 1
        except KeyboardInterrupt:
            sys.stderr.write("\ntry: interrupted; everything it started is being stopped\n")
            return 130
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            if running:
                server.stop(running)
    timeline.say(f"\nDone in {timeline.total:.0f} s. What to edit next:")
    for file, says in editable(repo, journey.project):
        timeline.say(f"  {file:<32} {says}")
    closer = "" if journey.project.model.code else "; `make notebook` looks closer"
    timeline.say(f"`make test` and `make try` tell what came of it{closer}.")
    return 0


def editable(repo: Path, project: Project) -> list[tuple[str, str]]:
    """The files that are the team's, in the order a team meets them, and what each says."""
    code = sorted((repo / "src" / project.package).glob("*"))
    if project.model.code:
        module = project.model.code.partition(":")[0].replace(".", "/")
        code = [*repo.glob(f"{module}.py"), *repo.glob(f"src/{module}.py")]
    told = [
        (str(file.relative_to(repo)), MODEL_CODE.get(file.stem, "model code"))
        for file in code
        if file.is_file() and file.stem != "__init__"
        # Beside model.R, model.py only says that it is there.
        if file.suffix != ".py" or not file.with_suffix(".R").exists()
    ]
    gates = ", ".join(
        f"{name} {'at least' if bound == 'min' else 'at most'} {limit:g}"
        for name, bounds in project.model.gate_bounds.items()
        for bound, limit in bounds.items()
    )
    return [
        *told,
        ("project.yaml", f"how good is good enough (now {gates}), who answers for what"),
        (project.dataset.contract, "what each column holds, and which the model may see"),
    ]
