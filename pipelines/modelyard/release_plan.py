"""What a release would change and what stands against it, without changing anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelyard import release
from modelyard.aws import Place
from modelyard.registry import Package
from modelyard.release_function import BrokenError, Say, ask
from modelyard.workspace import Workspace


@dataclass(frozen=True)
class Rule:
    """One thing that must hold, whether it does, and how it is known."""

    name: str
    holds: bool
    reason: str


@dataclass(frozen=True)
class Plan:
    """A release as it would go."""

    heading: str
    facts: tuple[tuple[str, str], ...]
    rules: tuple[Rule, ...]
    would: tuple[str, ...]

    @property
    def possible(self) -> bool:
        return all(rule.holds for rule in self.rules)

    def text(self) -> str:
        lines = [self.heading]
        lines += [f"  {name:<14}{value}" for name, value in self.facts]
        lines += [
            f"  {'passed' if rule.holds else 'FAILED':<14}{rule.name}: {rule.reason}"
            for rule in self.rules
        ]
        lines += [f"  {'would':<14}{sentence}" for sentence in self.would]
        if not self.possible:
            lines.append("  nothing would change until the failed rules hold")
        return "\n".join(lines)


def plan(place: Place, workspace: Workspace, package: Package, say: Say) -> Plan:
    """The plan for a package, with what the release function says to it."""
    now = release.look(place)
    alarms = release.alarms(place, workspace.rollback_alarms)
    answer = _asked(place, workspace, package, say)
    serving = workspace.serving
    return Plan(
        heading=f"version {package.version} into {workspace.endpoint}",
        facts=(
            ("serves now", f"version {now.version} ({now.status})" if now else "nothing"),
            ("configuration", configuration(serving)),
            ("strategy", strategy(serving["rollout"], str(answer.get("strategy", "")))),
            *(
                ("alarm", f"{name} {alarms.get(name, 'missing')}")
                for name in workspace.rollback_alarms
            ),
        ),
        rules=(*_rules(place, package, now, alarms), _function(answer)),
        would=tuple(answer.get("would", ())),
    )


def configuration(serving: Mapping[str, Any]) -> str:
    """What the version would run on."""
    mode = serving["mode"]
    if mode == "serverless":
        memory, most = serving["memory_mb"], serving["max_concurrency"]
        return f"{mode}, {memory} MB, up to {most} requests at once"
    return f"{mode}, {serving.get('instance_count', 1)} x {serving['instance_type']}"


def strategy(rollout: Mapping[str, Any], chosen: str) -> str:
    """How it would take over, in a sentence."""
    name = chosen or str(rollout["strategy"])
    percent, minutes = rollout["percent"], rollout["bake_minutes"]
    return {
        "canary": f"canary: {percent} % of the capacity for {minutes} minutes, then all",
        "linear": f"linear: {percent} % more every {minutes} minutes",
        "shadow": f"shadow: {percent} % of the requests mirrored, none answered",
        "ab": f"ab: {percent} % of the requests to the challenger",
    }.get(name, f"{name}, watched for {minutes} minutes")


def _rules(
    place: Place, package: Package, now: release.Endpoint | None, alarms: Mapping[str, str]
) -> list[Rule]:
    raging = sorted(name for name, value in alarms.items() if value == "ALARM")
    rules = [Rule("approved", package.status == "Approved", f"the package is {package.status}")]
    if place.environment == "prod":
        reason = f"stage Production is {package.production or 'undecided'}"
        rules.append(Rule("approved for production", package.production == "Approved", reason))
    settled = now is None or now.settled
    rules.append(Rule("endpoint at rest", settled, now.status if now else "there is none yet"))
    rules.append(Rule("alarms quiet", not raging, ", ".join(raging) or "none in alarm"))
    return rules


def _asked(place: Place, workspace: Workspace, package: Package, say: Say) -> dict[str, Any]:
    payload = {"action": "release", "model_package_arn": package.arn, "dry_run": True}
    try:
        return ask(place, workspace, payload, say)
    except BrokenError as error:
        return {"refused": str(error)}


def _function(answer: Mapping[str, Any]) -> Rule:
    """Approver, checksum, image, gates and staging's verification, which the function judges."""
    against = answer.get("refused") or (answer.get("reason") if not answer.get("would") else None)
    said = str(against or "approver, checksum, image, gates and verification hold")
    return Rule("release function", not against, said)
