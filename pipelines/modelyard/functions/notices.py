"""What people are told of a release: what happened, what it means for traffic, what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.functions.live import version_of
from modelyard.functions.release_state import State

_SUBJECT = 100


@dataclass(frozen=True)
class Notice:
    """A message; `severity` is info, warning or critical and decides who gets it."""

    subject: str
    severity: str
    happened: str
    traffic: str
    todo: str
    command: str

    @property
    def text(self) -> str:
        lines = [self.happened, f"Traffic: {self.traffic}", f"To do: {self.todo}"]
        return "\n".join(lines + ([f"  {self.command}"] if self.command else [])) + "\n"


def notice(state: State, facts: Mapping[str, str]) -> Notice:
    """What to say about the phase that a release is in."""
    name = f"{facts['project']}-{facts['environment']}"
    version, before = state.version, _before(state, facts)
    reason = f": {state.reason}" if state.reason else ""
    on = f"--env {facts['environment']}"
    wait = f"modelyard status {on}"
    if state.withdrawn:
        return Notice(
            f"{name}: approval of version {version} was withdrawn",
            "critical",
            f"The approval of version {version}, which is in service, was withdrawn{reason}.",
            f"version {version} goes on answering; nothing changes by itself.",
            "decide now; unless it must stay, go back to what served before:",
            f"modelyard rollback {on} --reason 'approval withdrawn'",
        )
    table: dict[str, tuple[str, str, str, str, str]] = {
        "deploying": (
            "info",
            f"The release of version {version} began ({state.strategy}).{_unwatched(state)}",
            f"{before} answers everything until the new instances are healthy.",
            "nothing; follow it with:",
            wait,
        ),
        "baking": (
            "info",
            f"Version {version} answers its share of the requests ({state.strategy}).",
            "shared with what served before; any rollback alarm sends all of it back.",
            "nothing; to stop it:",
            f"modelyard rollback {on} --reason 'stopped by hand'",
        ),
        "verifying": (
            "info",
            f"Version {version} is deployed and is being verified.",
            f"version {version} answers {facts['environment']}.",
            "nothing; the verdict comes within minutes:",
            wait,
        ),
        "done": (
            "info",
            f"Version {version} is released{reason}.",
            _done_traffic(state, facts, before),
            *_after(state, facts, on),
        ),
        "failed": (
            "critical",
            f"The release of version {version} failed{reason}.",
            f"{before} answers, as before the release."
            if state.previous_config
            else "nothing answers; there was no version before this one.",
            "read the reason and the endpoint's log; after mending it, release again:",
            f"modelyard release {on} --version {version}",
        ),
        "rolling-back": (
            "warning",
            f"Version {version} is being taken back{reason}.",
            f"all of it returns to {before}."
            if state.previous_config
            else "the endpoint is removed; there was no version before this one.",
            "nothing; follow it with:",
            wait,
        ),
        "rolled-back": (
            "critical" if facts["environment"] == "prod" else "warning",
            f"Version {version} was taken back{reason}.",
            f"{before} answers everything again."
            if state.previous_config
            else "nothing answers; there was no version before this one.",
            "find the cause in the record and the endpoint's log; it is not tried again by itself. "
            "To try it again:",
            f"modelyard release {on} --version {version}",
        ),
        "refused": (
            "warning",
            f"The release of version {version} was refused{reason}.",
            "nothing changed.",
            "mend what the reason names, or approve another version; then:",
            f"modelyard release {on} --version {version}",
        ),
    }
    return Notice(
        f"{name}: version {version} {_WORDS[state.phase]}"[:_SUBJECT], *table[state.phase]
    )


_WORDS = {
    "deploying": "is being deployed",
    "baking": "takes its share",
    "verifying": "is being verified",
    "done": "is released",
    "failed": "failed to release",
    "rolling-back": "is being taken back",
    "rolled-back": "was taken back",
    "refused": "was refused",
}


def record(state: State, facts: Mapping[str, str]) -> dict[str, Any]:
    """The document of a phase, as it is kept in evidence."""
    said = notice(state, facts)
    return {
        "project": facts["project"],
        "environment": facts["environment"],
        "endpoint": facts["endpoint"],
        "release": state.release,
        "version": state.version,
        "model_package_arn": state.model_package_arn,
        "phase": phase_word(state),
        "reason": state.reason,
        "time": state.since,
        "strategy": state.strategy,
        "endpoint_config": state.config,
        "previous_config": state.previous_config,
        "approved_by": state.approved_by,
        "trained_by": state.trained_by,
        "image_digest": state.image_digest,
        "model_sha256": state.model_sha256,
        "unwatched_alarms": list(state.unwatched),
        "message": said.text,
    }


def phase_word(state: State) -> str:
    """The phase as records name it; a withdrawal after the end is one of its own."""
    return "withdrawn" if state.withdrawn else state.phase


def _before(state: State, facts: Mapping[str, str]) -> str:
    version = version_of(facts, state.previous_config)
    return "nothing" if version is None else f"version {version}"


def _unwatched(state: State) -> str:
    if not state.unwatched:
        return ""
    return f" Not judged by {', '.join(state.unwatched)}: in alarm before the release began."


def _done_traffic(state: State, facts: Mapping[str, str], before: str) -> str:
    if not state.config:
        return f"the batch pipeline scores with version {state.version} from its next run."
    if state.strategy == "shadow":
        return f"{before} answers; version {state.version} sees a copy and answers nobody."
    if state.strategy == "ab":
        return f"{before} and version {state.version} (challenger) share the requests."
    return f"version {state.version} answers everything."


def _after(state: State, facts: Mapping[str, str], on: str) -> tuple[str, str]:
    if state.strategy in ("shadow", "ab"):
        return "compare the two, then promote the challenger or go back:", (
            f"modelyard compare {on}; modelyard release {on} --promote"
        )
    if facts["environment"] == "staging":
        return "if it shall go to production, a model approver decides:", (
            f"modelyard approve --stage production --version {state.version}"
        )
    return "nothing; to undo it:", f"modelyard rollback {on}"
