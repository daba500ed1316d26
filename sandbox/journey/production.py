"""The demo's second half: into production in steps, and out of it again when something is wrong."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.journey.commands import JourneyError
from sandbox.journey.load import Load
from sandbox.journey.mistake import leaking
from sandbox.journey.monitored import SHIFTS, drift
from sandbox.journey.stages import PRODUCTION, SERVING, Journey
from sandbox.journey.timeline import Timeline

# Seconds of the sandbox's clock in one of ours while traffic is shifted.
HURRY = 120
BODIES = 50
AFTERWARDS_S = 1.0


def to_production(timeline: Timeline, journey: Journey, arn: str) -> None:
    """Bring the first version into production, through the second gate."""
    with timeline.stage("apply_prod", "applying the prod workspace program") as stage:
        created = journey.apply(PRODUCTION)
        stage.outcome = f"workspace {journey.project.name}.prod: {created} resources created"
    approver = journey.person("model-approver")
    with timeline.stage("production", f"{approver} approves for production; release") as stage:
        journey.approve(arn, "Verified in staging.", "production")
        endpoint = journey.release(arn, PRODUCTION)
        stage.outcome = f"{approver} opened the second gate: {endpoint} serves"


def drifts(timeline: Timeline, journey: Journey) -> dict[str, Any]:
    """Let the world change, until a retrained challenger waits; the summary's `drift`."""
    doing = f"two days in which {' and '.join(sorted(SHIFTS))} of applicants rise"
    with timeline.stage("drift", doing) as stage:
        found = drift(journey, PRODUCTION)
        stage.outcome = f"drift noticed, told and retrained: {_version(found['challenger'])} waits"
    for line in found["alert"].splitlines()[:8]:
        timeline.say(f"           | {line}")
    status, comparison = found["challenger_status"], found["comparison"]
    timeline.say(f"           version {_version(found['challenger'])} is {status}: {comparison}")
    return found


def shift(timeline: Timeline, journey: Journey, arn: str) -> dict[str, Any]:
    """Release another version under load by a canary; returns the summary's `rollout`."""
    _through_staging(timeline, journey, arn, "second")
    rollout = json.loads(journey.parameter(PRODUCTION, "serving"))["rollout"]
    doing = f"production shifts by {rollout['strategy']} while applications keep coming"
    with timeline.stage("canary", doing) as stage, _load(journey) as load:
        load.await_answers(20)
        with journey.hurried(HURRY):
            journey.release(arn, PRODUCTION)
        time.sleep(AFTERWARDS_S)
        stage.outcome = f"version {_version(arn)} serves all of production"
    failed = len(load.failed())
    requests = len(load.replies)
    timeline.say(f"           {requests} applications asked meanwhile, {failed} failed")
    timeline.say(f"           answered by version: {_by_version(load)}")
    if failed:
        raise JourneyError(f"{failed} of {requests} requests failed: {load.failed()[0].failure}")
    return {
        "strategy": rollout["strategy"],
        "requests": requests,
        "failed": failed,
        "last": load.replies[-1].inference_id,
    }


def rolled_back(timeline: Timeline, journey: Journey, place: Path) -> dict[str, Any]:
    """Release a version that breaks under production's load; returns the summary's `rollback`."""
    with timeline.stage("mistake", "a colleague's version, which leaks file handles") as stage:
        colleague = leaking(journey, place)
        colleague.publish(colleague.push_image())
        arn = colleague.train()
        stage.outcome = f"version {_version(arn)} passed its tests and gates: it leaks slowly"
    _through_staging(timeline, journey, arn, "third")
    with (
        timeline.stage("rollback", "its canary in production, under the same load") as stage,
        _load(journey) as load,
    ):
        with _hurried_once_it_fails(journey, load):
            reason = _refused_release(journey, arn)
        undone = time.monotonic()
        time.sleep(AFTERWARDS_S)
        stage.outcome = f"version {_version(arn)} was rolled back by itself"
    failed, after = load.failed(), load.failed(after=undone)
    seconds = round(failed[-1].at - failed[0].at, 2) if failed else 0.0
    timeline.say(f"           {seconds:.1f} s from the first bad answer to the last")
    timeline.say(f"           {reason}")
    timeline.say(f"           {len(failed)} of {len(load.replies)} failed, none afterwards")
    if after or not failed:
        raise JourneyError(f"{len(failed)} failed requests, {len(after)} of them afterwards")
    return {
        "reason": reason,
        "seconds": seconds,
        "requests": len(load.replies),
        "failed": len(failed),
        "failed_after": len(after),
    }


def _through_staging(timeline: Timeline, journey: Journey, arn: str, which: str) -> None:
    approver = journey.person("model-approver")
    doing = f"the {which} version through staging's verification, then the second gate"
    with timeline.stage(f"staging_{_version(arn)}", doing) as stage:
        journey.approve(arn, "Gates passed; report read.")
        journey.release(arn, SERVING)
        journey.approve(arn, "Verified in staging.", "production")
        stage.outcome = f"version {_version(arn)} verified in staging; {approver} opened both gates"


def _refused_release(journey: Journey, arn: str) -> str:
    try:
        journey.release(arn, PRODUCTION)
    except JourneyError:
        client = journey.client(journey.session(PRODUCTION, "model-operator"), "sagemaker")
        described = client.describe_endpoint(EndpointName=journey.endpoint(PRODUCTION))
        return str(described.get("FailureReason", "no reason given"))
    raise JourneyError(f"version {_version(arn)} went into production although it breaks there")


@contextmanager
def _hurried_once_it_fails(journey: Journey, load: Load) -> Iterator[None]:
    """The clock hurries from the first bad answer on: the leak shows, however slow we are."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            if load.failed():
                with journey.hurried(HURRY / 2):
                    ended.wait()

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield
    finally:
        ended.set()
        watching.join()


def _load(journey: Journey) -> Load:
    bodies = [
        json.dumps({"instances": [row]}, default=str).encode() for row in journey.held_aside(BODIES)
    ]
    runtime = journey.client(journey.session(PRODUCTION, "model-operator"), "sagemaker-runtime")
    return Load(runtime, journey.endpoint(PRODUCTION), bodies)


def _by_version(load: Load) -> str:
    counted = sorted(load.versions().items())
    return ", ".join(f"{version}: {count}" for version, count in counted)


def _version(arn: str) -> str:
    return arn.rsplit("/", 1)[1]
