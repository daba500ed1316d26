"""The `monitoring` section and `training.retrain` of project.yaml: what is noticed, told, cured.

Nobody has to write any of it: a served model is watched daily and drift in production starts a run.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from modelyard.section import InstanceType, Schedule, Section

Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
# Prepare, Train and Evaluate: what one run of the training pipeline starts.
JOBS_OF_A_RUN = 3
# So late most truths arrive at the latest.
LABEL_DAYS = 14

_Share = Annotated[float, Field(gt=0, le=1, strict=True)]
_Positive = Annotated[float, Field(gt=0, strict=True)]
Route = Annotated[
    str,
    Field(
        pattern=r"^([^@\s:]+@[^@\s:]+\.[^@\s:]+|slack:[CG][0-9A-Z]{6,20}|pagerduty:[a-z][a-z0-9-]{0,30})$"
    ),
]


class Alerts(Section):
    """Who hears what: mail addresses, slack:CHANNEL and pagerduty:NAME, by severity."""

    info: tuple[Route, ...] = ()
    warning: tuple[Route, ...] = ()
    critical: tuple[Route, ...] = ()

    def heard(self, kind: str) -> dict[str, tuple[Severity, ...]]:
        """The severities that each address of a kind (mail, slack, pagerduty) hears."""
        found: dict[str, tuple[Severity, ...]] = {}
        for severity in SEVERITIES:
            for route in getattr(self, severity):
                named, _, address = route.rpartition(":")
                if (named or "mail") == kind:
                    found[address] = (*found.get(address, ()), severity)
        return found


class Sustained(Section):
    """A measured change counts once it shows in `windows` of the last `of`, the latest included."""

    windows: Annotated[int, Field(ge=1, le=30, strict=True)] = 2
    of: Annotated[int, Field(ge=1, le=30, strict=True)] = 5

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if self.windows > self.of:
            raise ValueError(
                f"{self.windows} of the last {self.of} windows can never happen; "
                f"write windows: {self.of} or less, or a larger 'of'"
            )
        return self


class Thresholds(Section):
    """From which value on something counts: rises, shares and rates, and what latency is slow."""

    missing: _Share = 0.05
    quality_drop: _Positive = 0.05
    bias_gap: _Share = 0.1
    capture_gap: _Share = 0.05
    error_rate: _Share = 0.01
    refused_rate: _Share = 0.1
    latency_p99_ms: _Positive = 1000.0
    capture_lag_minutes: _Positive = 60.0
    utilisation: Annotated[float, Field(gt=0, le=100, strict=True)] = 90.0
    shock: _Share = 0.5


class Monitoring(Section):
    """When a served model is watched, from which drift it counts as drifted, and who hears of it.

    Attributes:
        schedule: an EventBridge Scheduler expression (UTC); windows that were missed are caught up.
        window_hours: how much traffic one report covers.
        capture: `endpoint` is SageMaker's data capture; `log` is the container's standard output,
            for accounts in which AWS does not offer capture any more, and for serverless endpoints.
        drift: a population stability index.
        minimum_rows: below it a window is called insufficient, never undrifted.
        instance_type: what the monitoring job runs on.
        label_days: how far back answers are searched for those whose truth arrived late; not said:
            14, and as many more as a forecast looks ahead.
        silent: after how many windows in a row without a request somebody is told; 0 for never.
    """

    schedule: Schedule = "cron(0 6 * * ? *)"
    window_hours: Annotated[int, Field(ge=1, le=168, strict=True)] = 24
    capture: Literal["endpoint", "log"] | None = None
    drift: _Positive = 0.2
    minimum_rows: Annotated[int, Field(ge=1, strict=True)] = 100
    instance_type: InstanceType = "ml.m5.large"
    label_days: Annotated[int, Field(ge=1, le=4000, strict=True)] | None = None
    thresholds: Thresholds = Thresholds()
    sustained: Sustained = Sustained()
    silent: Annotated[int, Field(ge=0, le=30, strict=True)] = 2
    alerts: Alerts = Alerts()

    def capture_door(self, mode: str) -> str:
        """How predictions are captured; a serverless endpoint has no other way than its log."""
        return self.capture or ("log" if mode == "serverless" else "endpoint")

    def reviewed(self, mode: str, days_ahead: int = 0) -> dict[str, Any]:
        """The section as the contract carries it: functions and jobs judge by this.

        `days_ahead` is how far the model's predictions look ahead.
        """
        stated = self.model_dump(mode="json", exclude={"alerts"})
        reach = self.label_days or LABEL_DAYS + days_ahead
        return {**stated, "capture": self.capture_door(mode), "label_days": reach}


def _by_the_clock(value: Any) -> Any:
    """`retrain: rate(7 days)` adds a schedule to the other triggers' defaults."""
    return {"schedule": value} if isinstance(value, str) else value


class Retrain(Section):
    """What starts the training pipeline without a person, how often, and what it may use up.

    However it starts, the run ends in a model package that waits for an approver.

    Attributes:
        schedule: an EventBridge Scheduler expression; nothing runs by the clock without it.
        on: `code` (a new pipeline was published), `data` (new files in the raw bucket), `drift`
            and `quality` (monitoring found them).
        environments: whose findings count; staging's traffic is mostly our own.
        min_days_between: days from one automatic run to the next.
        monthly_hours: instance hours that automatic runs may use in a calendar month.
    """

    schedule: Schedule | None = None
    on: tuple[Literal["code", "data", "drift", "quality"], ...] = ("drift", "quality")
    environments: tuple[Literal["staging", "prod"], ...] = ("prod",)
    min_days_between: Annotated[int, Field(ge=0, le=365, strict=True)] = 7
    monthly_hours: _Positive | None = None

    def reviewed(self, max_runtime_minutes: int) -> dict[str, Any]:
        """The section as the contract carries it, with the hours one run may take at most."""
        most = hours_of_a_run(max_runtime_minutes)
        stated = self.monthly_hours
        return {
            **self.model_dump(mode="json"),
            "run_hours": most,
            "monthly_hours": 4 * most if stated is None else stated,
        }


StatedRetrain = Annotated[Retrain, BeforeValidator(_by_the_clock)]


def hours_of_a_run(max_runtime_minutes: int) -> float:
    """The most instance hours that one run of the training pipeline takes."""
    return JOBS_OF_A_RUN * max_runtime_minutes / 60


def contradictions(
    monitoring: Monitoring,
    retrain: Retrain,
    mode: str,
    max_runtime_minutes: int,
    accounts: Mapping[str, str],
) -> list[tuple[str, str]]:
    """What cannot be true together, as (key, sentence with the fix); accounts by environment."""
    found = []
    if monitoring.capture == "endpoint" and mode == "serverless":
        found.append(
            ("monitoring.capture", "serverless endpoints have no data capture; write 'log'")
        )
    most = hours_of_a_run(max_runtime_minutes)
    if retrain.monthly_hours is not None and retrain.monthly_hours < most:
        found.append(
            (
                "training.retrain.monthly_hours",
                f"{retrain.monthly_hours:g} hours admit no run: with max_runtime_minutes "
                f"{max_runtime_minutes} one may take {most:g}; write at least that",
            )
        )
    channels = monitoring.alerts.heard("slack")
    if channels and len(set(accounts.values())) < len(accounts):
        found.append(
            (
                "monitoring.alerts",
                f"slack:{min(channels)}: AWS takes a channel once per account, and environments "
                "share one here; give each its own account, or write the channel's mail address",
            )
        )
    return found
