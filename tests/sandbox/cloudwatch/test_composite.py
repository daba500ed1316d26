"""Rules of composite alarms read as CloudWatch reads them."""

from __future__ import annotations

import pytest

from sandbox.cloudwatch.composite import RuleError, parse

STATES = {"errors": "ALARM", "slow": "OK", "new one": "INSUFFICIENT_DATA"}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("ALARM(errors)", True),
        ('ALARM("errors") AND OK("slow")', True),
        ("ALARM(errors) AND ALARM(slow)", False),
        ("ALARM(slow) OR ALARM(errors) AND OK(slow)", True),
        ("NOT (ALARM(slow) OR ALARM(errors))", False),
        ('INSUFFICIENT_DATA("new one")', True),
        ("ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors)", True),
        ("TRUE AND NOT FALSE", True),
    ],
)
def test_a_rule_holds_or_not(text: str, holds: bool) -> None:
    assert parse(text).holds(STATES.__getitem__) is holds


def test_a_rule_names_its_alarms() -> None:
    assert parse('ALARM(errors) OR ALARM("new one") OR OK(errors)').alarms == ("errors", "new one")


@pytest.mark.parametrize(
    "text", ["", "ALARM()", "ALARM(a) AND", "(ALARM(a)", "BROKEN(a)", "ALARM(a) x"]
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(RuleError):
        parse(text)
