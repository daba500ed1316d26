"""Which findings have become alarms: sustained over windows, told once, and told when they end.

Pure: what a window showed comes in, what has to be said comes out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from modelyard.functions.windows import moment, stamp

RANK: Mapping[str, int] = {"info": 0, "warning": 1, "critical": 2}
# Measured with chance, so one window proves little; anything else is a fact at once.
MEASURED = frozenset(
    {
        "drift",
        "missing",
        "category",
        "range",
        "prediction",
        "quality",
        "estimate",
        "bias",
        "explanation",
    }
)
SILENT, SHOCK, FAILED = "service:silent", "shock", "monitor:failed"
REMIND_AFTER = timedelta(days=7)
# A function lives five minutes: whoever claimed longer ago did not live to tell.
CLAIM_LASTS = timedelta(minutes=10)
KEPT_WINDOWS = 60


@dataclass(frozen=True)
class Seen:
    """What one window showed; `findings` by id, those worth a warning at least."""

    window: str
    start: datetime
    end: datetime
    verdict: str
    shock: bool
    served: float | None
    findings: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Alarm:
    """Something that is wrong now, since when, and when it was last told (None: not yet).

    `claimed` is when somebody set out to tell it: for a while nobody else does.
    """

    id: str
    severity: str
    since: datetime
    finding: Mapping[str, Any] = field(default_factory=dict)
    told: datetime | None = None
    told_severity: str = ""
    claimed: datetime | None = None


@dataclass(frozen=True)
class State:
    """Everything remembered from one run to the next."""

    windows: tuple[Seen, ...] = ()
    alarms: Mapping[str, Alarm] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Plain data, as it is stored."""
        return {
            "schema_version": 1,
            "windows": [_plain(one) for one in self.windows],
            "alarms": [_plain(one) for one in self.alarms.values()],
        }


@dataclass(frozen=True)
class News:
    """What changed and has to be said: new or worse, still open after a week, and over."""

    opened: tuple[Alarm, ...] = ()
    reminded: tuple[Alarm, ...] = ()
    closed: tuple[Alarm, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.opened or self.reminded or self.closed)

    @property
    def severity(self) -> str:
        """The worst of it; that something is over is only for information."""
        found = [one.severity for one in (*self.opened, *self.reminded)]
        return max(found, key=lambda one: RANK[one], default="info")


def loaded(document: Mapping[str, Any]) -> State:
    """The state a stored document holds."""
    seen = tuple(
        Seen(**{**one, "start": moment(one["start"]), "end": moment(one["end"])})
        for one in document.get("windows", ())
    )
    alarms = (
        Alarm(
            **{
                **one,
                "since": moment(one["since"]),
                "told": moment(one["told"]) if one["told"] else None,
                "claimed": moment(one["claimed"]) if one["claimed"] else None,
            }
        )
        for one in document.get("alarms", ())
    )
    return State(seen, {one.id: one for one in alarms})


def with_window(state: State, seen: Seen) -> State:
    """The state with one window more; one that is seen again replaces itself."""
    others = [one for one in state.windows if one.window != seen.window]
    windows = sorted((*others, seen), key=lambda one: one.end)[-KEPT_WINDOWS:]
    return replace(state, windows=tuple(windows))


def wrong_now(windows: Iterable[Seen], sustained: Mapping[str, int]) -> list[Alarm]:
    """What the windows say is wrong: it shows in the newest, and often enough before."""
    history = tuple(windows)
    if not history:
        return []
    latest = history[-1]
    judged = [one for one in history if one.verdict != "insufficient"][-sustained["of"] :]
    found = []
    if latest.shock:
        found.append(Alarm(SHOCK, "critical", latest.start))
    for name, finding in latest.findings.items():
        showing = [one.start for one in judged if name in one.findings]
        needed = sustained["windows"] if finding.get("kind") in MEASURED else 1
        if latest.shock or needed == 1:
            showing = showing or [latest.start]
        elif len(showing) < needed:
            continue
        found.append(Alarm(name, str(finding["severity"]), showing[0], finding))
    return found


def judge(state: State, wrong: Iterable[Alarm], now: datetime, silenced: frozenset[str]) -> News:
    """What of this has not been said yet; silenced alarms stay open and untold."""
    opened, reminded = [], []
    current = {one.id: one for one in wrong}
    for one in current.values():
        if _is_silenced(one.id, silenced):
            continue
        known = state.alarms.get(one.id)
        if known and known.claimed and abs(now - known.claimed) < CLAIM_LASTS:
            continue
        if known is None or known.told is None:
            opened.append(one)
        elif RANK[one.severity] > RANK[known.told_severity]:
            opened.append(replace(one, since=known.since))
        elif now - known.told >= REMIND_AFTER:
            reminded.append(replace(one, since=known.since))
    closed = [
        one
        for one in state.alarms.values()
        if one.id not in current and one.told and not _is_silenced(one.id, silenced)
    ]
    return News(tuple(opened), tuple(reminded), tuple(closed))


def _is_silenced(name: str, silenced: frozenset[str]) -> bool:
    return "*" in silenced or name in silenced


def claimed(state: State, wrong: Iterable[Alarm], news: News, now: datetime) -> State:
    """The state while this news is being told: what is wrong now, with the claim on the news."""
    said = {one.id for one in (*news.opened, *news.reminded)}
    alarms = {}
    for one in wrong:
        known = state.alarms.get(one.id, one)
        alarms[one.id] = replace(
            one,
            since=min(one.since, known.since),
            told=known.told,
            told_severity=known.told_severity,
            claimed=now if one.id in said else known.claimed,
        )
    return replace(state, alarms=alarms)


def told(state: State, news: News, now: datetime) -> State:
    """The state once the news has been told."""
    alarms = dict(state.alarms)
    for one in (*news.opened, *news.reminded):
        if one.id in alarms:
            alarms[one.id] = replace(
                alarms[one.id], told=now, told_severity=one.severity, claimed=None
            )
    return replace(state, alarms=alarms)


def _plain(one: Seen | Alarm) -> dict[str, Any]:
    return {
        key: stamp(value) if isinstance(value, datetime) else value
        for key, value in asdict(one).items()
    }
