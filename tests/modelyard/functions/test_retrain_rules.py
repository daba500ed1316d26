"""When training starts without a person: switches, pauses, budgets, shocks and what waits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from modelyard.functions.retrain import cause_of
from modelyard.functions.retrain_rules import Cause, Past, Run, decide

NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)
DAY = timedelta(days=1)
RULES: dict[str, Any] = {
    "on": ["code", "data", "drift", "quality"],
    "environments": ["prod"],
    "min_days_between": 7,
    "run_hours": 3.0,
    "monthly_hours": 12.0,
}
DRIFT = Cause("drift", "drift in prod: income moved", NOW, "prod")
NOTHING = Past(runs=())


def ran(days: float, automatic: bool = True, status: str = "Succeeded", hours: float = 1.0) -> Run:
    return Run(NOW - days * DAY, automatic, status, hours)


def test_sustained_drift_starts_a_run() -> None:
    decision = decide(DRIFT, RULES, NOTHING)
    assert (decision.start, decision.reason) == (True, "drift in prod: income moved")


@pytest.mark.parametrize("trigger", ["code", "data", "drift", "quality"])
def test_every_trigger_can_be_switched_off(trigger: Any) -> None:
    cause = Cause(trigger, "why", NOW)
    others = {**RULES, "on": [one for one in RULES["on"] if one != trigger]}
    assert decide(cause, RULES, NOTHING).start
    assert not decide(cause, others, NOTHING).start


def test_findings_of_staging_train_nothing() -> None:
    decision = decide(replace(DRIFT, environment="staging"), RULES, NOTHING)
    assert decision.reason == "findings count in prod, not in staging"


def test_after_a_shock_a_person_is_asked() -> None:
    decision = decide(replace(DRIFT, shock=True), RULES, NOTHING)
    assert (decision.start, decision.ask) == (False, "shock-prod-20261121")


@pytest.mark.parametrize(
    ("past", "reason"),
    [
        (Past([ran(0, False, "Executing")]), "a run is under way"),
        (Past([ran(6.9)]), "the last automatic run began 2026-11-14, 7 days pause"),
        (Past([], waiting=4), "version 4 waits for an approver's decision"),
    ],
    ids=["running", "paused", "undecided"],
)
def test_one_thing_after_another(past: Past, reason: str) -> None:
    decision = decide(DRIFT, RULES, past)
    assert (decision.start, decision.reason, decision.ask) == (False, reason, "")


def test_a_persons_run_pauses_nothing() -> None:
    assert decide(DRIFT, RULES, Past([ran(1, automatic=False)])).start


def test_what_the_month_has_used_up_is_a_persons_decision() -> None:
    past = Past([ran(8, hours=5.0), ran(15, hours=4.5)])
    decision = decide(DRIFT, RULES, past)
    assert (decision.start, decision.ask) == (False, "budget-202611")
    assert "used 9.5 of this month's 12 instance hours" in decision.reason


@pytest.mark.parametrize(
    "past",
    [Past([ran(8, hours=9.0)]), Past([ran(22, hours=50.0)]), Past([ran(8, False, hours=50.0)])],
    ids=["enough left", "last month", "a person's"],
)
def test_a_budget_counts_this_months_automatic_runs(past: Past) -> None:
    assert decide(DRIFT, RULES, past).start


@pytest.mark.parametrize(("arrived", "starts"), [(-1.0, True), (-3.0, False)])
def test_data_that_a_run_has_read_is_no_news(arrived: float, starts: bool) -> None:
    past = Past([ran(2, automatic=False)], newest_data=NOW + arrived * DAY)
    assert decide(Cause("data", "new data", NOW), RULES, past).start is starts


def finding(*kinds: str, shock: bool = False) -> dict[str, Any]:
    """Monitoring's event as it arrives in dev."""
    return {
        "detail-type": "Modelyard Monitoring Finding",
        "time": "2026-11-21T06:00:00Z",
        "detail": {
            "environment": "prod",
            "shock": shock,
            "findings": [{"kind": kind, "sentence": f"{kind} moved"} for kind in kinds],
        },
    }


@pytest.mark.parametrize(
    ("kinds", "on", "trigger"),
    [
        (("drift", "missing"), ["drift", "quality"], "drift"),
        (("quality",), ["drift", "quality"], "quality"),
        (("drift", "quality"), ["quality"], "quality"),
    ],
)
def test_a_finding_stands_for_a_switch_that_is_on(
    kinds: tuple[str, ...], on: list[str], trigger: str
) -> None:
    cause = cause_of(finding(*kinds), {**RULES, "on": on})
    assert cause is not None
    assert (cause.trigger, cause.environment, cause.at) == (trigger, "prod", NOW)


@pytest.mark.parametrize("kind", ["schema", "service", "capture"])
def test_what_training_cannot_cure_starts_nothing(kind: str) -> None:
    assert cause_of(finding(kind), RULES) is None


def test_a_shock_is_a_cause_whatever_else_was_found() -> None:
    cause = cause_of(finding("schema", shock=True), RULES)
    assert cause is not None
    assert cause.shock


EVENTS = [
    ({"trigger": "schedule", "time": "2026-11-21T06:00:00Z"}, "schedule"),
    ({"detail-type": "Object Created", "detail": {"object": {"key": "a/b.csv"}}}, "data"),
    (
        {
            "detail-type": "AWS API Call via CloudTrail",
            "detail": {"requestParameters": {"pipelineName": "loans-dev-train"}},
        },
        "code",
    ),
]


@pytest.mark.parametrize(("event", "trigger"), EVENTS)
def test_every_event_names_its_trigger(event: dict[str, Any], trigger: str) -> None:
    cause = cause_of(event, RULES)
    assert cause is not None
    assert cause.trigger == trigger


def test_an_event_that_is_no_trigger_is_a_defect() -> None:
    with pytest.raises(ValueError, match="no trigger"):
        cause_of({"hello": "world"}, RULES)
