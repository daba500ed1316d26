"""The monitoring section and training.retrain: what nobody has to write, and early refusals."""

from pathlib import Path

import pytest

from modelyard.errors import ProjectError
from modelyard.monitoring_section import Alerts, Monitoring, Retrain
from modelyard.project import Project, load


def stated(project_file: Path, text: str) -> Project:
    project_file.write_text(project_file.read_text() + f"\n{text}\n")
    return load(project_file)


def test_a_served_model_is_watched_daily_without_a_word(project: Project) -> None:
    assert project.monitoring.schedule == "cron(0 6 * * ? *)"
    assert (project.monitoring.window_hours, project.monitoring.minimum_rows) == (24, 100)
    assert (project.monitoring.sustained.windows, project.monitoring.sustained.of) == (2, 5)


def test_drift_in_production_starts_a_run_without_a_word(project: Project) -> None:
    retrain = project.training.retrain
    assert (retrain.on, retrain.environments) == (("drift", "quality"), ("prod",))
    assert retrain.schedule is None


def test_a_bare_schedule_is_added_to_the_other_triggers(project_file: Path) -> None:
    retrain = stated(project_file, "training: {retrain: rate(7 days)}").training.retrain
    assert retrain.schedule == "rate(7 days)"
    assert retrain.on == ("drift", "quality")


def test_every_trigger_can_be_switched_off(project_file: Path) -> None:
    retrain = stated(project_file, "training: {retrain: {on: []}}").training.retrain
    assert (retrain.schedule, retrain.on) == (None, ())


def test_a_month_admits_four_runs_at_their_longest_by_default() -> None:
    reviewed = Retrain().reviewed(max_runtime_minutes=60)
    assert (reviewed["run_hours"], reviewed["monthly_hours"]) == (3, 12)


@pytest.mark.parametrize(
    ("mode", "capture", "door"),
    [
        ("real-time", None, "endpoint"),
        ("real-time", "log", "log"),
        ("serverless", None, "log"),
    ],
)
def test_the_door_of_capture_follows_from_how_predictions_are_served(
    mode: str, capture: str | None, door: str
) -> None:
    monitoring = Monitoring.model_validate({"capture": capture})
    assert monitoring.reviewed(mode)["capture"] == door


def test_addresses_are_known_by_kind_with_what_they_hear() -> None:
    alerts = Alerts.model_validate(
        {
            "warning": ["team@example.com", "slack:C0123ABCD"],
            "critical": ["team@example.com", "pagerduty:payments"],
        }
    )
    assert alerts.heard("mail") == {"team@example.com": ("warning", "critical")}
    assert alerts.heard("slack") == {"C0123ABCD": ("warning",)}
    assert alerts.heard("pagerduty") == {"payments": ("critical",)}


MISTAKES = [
    (
        "monitoring: {sustained: {windows: 4, of: 3}}",
        "monitoring.sustained: 4 of the last 3 windows can never happen; write windows: 3 or less",
    ),
    (
        "monitoring: {alerts: {critical: [oncall]}}",
        "monitoring.alerts.critical[0]: 'oncall': write oncall@example.com, slack:C0123ABCD or",
    ),
    (
        "monitoring: {alerts: {critical: ['https://events.pagerduty.com/integration/key/enqueue']}}",
        "write oncall@example.com, slack:C0123ABCD or pagerduty:NAME",
    ),
    (
        "monitoring: {alerts: {warning: ['slack:C0123ABCD']}}",
        "monitoring.alerts: slack:C0123ABCD: AWS takes a channel once per account",
    ),
    (
        "serving: {mode: serverless}\nmonitoring: {capture: endpoint}",
        "monitoring.capture: serverless endpoints have no data capture; write 'log'",
    ),
    (
        "training: {retrain: {monthly_hours: 2.0}}",
        "training.retrain.monthly_hours: 2 hours admit no run: with max_runtime_minutes 60 one may",
    ),
    (
        "training: {retrain: {on: [weather]}}",
        "training.retrain.on[0]: 'weather' is not one of code, data, drift, quality",
    ),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_each_mistake_is_told_with_its_key_and_its_fix(
    project_file: Path, text: str, message: str
) -> None:
    with pytest.raises(ProjectError) as refusal:
        stated(project_file, text)
    assert message in str(refusal.value)
