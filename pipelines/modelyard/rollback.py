"""Takes an environment back to a version that was released before.

The release function does it, so that the record says who and why. Where that function is broken,
and nothing is under way, the operator's own permission suffices: UpdateEndpoint to a configuration
that was approved once (tag release=approved). Where a deployment is under way, which SageMaker
does not let anybody cancel, the operator pulls the alarm that sends it back.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modelyard import release, release_function, release_history
from modelyard.aws import Place, caller, polls
from modelyard.errors import ReleaseError
from modelyard.functions.live import MAIN
from modelyard.release import Endpoint, Release, version_of
from modelyard.release_function import BrokenError, Say
from modelyard.workspace import Workspace

# An operator at night waits no longer for a function that may be broken.
FUNCTION_PATIENCE_S = 20.0
PATIENCE_S = 3600.0
_ABORT_AGAIN_S = 30.0
_TAKEN_BACK = ("rolled-back", "withdrawn")


@dataclass(frozen=True)
class Wish:
    """What the operator wants: `version` None is what served before."""

    version: int | None
    reason: str


def roll_back(place: Place, workspace: Workspace, wish: Wish, say: Say) -> Endpoint:
    """Goes back and waits until the old version answers; ReleaseError when it cannot."""
    now = release.look(place)
    if now is None:
        raise ReleaseError(f"there is no endpoint {workspace.endpoint}: nothing to roll back")
    state = release.state(place, workspace)
    config = _target(place, workspace, now, state, wish.version)
    if now.status == "InService" and now.config == config:
        raise ReleaseError(f"{now.name} already serves {config}; nothing to roll back")
    say(f"  {now.name} goes back from {now.pending} to {config}")
    if state is not None and not _alone(now, state.previous_config):
        # The function would go back to the test, in which the bad version has its share.
        wish = replace(wish, version=wish.version or version_of(now.name, config))
    if not _by_function(place, workspace, wish, say):
        _by_hand(place, workspace, config, say)
    return _await(place, config, say)


def _by_function(place: Place, workspace: Workspace, wish: Wish, say: Say) -> bool:
    """Whether the release function has taken it over."""
    payload = {
        "action": "rollback",
        "version": wish.version,
        "reason": wish.reason,
        "by": caller(place),
    }
    try:
        answer = release_function.ask(place, workspace, payload, say, FUNCTION_PATIENCE_S)
    except BrokenError as error:
        say(f"  {error}; going back without it")
        return False
    if answer.get("refused"):
        say(f"  the release function says: {answer['refused']}; going back without it")
        return False
    return True


def _by_hand(place: Place, workspace: Workspace, config: str, say: Say) -> None:
    """The operator's own way, once the endpoint lets itself be changed."""
    sagemaker, pulled = place.client("sagemaker"), 0.0
    for _ in polls(sagemaker):
        now = release.look(place)
        if now is None or now.status == "Failed":
            raise ReleaseError(f"{workspace.endpoint} is gone or failed; release a version instead")
        if now.status == "InService":
            break
        if now.status == "Updating" and time.monotonic() - pulled > _ABORT_AGAIN_S:
            say("  a deployment is under way; pulling its abort alarm")
            pull_abort(place)
            pulled = time.monotonic()
    if now is not None and now.config != config:
        # The size that scaling gave it is kept; between different variants there is none to keep.
        how = {"RetainAllVariantProperties": True} if now.variants == (MAIN,) else {}
        sagemaker.update_endpoint(EndpointName=now.name, EndpointConfigName=config, **how)


def pull_abort(place: Place) -> None:
    """One data point of ReleaseAborted: the alarm of every deployment that can be undone."""
    place.client("cloudwatch").put_metric_data(
        Namespace="Modelyard",
        MetricData=[
            {
                "MetricName": "ReleaseAborted",
                "Dimensions": [
                    {"Name": "Project", "Value": place.project.name},
                    {"Name": "Environment", "Value": place.environment},
                ],
                "Value": 1,
            }
        ],
    )


def _target(
    place: Place, workspace: Workspace, now: Endpoint, state: Release | None, version: int | None
) -> str:
    """The configuration to go back to."""
    if version is None and now.pending != now.config:
        return now.config
    before = state.previous_config if state is not None else ""
    brought = state is not None and (state.under_way or state.config == now.config)
    if version is None and before and brought and _alone(now, before):
        return before
    records = release_history.records(place, workspace)
    return target_in(records, now, version)


def target_in(records: Sequence[Mapping[str, Any]], now: Endpoint, version: int | None) -> str:
    """The configuration that the newest fitting record of a finished release names.

    Without a version: an earlier one than what serves, and none that had to be taken back itself.
    """
    taken_back = {record["release"] for record in records if record["phase"] in _TAKEN_BACK}
    for record in reversed([record for record in records if record["phase"] == "done"]):
        config = str(record["endpoint_config"])
        if not config or not _alone(now, config):
            continue
        if version is None:
            earlier = int(record["version"]) < (now.version or 0)
            if earlier and record["release"] not in taken_back:
                return config
        elif record["version"] == version:
            return config
    if version is not None:
        raise ReleaseError(f"version {version} never served {now.name} alone; release it instead")
    raise ReleaseError(f"{now.name} has no earlier version to go back to; release another one")


def _alone(now: Endpoint, config: str) -> bool:
    """Whether a configuration is of one version, not of two that are compared."""
    beside = config.removeprefix(f"{now.name}-v").partition("-")[2]
    return not beside.startswith(("ab-", "shadow-"))


def _await(place: Place, config: str, say: Say) -> Endpoint:
    """The endpoint when the old version answers alone."""
    begun, said = time.monotonic(), ""
    for _ in polls(place.client("sagemaker")):
        now = release.look(place)
        if now is None or now.status in ("Failed", "UpdateRollbackFailed"):
            raise ReleaseError(f"the rollback failed: {now.reason if now else 'endpoint removed'}")
        if now.status != said:
            said = now.status
            say(f"  {now.name} {said.lower()} {time.monotonic() - begun:6.1f} s")
        if now.status == "InService" and now.config == config:
            return now
        if time.monotonic() - begun > PATIENCE_S:
            break
    raise ReleaseError(f"{config} does not serve after {PATIENCE_S:.0f} s; see `modelyard status`")
