"""What a release is in the middle of, as one small document that survives every crash."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal

Phase = Literal[
    "deploying",
    "baking",
    "verifying",
    "done",
    "failed",
    "rolling-back",
    "rolled-back",
    "refused",
]
UNDER_WAY: tuple[Phase, ...] = ("deploying", "baking", "verifying", "rolling-back")
# What the parameter holds before the first release: an empty value is not allowed.
NO_RELEASE = "none"
# The parameter holds 4,096 characters; what a reason leaves out is in the record that it names.
_REASON = 800


@dataclass(frozen=True)
class State:
    """One release.

    Attributes:
        release: names the release everywhere; the version and when it was approved.
        config: the endpoint configuration that it brings; empty for batch.
        previous_config: what to go back to; empty for the first release.
        since: when the phase began.
        attempts: how often verification was asked for.
        started: whether SageMaker was told to deploy.
        modified: when the endpoint had last changed before; tells a release that never started
            from one that has already gone back.
        withdrawn: whether the approval went after the release was done, and people know.
        unwatched: alarms that were raging before and so cannot judge this release.
    """

    release: str
    version: int
    model_package_arn: str
    phase: Phase
    config: str
    previous_config: str = ""
    since: str = ""
    attempts: int = 0
    strategy: str = "all-at-once"
    reason: str = ""
    started: bool = False
    modified: str = ""
    withdrawn: bool = False
    unwatched: tuple[str, ...] = ()
    approved_by: str = ""
    trained_by: str = ""
    image_digest: str = ""
    model_sha256: str = ""

    @property
    def under_way(self) -> bool:
        return self.phase in UNDER_WAY

    def entering(self, phase: Phase, now: datetime, reason: str = "", **changes: Any) -> "State":
        """The same release in its next phase."""
        told = reason if len(reason) <= _REASON else f"{reason[:_REASON]}..."
        return replace(self, phase=phase, since=now.isoformat(), reason=told, **changes)

    def age(self, now: datetime) -> float:
        """Seconds in the present phase."""
        return (now - datetime.fromisoformat(self.since)).total_seconds()


def read(ssm: Any, facts: Mapping[str, str]) -> State | None:
    """The release of the environment; None before the first one."""
    value = ssm.get_parameter(Name=facts["release_state"])["Parameter"]["Value"]
    if value == NO_RELEASE:
        return None
    known = {field.name for field in fields(State)}
    stated = {key: kept for key, kept in json.loads(value).items() if key in known}
    return State(**{**stated, "unwatched": tuple(stated.get("unwatched", ()))})


def write(ssm: Any, facts: Mapping[str, str], state: State) -> State:
    """Keeps the state; what follows from it can be done again from here."""
    text = json.dumps(asdict(state), sort_keys=True)
    ssm.put_parameter(Name=facts["release_state"], Value=text, Overwrite=True)
    return state
