"""Releases approved models into one environment: the Lambda function, and who may ask it what.

Called by events (a package was approved or rejected; the endpoint, its deployment or a rollback
alarm changed; verification ended), by the clock, and by operators. Every call looks at what is
really there and does what is due; none waits. Concurrency is reserved at one, so releases of a
project happen one after the other, and an operator who calls at the same moment as an event gets
TooManyRequestsException: ask again.

An operator's payload and the answer, always an object with `released` and `outcome`:

    {"action": "release", "model_package_arn": ARN, "dry_run": false}
    {"action": "rollback", "version": N or null, "reason": TEXT, "by": PERSON}
    {"action": "abort", "reason": TEXT, "by": PERSON}
    {"action": "promote"}
    {"action": "reconcile", "time": ISO}

`outcome` is created, updated, unchanged, busy, waiting, tried, refused, nothing, dry-run, settled
or going-back; `refused` holds the sentence where it was refused or has to wait.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3

from modelyard.functions import endpoint, live
from modelyard.functions.release_begin import Answer, after, begin, challenger
from modelyard.functions.release_machine import Machine
from modelyard.functions.release_state import State
from modelyard.functions.service import Clients, Refused, contract

_PACKAGE = "SageMaker Model Package State Change"
_CLOCK = "Scheduled Event"
_ALARM = "CloudWatch Alarm State Change"


def handler(event: Mapping[str, Any], _context: Any) -> Answer:
    """Lambda's entry. A refusal is an answer; anything else that fails is retried."""
    session = Clients(boto3.Session())
    machine = Machine(session, contract(session.client("ssm")), _time(event))
    try:
        return answer(machine, event)
    except Refused as refusal:
        return {"released": False, "outcome": "refused", "refused": str(refusal)}


def answer(machine: Machine, event: Mapping[str, Any]) -> Answer:
    """What an event or an operator asks for, after everything that was due before."""
    before = machine.state()
    if event.get("detail-type") == _ALARM:
        before = _note_alarm(machine, before, event["detail"])
    state = machine.settle(before)
    action = event.get("action") or _implied(event)
    if action == "release":
        dry = bool(event.get("dry_run"))
        return begin(machine, str(event["model_package_arn"]), by_hand=True, dry=dry)
    if action == "promote":
        return begin(machine, challenger(machine, state), by_hand=True, alone=True)
    if action in ("rollback", "abort"):
        return _go_back(machine, state, event)
    ended = bool(before and before.under_way and state and not state.under_way)
    if action == "reconcile" or ended:
        found = after(machine)
        if found["outcome"] != "nothing":
            return found
    return {
        "released": False,
        "outcome": "settled",
        "phase": state.phase if state else None,
        "version": state.version if state else None,
    }


def _implied(event: Mapping[str, Any]) -> str:
    """What an event asks for that states no action."""
    if event.get("model_package_arn"):
        return "release"
    return "reconcile" if event.get("detail-type") in (_PACKAGE, _CLOCK) else ""


def _go_back(machine: Machine, state: State | None, event: Mapping[str, Any]) -> Answer:
    """Undoes what is under way, or what is done; a person says so, with a reason."""
    if machine.batch:
        raise Refused(
            "batch has no endpoint to go back; release the earlier version: "
            f"modelyard release --env {machine.facts['environment']} --version N"
        )
    if state is None or not (state.under_way or (state.phase == "done" and state.config)):
        raise Refused("no release to undo: what serves now was not brought by one")
    if event["action"] == "abort" and not state.under_way:
        raise Refused(f"version {state.version} is {state.phase}: nothing is under way to abort")
    previous = state.previous_config
    if event.get("version"):
        previous = endpoint.name_of(machine.facts, int(event["version"]))
        call = machine.sagemaker.describe_endpoint_config
        if live.describe(call, EndpointConfigName=previous) is None:
            raise Refused(f"version {event['version']} was never released here: no {previous}")
    if not state.under_way and not previous:
        raise Refused("there is no earlier version to go back to; release another one")
    reason = (
        f"{event.get('by') or 'an operator'} took it back: {event.get('reason') or 'no reason'}"
    )
    back = state
    if state.phase != "rolling-back":
        turned = state.entering("rolling-back", machine.now, reason)
        back = machine.keep(replace(turned, previous_config=previous, withdrawn=False))
    settled = machine.settle(back) or back
    return {
        "released": False,
        "outcome": "going-back",
        "version": live.version_of(machine.facts, previous),
        "phase": settled.phase,
        "reason": reason,
    }


def _note_alarm(machine: Machine, state: State | None, detail: Mapping[str, Any]) -> State | None:
    """Remembers which alarm fired: it may be silent again when SageMaker has gone back."""
    fired = (detail.get("state") or {}).get("value") == "ALARM"
    if state is None or not fired or state.phase not in ("deploying", "baking"):
        return state
    return machine.keep(replace(state, reason=f"alarm {detail.get('alarmName')}"))


def _time(event: Mapping[str, Any]) -> datetime:
    """When it happened, by the event's own clock."""
    stated = event.get("time")
    if not stated:
        return datetime.now(UTC)
    return datetime.fromisoformat(str(stated).replace("Z", "+00:00")).astimezone(UTC)
