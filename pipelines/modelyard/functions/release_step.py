"""What a release does next, from what it was in the middle of and what is really there.

Pure: every rule of the machine is here, and none of its effects.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from modelyard.functions.live import Live
from modelyard.functions.release_state import State

Do = Literal[
    "start",  # tell SageMaker to deploy
    "adopt",  # it was told before the last crash
    "bake",  # the new version answers its share
    "deployed",  # the endpoint serves the new version
    "verify",  # ask for verification (again)
    "finish",  # everything is done
    "refuse",  # withdrawn before anything changed
    "fail",
    "turn-back",  # decide to undo
    "abort",  # pull the alarm that makes SageMaker undo
    "go-back",  # deploy what served before
    "remove",  # there is nothing to go back to
    "undone",  # what served before serves again
    "warn",  # withdrawn after it was done
]
# Verification takes minutes; one that says nothing for so long is asked again, then given up.
PATIENCE_S = 1200.0
ATTEMPTS = 3


@dataclass(frozen=True)
class Verdict:
    """What verification found out about this release."""

    passed: bool
    reason: str
    record: str = ""


@dataclass(frozen=True)
class Seen:
    """What an invocation looked at.

    Attributes:
        withdrawn: who took the approval back; empty while it stands or cannot be asked.
        alarms: rollback alarms in alarm at the moment, but for those that raged before.
    """

    live: Live
    now: datetime
    verifies: bool
    withdrawn: str = ""
    verdict: Verdict | None = None
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Move:
    """One thing to do, and why."""

    do: Do
    reason: str = ""


def decide(state: State, seen: Seen) -> Move | None:
    """The next move; None while there is nothing to do but to wait."""
    if state.phase in ("deploying", "baking"):
        return _deploying(state, seen) if state.config else _batch(state, seen)
    if state.phase == "verifying":
        return _verifying(state, seen)
    if state.phase == "rolling-back":
        return _rolling_back(state, seen.live)
    if state.phase == "done":
        return _done(state, seen)
    return None


def _batch(state: State, seen: Seen) -> Move:
    """There is no endpoint: pinning the pipeline to the version is all."""
    return Move("refuse", seen.withdrawn) if seen.withdrawn else Move("deployed")


def _deploying(state: State, seen: Seen) -> Move | None:
    live = seen.live
    if live.status == "UpdateRollbackFailed":
        return Move("fail", _stuck(live))
    if live.moving:
        return _under_way(state, seen)
    if live.serves(state.config):
        return Move("turn-back", seen.withdrawn) if seen.withdrawn else Move("deployed")
    untouched = not state.started and live.modified == state.modified
    if not untouched:
        return _ended_elsewhere(state, seen)
    if seen.withdrawn:
        return Move("refuse", seen.withdrawn)
    return Move("remove") if live.status == "Failed" else Move("start")


def _under_way(state: State, seen: Seen) -> Move | None:
    live = seen.live
    if live.status == "RollingBack" and state.started:
        return Move("turn-back", _why(state, seen))
    if live.coming != state.config:
        return None
    if not state.started:
        return Move("adopt")
    if seen.withdrawn:
        return Move("turn-back", seen.withdrawn)
    return Move("bake") if live.baking and state.phase == "deploying" else None


def _ended_elsewhere(state: State, seen: Seen) -> Move:
    """Told to deploy, and something else is there now."""
    if not seen.live.status:
        return Move("fail", "the endpoint was deleted during the release")
    if seen.live.status == "Failed":
        return Move("fail", seen.live.reason or "the endpoint did not come into service")
    return Move("undone", _why(state, seen))


def _verifying(state: State, seen: Seen) -> Move | None:
    live = seen.live
    if state.config and not live.serves(state.config):
        if live.moving:
            return None
        return Move("undone", "the endpoint was changed by hand during verification")
    if seen.withdrawn:
        return Move("turn-back", seen.withdrawn)
    if seen.verdict is not None:
        if seen.verdict.passed:
            return Move("finish", seen.verdict.reason)
        where = f" ({seen.verdict.record})" if seen.verdict.record else ""
        return Move("turn-back", f"verification failed{where}: {seen.verdict.reason}")
    if state.age(seen.now) < PATIENCE_S:
        return None
    if state.attempts < ATTEMPTS:
        return Move("verify")
    return Move("turn-back", f"verification gave no verdict in {ATTEMPTS} attempts")


def _rolling_back(state: State, live: Live) -> Move | None:
    if live.status == "UpdateRollbackFailed":
        return Move("fail", _stuck(live))
    if live.status == "Updating" and live.coming == state.config:
        # The alarm falls silent after a minute, and nobody listens before traffic moves.
        return Move("abort")
    if live.moving:
        return None
    if live.serves(state.config) or live.status == "Failed":
        return Move("go-back" if state.previous_config and live.status != "Failed" else "remove")
    return Move("undone", state.reason)


def _done(state: State, seen: Seen) -> Move | None:
    live = seen.live
    if state.config and not live.moving and live.status and not live.serves(state.config):
        return Move("undone", f"the endpoint was set to {live.config} by hand")
    if seen.withdrawn and not state.withdrawn:
        return Move("warn", seen.withdrawn)
    if state.strategy == "ab" and seen.alarms and state.previous_config and not live.moving:
        return Move("turn-back", f"alarm {', '.join(seen.alarms)} during the A/B test")
    return None


def _why(state: State, seen: Seen) -> str:
    if seen.alarms:
        return f"alarm {', '.join(seen.alarms)}"
    return state.reason or seen.live.reason or "SageMaker rolled the deployment back"


def _stuck(live: Live) -> str:
    return f"SageMaker could not roll back: {live.reason or 'it gave no reason'}"
