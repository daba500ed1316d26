"""`make demo`: from the template to a governed, served prediction, on real mortgage decisions."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from sandbox.file_lock import HeldError, held
from sandbox.journey import server
from sandbox.journey.accounted import reported, reproduced, traced
from sandbox.journey.commands import FAILURES, clean_environment, interruptible, run
from sandbox.journey.price import price
from sandbox.journey.production import drifts, rolled_back, shift, to_production
from sandbox.journey.stages import SERVING, Journey
from sandbox.journey.timeline import Timeline

CHECKOUT = Path(__file__).resolve().parents[2]
PLACE = Path("build") / "demo"
PROJECT_NAME = "Loans"
PREDICTIONS = 200


def generate(place: Path, name: str = PROJECT_NAME) -> Path:
    """Make the model repo with cookiecutter, as a team would; returns its folder."""
    command = [sys.executable, "-m", "cookiecutter", str(CHECKOUT / "project_template")]
    command += ["--no-input", "--output-dir", str(place), f"project_name={name}"]
    run(command, CHECKOUT, clean_environment({}))
    return place / name.lower()


def make(repo: Path, target: str) -> str:
    """Run one of the repo's own make targets."""
    return run(["make", target], repo, clean_environment({}))


def build(timeline: Timeline, place: Path, journey_server: server.RunningServer) -> Journey:
    """Generate the repo, test it and bring up its workspaces."""
    with timeline.stage("generate", "generating the model repo with cookiecutter") as stage:
        repo = generate(place)
        stage.outcome = f"model repo generated in {repo.relative_to(CHECKOUT)}"
    with timeline.stage("test", "setting up the repo's environment and running its tests") as stage:
        lines = make(repo, "test").strip().splitlines()
        stage.outcome = f"its own tests: {lines[-1].strip('= ') if lines else 'passed'}"
    journey = Journey(repo, journey_server.url)
    for env in ("dev", SERVING):
        doing = f"applying the account, region and {env} workspace programs"
        with timeline.stage(f"apply_{env}", doing) as stage:
            created = journey.apply(env)
            stage.outcome = f"workspace {journey.project.name}.{env}: {created} resources created"
    return journey


def train(timeline: Timeline, journey: Journey) -> str:
    """Publish the pipeline and run it; returns the registered package's ARN."""
    scientist = journey.person("data-scientist")
    with timeline.stage("publish", "pushing the image, uploading data, publishing") as stage:
        image = journey.push_image()
        journey.publish(image)
        stage.outcome = f"{scientist} published the pipeline with image {image.split('@')[1][:19]}"
    with timeline.stage("run", f"running the pipeline as {scientist}") as stage:
        arn = journey.train()
        stage.outcome = (
            f"trained, gated and registered {arn.split('/', 1)[1]}, waiting for approval"
        )
    tell(timeline, journey.evaluation(arn))
    return arn


def tell(timeline: Timeline, evaluation: dict[str, Any]) -> None:
    """What an approver would look at first: the gates, and how groups compare."""
    timeline.say(f"           gates: {evaluation['gates']['sentence']}")
    for attribute, compared in evaluation["fairness"].items():
        shares = (
            f"{group}: {measures['selection_rate']:.0%}"
            for group, measures in compared["groups"].items()
            if measures.get("selection_rate") is not None
        )
        timeline.say(f"           the model approves, by {attribute}: {', '.join(shares)}")


def govern(timeline: Timeline, journey: Journey, arn: str) -> str:
    """Show that self-approval is denied, then approve as the approver; returns the refusal."""
    scientist, approver = journey.person("data-scientist"), journey.person("model-approver")
    with timeline.stage("self_approval", f"{scientist} tries to approve their own model") as stage:
        refusal = journey.self_approval(arn)
        stage.outcome = f"{scientist} cannot approve their own model: {refusal.split(':')[0]}"
    with timeline.stage("approve", f"{approver} reviews and approves") as stage:
        journey.approve(arn, "Gates passed; fairness report read.")
        stage.outcome = f"{approver} approved it"
    return refusal


def serve(timeline: Timeline, journey: Journey, arn: str) -> tuple[str, list[dict[str, Any]]]:
    """Wait for the release and score held-aside rows; returns endpoint and answers."""
    with timeline.stage("release", f"the release function deploys to {SERVING}") as stage:
        endpoint = journey.release(arn)
        stage.outcome = f"endpoint {endpoint} serves the approved version"
    rows = journey.held_aside(PREDICTIONS)
    with timeline.stage("predict", f"scoring {len(rows)} held-aside applications") as stage:
        answers = journey.predict(rows)
        positive = sum(answer["predictions"][0]["prediction"] == 1 for answer in answers)
        stage.outcome = f"{len(answers)} applications scored, {positive} would be approved"
    return endpoint, answers


def summarise(
    journey: Journey, arn: str, refusal: str, endpoint: str, count: int
) -> dict[str, Any]:
    """What build/demo/summary.json says, without the seconds."""
    package = journey.package(arn)
    evaluation = journey.evaluation(arn)
    approver = package["LastModifiedBy"]["IamIdentity"]["Arn"].rsplit("/", 1)[1]
    return {
        "model_package_arn": arn,
        "started_by": package["CustomerMetadataProperties"]["trained_by"],
        "self_approval": refusal,
        "approved_by": approver,
        "endpoint": endpoint,
        "predictions": count,
        "metrics": evaluation["metrics"],
        "gates": evaluation["gates"]["results"],
    }


def travel(timeline: Timeline, place: Path, running: server.RunningServer) -> dict[str, Any]:
    """The journey from template to predictions; returns the summary."""
    journey = build(timeline, place, running)
    arn = train(timeline, journey)
    refusal = govern(timeline, journey, arn)
    endpoint, answers = serve(timeline, journey, arn)
    summary = summarise(journey, arn, refusal, endpoint, len(answers))
    to_production(timeline, journey, arn)
    summary["drift"] = drifts(timeline, journey)
    summary["rollout"] = shift(timeline, journey, summary["drift"]["challenger"])
    summary["rollback"] = rolled_back(timeline, journey, place)
    summary["idle_cost"] = price(timeline, journey)
    serving = summary["drift"]["challenger"]
    summary["trace"] = traced(timeline, journey, summary["rollout"].pop("last"))
    summary["reproduce"] = reproduced(timeline, journey, serving)
    report = reported(timeline, journey, serving, place)
    summary["report"] = str(report["page"].relative_to(CHECKOUT))
    summary["report_verdict"] = report["verdict"]
    return {"seconds": {**timeline.seconds, "total": round(timeline.total, 2)}, **summary}


def clear(timeline: Timeline, place: Path) -> None:
    """Stop the sandbox of an earlier demo and remove what it left."""
    earlier = server.recall(place / "sandbox.json")
    if earlier:
        timeline.say(f"stopping the sandbox an earlier demo left at {earlier.url}")
        server.stop(earlier)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)


def where_next(
    timeline: Timeline, place: Path, keep: server.RunningServer | None, summary: dict[str, Any]
) -> None:
    """Say where to look after the journey; last the evidence report and its verdict."""
    shown = place.relative_to(CHECKOUT)
    timeline.say(f"\nDone in {timeline.total:.0f} s. Where to look next:")
    timeline.say(f"  {shown / PROJECT_NAME.lower()}/README.md   the model repo a team starts from")
    timeline.say(f"  {shown / 'summary.json'}      what happened, for machines")
    timeline.say("  policies/README.md           who may do what, and how to check it")
    if keep:
        timeline.say(f"\nThe sandbox keeps serving at {keep.url} until `make demo-stop`:")
        timeline.say(f"  export AWS_ENDPOINT_URL={keep.url} AWS_DEFAULT_REGION=us-east-1")
        timeline.say("  export AWS_ACCESS_KEY_ID=123456789012 AWS_SECRET_ACCESS_KEY=sandbox")
        timeline.say(
            "  .venv/bin/aws sagemaker list-model-packages --model-package-group-name loans"
        )
        timeline.say("  .venv/bin/aws cloudtrail lookup-events --max-results 5")
    else:
        timeline.say("  make demo KEEP=1             the same, and the sandbox stays up to explore")
    timeline.say(f"\nThe evidence report, to open in a browser: {summary['report']}")
    timeline.say(str(summary["report_verdict"]))


def demo(arguments: argparse.Namespace) -> int:
    """Run the journey; exit code 0 when every stage did what it claims."""
    lock = CHECKOUT / PLACE.with_suffix(".lock")
    lock.parent.mkdir(exist_ok=True)
    try:
        with held(lock):
            return _demo(arguments)
    except HeldError as holder:
        sys.stderr.write(
            f"demo: process {holder} runs a demo in this checkout already; "
            "wait until it has ended\n"
        )
        return 1


def _demo(arguments: argparse.Namespace) -> int:
    interruptible()
    timeline = Timeline()
    place = CHECKOUT / PLACE
    timeline.say(
        "Modelyard demo: 1,989 real mortgage decisions, from template to governed prediction\n"
    )
    running: server.RunningServer | None = None
    done = False
    try:
        clear(timeline, place)
        with timeline.stage("sandbox", "starting the sandbox") as stage:
            running = server.start(arguments.port, place / "sandbox.log")
            server.remember(running, place / "sandbox.json")
            stage.outcome = f"an AWS account on this laptop at {running.url}"
        summary = travel(timeline, place, running)
        (place / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
        done = True
    except FAILURES as error:
        sys.stderr.write(f"\ndemo: {error}\nThe sandbox's log: {PLACE / 'sandbox.log'}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\ndemo: interrupted; everything it started is being stopped\n")
        return 130
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if running and not (done and arguments.keep):
            server.stop(running)
            (place / "sandbox.json").unlink(missing_ok=True)
    where_next(timeline, place, running if arguments.keep else None, summary)
    return 0


def demo_stop(arguments: argparse.Namespace) -> int:
    """Stop the sandbox that a demo left serving; nothing to stop is no error."""
    file = CHECKOUT / PLACE / "sandbox.json"
    running = server.recall(file)
    if running:
        server.stop(running)
        sys.stdout.write(f"stopped the sandbox at {running.url}\n")
    else:
        sys.stdout.write("no sandbox of a demo is running\n")
    file.unlink(missing_ok=True)
    return 0
