"""Whether the training pipeline starts without a person: switches, pauses, a budget, and shocks.

Pure: what happened and what ran before come in, one decision with its reason comes out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

Trigger = Literal["schedule", "code", "data", "drift", "quality"]
# The kinds of findings that each switch stands for.
KINDS: Mapping[Trigger, frozenset[str]] = {
    "drift": frozenset({"drift", "missing", "category", "range", "prediction", "explanation"}),
    "quality": frozenset({"quality", "estimate", "bias"}),
}
RUNNING = ("Executing", "Stopping")


@dataclass(frozen=True)
class Cause:
    """Why a run may be wanted; `environment` where a served model showed it."""

    trigger: Trigger
    sentence: str
    at: datetime
    environment: str = ""
    shock: bool = False


@dataclass(frozen=True)
class Run:
    """A run of the training pipeline: what it used is known once it ended."""

    started: datetime
    automatic: bool
    status: str
    hours: float = 0.0


@dataclass(frozen=True)
class Past:
    """What ran before, what waits for a decision, and when the newest data arrived."""

    runs: Sequence[Run]
    waiting: int | None = None
    newest_data: datetime | None = None


@dataclass(frozen=True)
class Decision:
    """Start, or not; `ask` names what a person has to be asked, once under that name."""

    start: bool
    reason: str
    ask: str = ""


def decide(cause: Cause, rules: Mapping[str, Any], past: Past) -> Decision:
    """The first rule that speaks against a run, or a run."""
    if not _switched_on(cause, rules):
        return Decision(False, f"{cause.trigger} is switched off in training.retrain")
    if cause.environment and cause.environment not in rules["environments"]:
        counted = " and ".join(rules["environments"]) or "nowhere"
        return Decision(False, f"findings count in {counted}, not in {cause.environment}")
    if cause.shock:
        return Decision(
            False,
            "most features moved at once: training on a broken feed would teach it",
            f"shock-{cause.environment}-{cause.at:%Y%m%d}",
        )
    if any(run.status in RUNNING for run in past.runs):
        return Decision(False, "a run is under way")
    if cause.trigger == "data" and not _is_news(past):
        return Decision(False, "the last run read this data already")
    return _afford(cause, rules, past)


def _afford(cause: Cause, rules: Mapping[str, Any], past: Past) -> Decision:
    automatic = [run for run in past.runs if run.automatic]
    pause = timedelta(days=rules["min_days_between"])
    last = max((run.started for run in automatic), default=None)
    if last is not None and cause.at - last < pause:
        days = rules["min_days_between"]
        return Decision(False, f"the last automatic run began {last:%Y-%m-%d}, {days} days pause")
    if past.waiting is not None:
        return Decision(False, f"version {past.waiting} waits for an approver's decision")
    this_month = [
        run for run in automatic if (run.started.year, run.started.month) == _month(cause)
    ]
    used = sum(run.hours for run in this_month)
    if used + rules["run_hours"] > rules["monthly_hours"]:
        return Decision(
            False,
            f"automatic runs used {used:.1f} of this month's {rules['monthly_hours']:g} instance "
            f"hours, and one more may take {rules['run_hours']:g}",
            f"budget-{cause.at:%Y%m}",
        )
    return Decision(True, cause.sentence)


def _switched_on(cause: Cause, rules: Mapping[str, Any]) -> bool:
    return cause.trigger == "schedule" or cause.trigger in rules["on"]


def _is_news(past: Past) -> bool:
    """Whether data arrived after the newest run began to read; not knowing counts as news."""
    last = max((run.started for run in past.runs), default=None)
    return last is None or past.newest_data is None or past.newest_data > last


def _month(cause: Cause) -> tuple[int, int]:
    return cause.at.year, cause.at.month
