"""Alarms in words: a subject that fits, and every question a woken person asks answered."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from modelyard.functions.alert_state import FAILED, SHOCK, Alarm, News
from modelyard.functions.alert_text import body, subject

SINCE = datetime(2026, 11, 20, 5, tzinfo=UTC)
FACTS = {"project": "loans", "environment": "prod"}
REPORT = "s3://evidence/reports/monitoring/20261120T0500Z-24h/report.html"
SUMMARY: dict[str, Any] = {
    "served": 1240,
    "model_package_arn": "arn:aws:sagemaker:us-east-1:1:model-package/loans/3",
    "window": {"start": "2026-11-20T05:00:00Z", "end": "2026-11-21T05:00:00Z"},
}


def alarm(name: str, kind: str = "drift", severity: str = "warning", **finding: Any) -> Alarm:
    column = name.partition(":")[2] or None
    stated = {"kind": kind, "severity": severity, "column": column, "sentence": f"{name} moved."}
    return Alarm(name, severity, SINCE, {**stated, "share": 0.4, **finding})


INCOME = alarm("drift:income")


def text(*opened: Alarm, **news: Any) -> str:
    return body(News(tuple(opened), **news), FACTS, SUMMARY, REPORT)


def line(message: str, title: str) -> str:
    """What stands beside a title."""
    (found,) = [one for one in message.splitlines() if one.startswith(title)]
    return found.removeprefix(title).strip()


def test_the_message_answers_every_question() -> None:
    message = text(INCOME)
    assert message.startswith("WARNING: loans in prod, model version 3\n")
    assert line(message, "What changed") == "drift:income moved."
    assert line(message, "Since") == "2026-11-20 05:00 UTC"
    assert "source changed its meaning" in line(message, "Likely cause")
    assert line(message, "Affected") == "40% of 1,240 predictions in the window"
    assert line(message, "Look closer").startswith("modelyard monitor --env prod --from 2026-11-20")
    assert line(message, "Report") == REPORT
    assert f"aws s3 cp {REPORT}" in message
    assert "modelyard silence --env prod --finding drift:income" in line(message, "Silence")


def test_the_worst_comes_first_and_names_the_message() -> None:
    news = News((INCOME, alarm("drift:debt", severity="critical", share=0.1)))
    assert subject(news, "loans", "prod") == "[critical] loans prod: debt, income"


def test_a_subject_fits_what_sns_takes() -> None:
    many = tuple(alarm(f"drift:column_number_{number}") for number in range(20))
    found = subject(News((*many, alarm("drift:größe"))), "loans", "prod")
    assert len(found) <= 100
    assert found.isascii()


def test_predictions_are_called_so() -> None:
    found = subject(News((alarm("prediction:x", "prediction", column="(score)"),)), "loans", "prod")
    assert found == "[warning] loans prod: predictions"


def test_a_long_list_is_cut_and_says_so() -> None:
    assert "4 more; the report has all" in text(*(alarm(f"drift:c{one}") for one in range(12)))


def test_after_a_shock_nothing_happens_by_itself() -> None:
    message = text(Alarm(SHOCK, "critical", SINCE), INCOME)
    assert "most features moved at once" in message
    assert line(message, "Affected").startswith("100%")
    assert line(message, "What happens").startswith("nothing by itself: training on a broken feed")


@pytest.mark.parametrize(
    ("kind", "words"),
    [("drift", "dev trains a challenger"), ("schema", "a person has to look")],
)
def test_it_says_what_will_happen(kind: str, words: str) -> None:
    assert words in line(text(alarm("x:y", kind)), "What happens")


def test_a_failed_run_leads_to_its_steps() -> None:
    failed = Alarm(FAILED, "critical", SINCE, {"sentence": "the monitoring run failed: no image"})
    message = body(News((failed,)), FACTS, {"execution_arn": "arn:x"}, "")
    assert line(message, "Look closer").endswith("--pipeline-execution-arn arn:x")
    assert "no image" in message


def test_what_is_over_is_information() -> None:
    news = News(closed=(replace(INCOME, told=SINCE),))
    assert subject(news, "loans", "prod") == "[over] loans prod: income"
    message = body(news, FACTS, SUMMARY, REPORT)
    assert message.startswith("INFO: loans in prod")
    assert "Silence" not in message


def test_what_lasts_a_week_says_that_it_still_does() -> None:
    news = News(reminded=(INCOME,))
    assert subject(news, "loans", "prod").startswith("[still warning]")
    assert "Still so" in body(news, FACTS, SUMMARY, REPORT)
