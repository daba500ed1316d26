"""A rule that is not in force yet tells, and stops nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from policies.check import told
from policies.guardrails.catalogue import all_rules
from policies.guardrails.judgement import judge
from policies.guardrails.resource import from_graph
from tests.policies.guardrails.twins import TWINS

if TYPE_CHECKING:
    from tests.policies.guardrails.conftest import Entry

MOVABLE = next(twin for twin in TWINS if twin.rule == "immutable-images")
TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("effective", "stands"),
    [
        (TODAY - timedelta(days=1), True),
        (TODAY, True),
        (TODAY + timedelta(days=1), False),
    ],
)
def test_a_breach_stops_from_the_rules_first_day(
    good: Mapping[str, Entry], effective: date, stands: bool
) -> None:
    (rule,) = [each for each in all_rules() if each.id == MOVABLE.rule]
    rules = [replace(rule, effective=effective)]
    judged = judge(from_graph(MOVABLE.of(good).values()), rules, (), TODAY)
    assert bool(judged.findings) is stands
    assert bool(judged.announced) is not stands
    assert ("stops deployments from" in told(judged)) is not stands


def test_every_rule_is_in_force() -> None:
    assert [each.id for each in all_rules() if not each.in_force(TODAY)] == []
