"""Whether a release may begin, and its beginning: every rule is held before anything changes."""

from typing import Any

from botocore.exceptions import ClientError

from modelyard.functions import approval, endpoint, records, registry_news, staging_verdict
from modelyard.functions.live import Live, version_of
from modelyard.functions.release_machine import Machine, is_denied
from modelyard.functions.release_state import State
from modelyard.functions.service import Refused

Answer = dict[str, Any]


def begin(
    machine: Machine, arn: str, *, by_hand: bool = False, alone: bool = False, dry: bool = False
) -> Answer:
    """Begins the release of a package, or says why not.

    `by_hand` repeats what ended already, and takes older versions; `alone` lets it answer
    without the version it was compared with; `dry` only tells what would happen.
    """
    state = machine.state()
    now = machine.look()
    version = int(arn.rsplit("/", 1)[1])
    if (state is not None and state.under_way) or now.moving:
        return _busy(machine, state, now)
    release = _name(machine, arn, version, by_hand=by_hand)
    if release is None:
        return {"released": False, "outcome": "tried", "version": version}
    try:
        package = _checked(machine, arn)
        _check_kind(machine, now)
    except approval.TooEarly as early:
        # Not a mistake: an approval for staging reaches prod too.
        return {"released": False, "outcome": "waiting", "version": version, "refused": str(early)}
    except Refused as refusal:
        return _refuse(machine, arn, release, str(refusal), dry)
    except ClientError as error:
        if not is_denied(error):
            raise
        owner = machine.facts["registry_account"]
        reason = f"account {owner} of the registry denies: {error.response['Error']['Message']}"
        return _refuse(machine, arn, release, reason, dry)
    strategy = _strategy(machine, package, now, alone)
    if dry:
        return _plan(machine, package, now, strategy)
    return _start(machine, package, release, strategy, now)


def after(machine: Machine) -> Answer:
    """Begins the newest approved release that still waits: its event may have been lost."""
    state, now = machine.state(), machine.look()
    if (state is not None and state.under_way) or now.moving:
        return _busy(machine, state, now)
    answer: Answer = {"released": False, "outcome": "nothing"}
    for arn in registry_news.newest(
        machine.registry.sagemaker, machine.facts, _running(machine, state, now)
    ):
        answer = begin(machine, arn)
        if answer["outcome"] not in ("tried", "waiting", "refused"):
            break
    return answer


def _running(machine: Machine, state: State | None, now: Live) -> int:
    """The newest version that is deployed, be it as a challenger; an endpoint that somebody
    deleted does not come back by itself.
    """
    done = state.version if state and state.phase == "done" else 0
    if not now.config:
        return done
    serving = version_of(machine.facts, now.config) or 0
    return max(serving, done if state and state.config == now.config else 0)


def _busy(machine: Machine, state: State | None, now: Live) -> Answer:
    under_way = f"version {state.version} is {state.phase}" if state and state.under_way else ""
    return {
        "released": False,
        "outcome": "busy",
        "reason": under_way or f"endpoint {machine.facts['endpoint']} is {now.status}",
    }


def _name(machine: Machine, arn: str, version: int, *, by_hand: bool) -> str | None:
    """What the release is called; None where this approval was acted on already."""
    try:
        package = machine.registry.sagemaker.describe_model_package(ModelPackageName=arn)
        approved = package.get("LastModifiedTime") or package.get("CreationTime")
    except ClientError as error:
        if not is_denied(error):
            raise
        approved = None
    base = registry_news.release_name(version, approved)
    keys = records.kept(machine.session.client("s3"), machine.facts, f"releases/{base}")
    if not by_hand:
        return None if registry_news.tried(keys, base) else base
    name, attempt = base, 1
    while any(key.startswith(f"releases/{name}-{first}") for first in _FIRST for key in keys):
        attempt += 1
        name = f"{base}-{attempt}"
    return name


_FIRST = ("deploying", "refused")


def _checked(machine: Machine, arn: str) -> approval.Approved:
    package = approval.check(arn, machine.registry, machine.facts)
    if machine.facts["environment"] == "prod":
        staging_verdict.require(machine.session.client("s3"), machine.facts, package)
    return package


def _check_kind(machine: Machine, now: Live) -> None:
    """Between instances and serverless there is no way back: only a new endpoint is the other."""
    serves = now.config if now.status == "InService" else ""
    if why := endpoint.one_way(machine.sagemaker, serves, machine.serving):
        raise Refused(
            f"serving.mode is {machine.serving['mode']}, and AWS {why}; "
            f"delete endpoint {machine.facts['endpoint']}, then release again"
        )


def _refuse(machine: Machine, arn: str, release: str, reason: str, dry: bool) -> Answer:
    """Told and recorded; what serves, and its state, stay as they are."""
    version = int(arn.rsplit("/", 1)[1])
    if not dry:
        refused = State(
            release=release,
            version=version,
            model_package_arn=arn,
            phase="refused",
            config="",
            since=machine.now.isoformat(),
            reason=reason,
        )
        records.announce(machine.session, machine.facts, refused)
    return {"released": False, "outcome": "refused", "version": version, "refused": reason}


def _strategy(machine: Machine, package: approval.Approved, now: Live, alone: bool) -> str:
    """How it is rolled out; the first version, and one without a rival, has nothing to share."""
    strategy = str(machine.serving["rollout"]["strategy"])
    rival = version_of(machine.facts, now.config) if now.status == "InService" else None
    if rival is None or ((alone or rival == package.version) and strategy in ("shadow", "ab")):
        return "all-at-once"
    return strategy


def _plan(machine: Machine, package: approval.Approved, now: Live, strategy: str) -> Answer:
    name, serving = machine.facts["endpoint"], version_of(machine.facts, now.config)
    if machine.batch:
        would = [f"pin the batch pipeline to version {package.version}"]
    elif not now.status or now.status == "Failed":
        would = [f"create endpoint {name} with version {package.version}"]
    elif serving == package.version and now.config == endpoint.name_of(
        machine.facts, package.version
    ):
        would = [f"look whether {now.config} is still what project.yaml states, else update it"]
    else:
        would = [f"update endpoint {name} from version {serving} to {package.version} ({strategy})"]
        if machine.serving["mode"] != "serverless":
            would.append(f"go back if an alarm of {machine.facts['rollback_alarms']} fires")
    if machine.verifies:
        would.append(f"verify version {package.version}, and go back if it fails")
    return {
        "released": False,
        "outcome": "dry-run",
        "version": package.version,
        "serving": serving,
        "strategy": strategy,
        "would": would,
    }


def _start(
    machine: Machine, package: approval.Approved, release: str, strategy: str, now: Live
) -> Answer:
    facts = machine.facts
    config, raging = "", machine.raging()
    if not machine.batch:
        config = endpoint.prepare(machine.sagemaker, package, facts, strategy, now.config)
        if now.serves(config):
            return {"released": True, "outcome": "unchanged", "version": package.version}
    abort = f"{facts['project']}-{facts['environment']}-abort"
    if abort in raging:
        reason = f"alarm {abort} is still in alarm; it falls silent after a minute"
        return {"released": False, "outcome": "busy", "reason": reason}
    state = machine.keep(
        State(
            release=release,
            version=package.version,
            model_package_arn=package.arn,
            phase="deploying",
            config=config,
            previous_config=now.config if now.status not in ("", "Failed") else "",
            since=machine.now.isoformat(),
            strategy=strategy,
            modified=now.modified,
            unwatched=raging,
            approved_by=package.approved_by,
            trained_by=package.trained_by,
            image_digest=package.image_digest,
            model_sha256=package.model_sha256,
        )
    )
    settled = machine.settle(state) or state
    return {
        "released": True,
        "outcome": "created" if not state.previous_config else "updated",
        "version": package.version,
        "phase": settled.phase,
        "release": release,
    }


def challenger(machine: Machine, state: State | None) -> str:
    """The package that is compared now; Refused where none is."""
    if state is None or state.phase != "done" or state.strategy not in ("shadow", "ab"):
        raise Refused("no challenger is in service: nothing to promote")
    return state.model_package_arn
