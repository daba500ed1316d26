"""modelyard monitor: starts a run, follows it, tells the findings, and exits by their severity."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from modelyard.aws import Place
from modelyard.cli import main
from modelyard.commands import options
from modelyard.project import Project

REPORT = "s3://evidence/reports/monitoring/20260102T0000Z-24h-on-demand/"
NOW = datetime(2026, 1, 3, tzinfo=UTC)
STARTED = {"window": "w", "execution_arn": "arn:x/execution/1", "report": REPORT}
SUMMARY = {
    "verdict": "ok",
    "rows": 1200,
    "served": 1300,
    "captured": 1200,
    "findings": [
        {"severity": "critical", "sentence": "loanprc moved.", "advice": "Ask the source."},
        {"severity": "info", "sentence": "A new column came.", "advice": "Nothing."},
    ],
}


@pytest.fixture
def run(project: Project, project_file: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command against a watch function, a run and a report; what it was asked."""
    asked: list[dict[str, Any]] = []

    def go(
        *arguments: str, answer: Any = STARTED, status: str = "Succeeded", verdict: str = "ok"
    ) -> tuple[int, list[dict[str, Any]]]:
        def invoke(FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
            asked.append(json.loads(Payload))
            return {"Payload": io.BytesIO(json.dumps(answer).encode())}

        def get_object(Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
            page = Key.endswith("report.html")
            text = "<html>" if page else json.dumps({**SUMMARY, "verdict": verdict})
            return {"Body": io.BytesIO(text.encode())}

        step = {"StepName": "Monitor", "StepStatus": "Failed", "FailureReason": "no window"}
        steps = [step] if status == "Failed" else []
        sagemaker = SimpleNamespace(
            meta=SimpleNamespace(endpoint_url="http://127.0.0.1"),
            describe_pipeline_execution=lambda **_: {"PipelineExecutionStatus": status},
            get_paginator=lambda _: SimpleNamespace(
                paginate=lambda **_: [{"PipelineExecutionSteps": steps}]
            ),
        )
        clients = {
            ("lambda", "eu-west-1"): SimpleNamespace(invoke=invoke),
            ("s3", "eu-west-1"): SimpleNamespace(get_object=get_object),
            ("sagemaker", "eu-west-1"): sagemaker,
        }
        monkeypatch.setattr(options, "place", lambda _: Place(project, "prod", clients))
        monkeypatch.setattr(Place, "workspace", lambda _: SimpleNamespace(watch_function="w"))
        return main(["monitor", "--project", str(project_file), *arguments]), asked

    return go


Run = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ((), {"action": "run"}),
        (("--window", "6"), {"action": "run", "hours": 6.0}),
        (
            ("--from", "2026-01-02", "--to", "2026-01-02T12:00+02:00"),
            {"action": "run", "start": "2026-01-02T00:00:00Z", "end": "2026-01-02T10:00:00Z"},
        ),
    ],
)
def test_the_window_is_asked_for_in_the_functions_words(
    run: Run, arguments: tuple[str, ...], wanted: dict[str, Any]
) -> None:
    assert run(*arguments) == (0, [wanted])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--window", "6", "--from", "2026-01-02"), "exclude each other"),
        (("--to", "2026-01-02"), "--to needs --from"),
        (("--window", "0"), "give 1 to 744 hours"),
        (("--from", "noon"), "--from noon: is no time"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(
    run: Run, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    assert run(*arguments) == (1, [])
    assert told in capsys.readouterr().err


def test_findings_are_told_with_what_to_do_and_where_the_page_is(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--follow")[0] == 0
    told = capsys.readouterr().out
    assert "verdict ok: 1,200 rows, 1,200 requests captured of 1,300 served" in told
    assert "critical loanprc moved.\n           Ask the source." in told
    assert f"page: {REPORT}report.html" in told
    assert "Nothing." not in told


@pytest.mark.parametrize(("verdict", "code"), [("warning", 0), ("critical", 3), ("failed", 3)])
def test_the_exit_code_tells_what_cannot_be_lived_with(run: Run, verdict: str, code: int) -> None:
    assert run("--follow", verdict=verdict)[0] == code


def test_the_page_can_be_kept(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "kept" / "page.html"
    assert run("--page", str(page))[0] == 0
    assert page.read_text() == "<html>"


def test_a_failed_run_is_told_with_its_step(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--follow", status="Failed")[0] == 1
    assert "Monitor failed: no window" in capsys.readouterr().err


def test_nothing_served_yet_is_one_line(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(answer={"started": [], "why": "nothing is served in prod yet"})[0] == 1
    assert "nothing was started: nothing is served in prod yet" in capsys.readouterr().err
