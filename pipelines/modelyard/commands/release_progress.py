"""A release followed live: its phase, the share of the new version, what is left of the bake."""

import time
from dataclasses import dataclass, field

from modelyard import release, release_function
from modelyard.aws import Place
from modelyard.errors import ReleaseError
from modelyard.release import Endpoint, Release
from modelyard.release_function import BrokenError, Say
from modelyard.workspace import Workspace

# An endpoint that has settled while the machine still waits: an event was lost, so it is asked.
_NUDGE_AFTER_S = 45.0
_SAY_AGAIN_S = 30.0
_ENDINGS = ("failed", "refused", "rolled-back")


@dataclass
class Progress:
    """Tells how the release of a version goes, until it has ended."""

    place: Place
    workspace: Workspace
    version: int
    say: Say
    _begun: float = field(default_factory=time.monotonic)
    _told: str = ""
    _told_at: float = 0.0
    _still_since: float = 0.0

    def follow(self) -> int:
        """0 when the version serves; ReleaseError says how it ended otherwise."""
        for now, known in release.follow(self.place, self.workspace):
            if known is None or known.version != self.version:
                raise ReleaseError(
                    f"the release of version {self.version} gave way to another one: "
                    f"see `modelyard history --env {self.place.environment}`"
                )
            self._tell(now, known)
            if known.phase == "done":
                self._finish(known)
                return 0
            if known.phase in _ENDINGS:
                raise ReleaseError(
                    f"version {known.version} {_ended(known)}: {known.reason}\n"
                    f"what answers now: `modelyard status --env {self.place.environment}`"
                )
            self._nudge(now, known)
        return 1

    def _tell(self, now: Endpoint | None, known: Release) -> None:
        line, detail = f"{known.phase} ({known.strategy})", ""
        if now is not None and now.stage is not None:
            line += f", {now.stage.status.lower()}, {now.stage.share:.0%} of the new instances"
            if now.stage.bake_left is not None:
                detail = f", {_minutes(now.stage.bake_left)} of the bake left"
            detail += self._alarms()
        seconds = time.monotonic() - self._begun
        if line != self._told or (detail and seconds - self._told_at > _SAY_AGAIN_S):
            self._told, self._told_at = line, seconds
            self.say(f"  {self._name} version {known.version} {line}{detail}  {seconds:.1f} s")

    def _alarms(self) -> str:
        states = release.alarms(self.place, self.workspace.rollback_alarms)
        raging = sorted(name for name, value in states.items() if value == "ALARM")
        return f", ALARM {', '.join(raging)}" if raging else ", alarms quiet"

    def _finish(self, known: Release) -> None:
        self.say(f"{self._name} serves {known.model_package_arn}")
        if known.strategy in ("shadow", "ab"):
            self.say(f"compare it: `modelyard compare --env {self.place.environment}`")

    def _nudge(self, now: Endpoint | None, known: Release) -> None:
        """Asks the machine to look again when it seems to have missed something."""
        waiting = known.phase == "verifying" or now is None or now.settled
        seconds = time.monotonic()
        if not waiting or not self._still_since:
            self._still_since = seconds
        if seconds - self._still_since < _NUDGE_AFTER_S:
            return
        self._still_since = seconds
        try:
            release_function.ask(self.place, self.workspace, {"action": "reconcile"}, self.say)
        except BrokenError as error:
            self.say(f"  {error}")

    @property
    def _name(self) -> str:
        return self.workspace.endpoint


def _ended(known: Release) -> str:
    return {"rolled-back": "was taken back", "refused": "was refused"}.get(
        known.phase, "did not come into service"
    )


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
