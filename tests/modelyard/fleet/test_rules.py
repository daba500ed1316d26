"""Each rule finds what it is for, and nothing else; what is not known is not judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelyard.fleet.facts import Environment, Measured, Model, Pipeline, Project, Release, Spending
from modelyard.fleet.limits import Limits, Now
from modelyard.fleet.rules import RULES, judge
from tests.modelyard.fleet.known import MOMENT, NEWEST, NOW, ago, environment, project

ROOT = Path(__file__).resolve().parents[3]


def served(**changes: Any) -> Project:
    return project(environment("dev"), environment("prod", **changes))


def with_models(*models: Model) -> Project:
    return project(models=models)


def published(**changes: Any) -> Project:
    good = Pipeline(ago(40), ago(20), NEWEST, NEWEST)
    return project(pipeline=replace(good, **changes))


def left(days: float, **changes: Any) -> Project:
    """A project of which nothing was heard for so many days."""
    silent = environment(
        "prod", release=Release(2, "failed", ago(days)), drift=None, quality=None, **changes
    )
    return project(
        silent, pipeline=Pipeline(ago(days), ago(days), NEWEST, NEWEST),
        models=(Model(2, "Approved", ago(days)),),
    )  # fmt: skip


DONE = Release(2, "done", ago(10))
# Rule, project, and a part of each sentence that must be said, in order.
CASES: list[tuple[str, Project, list[str]]] = [
    ("abandoned", left(91), ["no run, release or judged window for 91 days; still served in prod"]),
    ("abandoned", left(91, endpoint=None), ["no run, release or judged window for 91 days"]),
    ("abandoned", left(89), []),
    # That monitoring looks is no sign; that it judged traffic is one.
    ("abandoned", left(91, heartbeat=Measured(0.0, ago(1))), ["for 91 days"]),
    (
        "abandoned",
        replace(left(91), environments=(environment("prod", drift=Measured(0.1, ago(2))),)),
        [],
    ),
    (
        "abandoned",
        project(environment("dev"), pipeline=None, models=()),
        ["never used since it was applied 200 days ago"],
    ),
    (
        "abandoned",
        project(environment("dev", applied=ago(5)), pipeline=None, models=()),
        [],
    ),
    (
        "unapproved-model",
        with_models(Model(1, "Approved", ago(60)), Model(2, "Rejected", ago(20))),
        ["staging serves version 2, which is Rejected", "prod serves version 2"],
    ),
    (
        "unapproved-model",
        with_models(Model(1, "Approved", ago(60))),
        ["which the registry does not hold", "which the registry does not hold"],
    ),
    (
        "unapproved-model",
        with_models(Model(2, "Approved", ago(20), "Production Rejected")),
        ["prod serves version 2, whose stage is Production Rejected"],
    ),
    # A list that does not tell the stage proves nothing against it.
    ("unapproved-model", with_models(Model(2, "Approved", ago(20))), []),
    ("unwatched", served(heartbeat=None), ["prod serves and was never monitored"]),
    (
        "unwatched",
        served(heartbeat=Measured(0.0, ago(5))),
        ["prod was last monitored 5 days ago"],
    ),
    ("unwatched", served(heartbeat=Measured(0.0, ago(3.5))), []),
    ("unwatched", served(heartbeat=None, release=Release(2, "done", ago(1))), []),
    ("unwatched", served(heartbeat=None, release=None), []),
    ("broken-endpoint", served(endpoint="Failed"), ["prod: the endpoint is Failed"]),
    ("broken-endpoint", served(endpoint=None), ["prod: the endpoint is gone"]),
    ("broken-endpoint", served(endpoint=None, mode="batch"), []),
    ("broken-endpoint", served(endpoint="Updating"), []),
    (
        "stuck-release",
        served(release=Release(3, "refused", ago(30))),
        ["the release of version 3 ended 30 days ago as refused"],
    ),
    ("stuck-release", served(release=Release(3, "failed", ago(29))), []),
    ("stuck-release", served(release=Release(3, "baking", ago(90))), []),
    (
        "incomplete-card",
        project(environment("dev", card_gaps=("risk.hazards", "risk.review_date"))),
        ["does not state risk.hazards, risk.review_date"],
    ),
    ("incomplete-card", project(environment("dev", risk="limited", card_gaps=("x",))), []),
    (
        "over-budget",
        served(spending=Spending(500.0, 500.01)),
        ["prod has cost 500 USD this month of 500"],
    ),
    ("over-budget", served(spending=Spending(500.0, 500.0)), []),
    ("over-budget", served(spending=None), ["prod has no budget"]),
    ("old-package", published(package="0.3.9"), ["modelyard 0.3.9, 2 minor versions behind"]),
    ("old-package", published(package="0.4.0"), []),
    ("old-package", published(package=None), ["of an unknown version"]),
    ("old-package", published(package="latest"), ["'latest', which is no version"]),
    ("old-package", project(pipeline=None), []),
    ("old-template", published(template="0.2.0"), ["template 0.2.0, 3 minor versions behind"]),
    ("old-template", published(template="0.4.1"), []),
    (
        "old-workspace",
        served(modelyard="0.1.0"),
        ["prod was applied by modelyard 0.1.0, 4 minor versions behind"],
    ),
    ("old-template", published(template=None), ["of an unknown version"]),
    # What publishing says of a repo that was adopted, not generated.
    ("old-template", published(template="unknown"), []),
    ("old-workspace", served(modelyard="0.4.0"), []),
    (
        "superseded",
        with_models(
            Model(2, "Approved", ago(60), "Production Approved"),
            Model(3, "Approved", ago(31), "Production Approved"),
        ),
        ["staging serves version 2; version 3, 31 days old", "prod serves version 2"],
    ),
    # Approved for staging only: production waits for its second gate.
    (
        "superseded",
        with_models(Model(2, "Approved", ago(60)), Model(3, "Approved", ago(31))),
        ["staging serves version 2"],
    ),
    ("superseded", with_models(Model(2, "Approved", ago(60)), Model(3, "Approved", ago(9))), []),
    ("superseded", with_models(Model(2, "Approved", ago(60)), Model(3, "Rejected", ago(31))), []),
    (
        "old-model",
        with_models(Model(2, "Approved", ago(366))),
        ["staging serves version 2, which is 366 days old", "prod"],
    ),
    ("old-model", with_models(Model(2, "Approved", ago(365))), []),
]


@pytest.mark.parametrize(("rule", "found", "sentences"), CASES)
def test_rule_says(rule: str, found: Project, sentences: list[str]) -> None:
    said = [one.sentence for one in judge(found, NOW).findings if one.rule.name == rule]
    assert len(said) == len(sentences)
    assert [part for part, told in zip(sentences, said, strict=True) if part not in told] == []


def test_every_rule_is_seen_to_bite_and_to_keep_quiet() -> None:
    assert {rule for rule, _, said in CASES if said} == {one.name for one in RULES}
    assert {rule for rule, _, said in CASES if not said} == {one.name for one in RULES}


def test_a_project_in_good_order_breaks_no_rule() -> None:
    verdict = judge(project(), NOW)
    assert (verdict.findings, verdict.unjudged) == ((), {})


@pytest.mark.parametrize("rule", [one for one in RULES if one.needs], ids=lambda one: one.name)
def test_what_is_not_known_is_not_judged(rule: Any) -> None:
    lacking = {rule.needs[0]: "AWS denies it"}
    # Nothing is there, as for an account that answered nothing.
    empty = Environment(environment("prod").record, ago(300), unknown=lacking)
    verdict = judge(project(empty, pipeline=None, models=(), unknown=lacking), NOW)
    assert verdict.unjudged[rule.name] == f"{rule.needs[0]}: AWS denies it"
    assert rule.name not in [one.rule.name for one in verdict.findings]


@pytest.mark.parametrize(
    ("limits", "found", "rule"),
    [
        (Limits(abandoned_after=10), left(11), "abandoned"),
        (Limits(minor_versions=0), published(package="0.4.9"), "old-package"),
        (Limits(model_days=10), with_models(Model(2, "Approved", ago(11))), "old-model"),
    ],
)
def test_limits_are_the_callers(limits: Limits, found: Project, rule: str) -> None:
    verdict = judge(found, Now(MOMENT, NEWEST, limits))
    assert rule in [one.rule.name for one in verdict.findings]
    assert rule not in [one.rule.name for one in judge(found, NOW).findings]


def test_every_control_that_a_rule_names_exists() -> None:
    controls = yaml.safe_load((ROOT / "policies" / "controls.yaml").read_text())
    known = {one["id"] for one in controls["controls"]}
    assert {one.control for one in RULES if one.control} <= known


def test_every_page_that_a_fix_names_exists() -> None:
    named = [word.strip("();,") for one in RULES for word in one.fix.split() if "docs/" in word]
    assert [page for page in named if not (ROOT / page).exists()] == []


def test_rules_are_told_in_the_docs() -> None:
    page = (ROOT / "docs" / "fleet.md").read_text()
    assert [one.name for one in RULES if f"| `{one.name}` |" not in page] == []
