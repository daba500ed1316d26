"""What is shown of a fleet, in which order, in the terminal, as JSON and as a page."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from modelyard.errors import ModelyardError
from modelyard.fleet import document, page, table
from modelyard.fleet.facts import Measured, Project, Spending
from modelyard.fleet.limits import Limits
from modelyard.fleet.projects import Gap
from modelyard.fleet.report import Report, report
from tests.modelyard.fleet.known import PLACE, ago, environment, fleet, project

GAP = Gap(PLACE, "budgets", "AWS denies DescribeBudgets: no")


def named(name: str, **changes: Any) -> Project:
    stated = [environment(one, project=name, **changes) for one in ("dev", "prod")]
    return replace(project(*stated), name=name)


GOOD = named("good")
OVERSPENT = named("overspent", spending=Spending(500.0, 600.0))
LEFT = replace(
    named("left", release=None, drift=None, quality=None, endpoint=None, applied=ago(200)),
    models=(), pipeline=None,
)  # fmt: skip
RAGING = named("raging", alarms=("endpoint-errors",), drift=Measured(0.31, ago(0.5)))


def shown(*projects: Project, gaps: tuple[Gap, ...] = (), **asked: Any) -> Report:
    return report(fleet(*projects, gaps=gaps), Limits(), **asked)


def test_what_needs_attention_most_comes_first() -> None:
    found = shown(GOOD, RAGING, LEFT, OVERSPENT)
    assert [one.project.name for one in found.verdicts] == ["overspent", "left", "raging", "good"]
    assert found.sentence == "4 projects: 1 non-compliant, 1 abandoned"


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"only": "abandoned"}, ["left"]),
        ({"only": "non-compliant"}, ["overspent"]),
        ({"names": ["good"]}, ["good"]),
        ({"names": ["good", "left"], "only": "abandoned"}, ["left"]),
    ],
)
def test_options_choose_what_is_shown(asked: dict[str, Any], names: list[str]) -> None:
    found = shown(GOOD, LEFT, OVERSPENT, **asked)
    assert [one.project.name for one in found.verdicts] == names


def test_a_project_that_does_not_exist_is_one_line() -> None:
    with pytest.raises(ModelyardError, match=f"--project lones: no such project in {PLACE}"):
        shown(GOOD, names=["lones"])
    # Where something could not be read, it may well exist.
    assert shown(GOOD, names=["lones"], gaps=(GAP,)).sentence.startswith("No project matches")


def test_terminal_tells_findings_their_fix_once_and_what_is_not_known() -> None:
    lines = list(table.lines(shown(GOOD, OVERSPENT, RAGING, gaps=(GAP,))))
    assert lines[1].startswith("overspent  credit-risk  high  0.5.0")
    assert "  over-budget: dev has cost 600 USD this month of 500" in lines
    assert "  alarm: dev endpoint-errors, prod endpoint-errors" in lines
    assert sum(line.startswith("fix over-budget: ") for line in lines) == 1
    assert f"not known: {PLACE}: budgets: AWS denies DescribeBudgets: no" in lines
    assert lines[-1].startswith("3 projects: 1 non-compliant, 0 abandoned; 1 thing is not known")


def test_a_source_that_is_missing_is_a_question_mark_and_never_a_zero() -> None:
    blind = named("blind", spending=None, unknown={"budgets": GAP.reason})
    lines = list(table.lines(shown(blind, gaps=(GAP,))))
    assert "  ?  " in lines[1]
    assert f"  not judged by over-budget: budgets: {GAP.reason}" in lines
    (told,) = document.document(shown(blind, gaps=(GAP,)))["projects"]
    assert told["usd"] is None
    assert told["unjudged"] == {"over-budget": f"budgets: {GAP.reason}"}


def test_a_repo_that_was_adopted_follows_no_template() -> None:
    pipeline = GOOD.pipeline
    assert pipeline is not None
    adopted = replace(GOOD, pipeline=replace(pipeline, template="unknown", repository="unknown"))
    assert "  none      " in list(table.lines(shown(adopted)))[1]
    assert document.document(shown(adopted))["projects"][0]["repository"] is None


def test_json_says_everything_and_is_json() -> None:
    told = json.loads(json.dumps(document.document(shown(RAGING, OVERSPENT, LEFT))))
    assert told["counts"] == {"projects": 3, "abandoned": 1, "non-compliant": 1}
    first = told["projects"][0]
    assert first["findings"][0] | {"fix": ""} == {
        "rule": "over-budget", "kind": "non-compliant", "control": "known-cost", "fix": "",
        "sentence": "dev has cost 600 USD this month of 500",
    }  # fmt: skip
    assert first["environments"]["prod"]["release"]["version"] == 2
    assert first["environments"]["prod"]["drift"] == {
        "value": 0.05, "at": "2026-06-30T00:00:00+00:00"
    }  # fmt: skip


def test_page_shows_each_project_its_findings_rules_and_gaps() -> None:
    text = page.page(shown(GOOD, RAGING, LEFT, OVERSPENT, gaps=(GAP,)))
    assert text.count("<tr data-kinds=") == 4
    assert "dev has cost 600 USD this month of 500" in text
    assert "never used since it was applied 200 days ago" in text
    assert "AWS denies DescribeBudgets: no" in text
    assert "<span class='chip warning'>0.310</span>" in text
    assert "src=" not in text


def test_page_escapes_what_teams_write() -> None:
    hostile = "<script>alert(1)</script>"
    text = page.page(shown(named("loans", owner=hostile)))
    assert hostile not in text
    assert "&lt;script&gt;alert(1)" in text


def test_page_of_an_empty_fleet_says_so() -> None:
    empty = report(replace(fleet(), projects=()), Limits())
    assert "No project was found" in page.page(empty)
    assert list(table.lines(empty))[-1].startswith("No project was found")
