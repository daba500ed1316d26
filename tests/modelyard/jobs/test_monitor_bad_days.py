"""Bad days of a served model: each has one report a person can act on, and none passes as fine."""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.modelyard.jobs.watched import START, Watched, applications, found, watch


@pytest.fixture
def window(mortgage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """A window over the mortgage model, in which nothing has been served yet."""
    return watch(mortgage, tmp_path / "ml", monkeypatch)


def test_a_capture_gap_is_told_with_both_counts(window: Watched) -> None:
    window.serve(applications(300))
    window.window = {"served": 520, "errors_4xx": 20}
    (finding,) = found(window.report(), "capture")
    assert (finding["id"], finding["severity"]) == ("capture:gap", "warning")
    assert "500 answered, 300 captured" in finding["sentence"]


def test_malformed_capture_lines_are_told_by_reason(window: Watched) -> None:
    window.serve(applications(300))
    for line in ["{broken", {"hello": 1}] * 10:
        window.store(line)
    window.window = {"served": 300}
    report = window.report()
    (finding,) = found(report, "capture")
    assert (finding["id"], report["rows"]) == ("capture:malformed", 300)
    assert "10: the line is not JSON" in finding["sentence"]


def test_a_renamed_column_is_told_by_both_names(window: Watched) -> None:
    rows = applications(400)
    renamed = [{("loan_price" if k == "loanprc" else k): v for k, v in r.items()} for r in rows]
    window.serve(renamed, answered=rows)
    report = window.report()
    assert report["verdict"] == "critical"
    finding = next(one for one in report["findings"] if one["column"] == "loanprc")
    assert "loan_price" in finding["sentence"] + str(finding["cause"])


def test_a_unit_changed_by_a_thousand_is_recognised(window: Watched) -> None:
    rows = [row | {"loanamt": row["loanamt"] * 1000} for row in applications(400)]
    window.serve(rows)
    report = window.report()
    told = [one["sentence"] for one in report["findings"] if one["column"] == "loanamt"]
    assert report["verdict"] == "critical"
    assert "looks multiplied by 1,0" in told[0]


def test_a_yes_recoded_to_other_words_is_told(window: Watched) -> None:
    rows = [row | {"married": "yes" if row["married"] else "no"} for row in applications(400)]
    window.serve(rows)
    report = window.report()
    (finding,) = found(report, "category")
    assert (report["verdict"], finding["severity"], finding["share"]) == ("warning", "warning", 1.0)
    assert "married looks recoded: 100% of the rows say 'no' or 'yes'" in finding["sentence"]


def test_a_category_recoded_to_other_names_is_told(window: Watched) -> None:
    words = {0: "none", 1: "one", 2: "two", 3: "three", 4: "four"}
    rows = applications(400)
    recoded = [row | {"dep": words.get(row["dep"], "more")} for row in rows]
    window.serve(recoded, answered=rows)
    report = window.report()
    (finding,) = found(report, "category")
    assert (report["verdict"], finding["column"], finding["severity"]) == (
        "critical",
        "dep",
        "critical",
    )
    assert finding["share"] > 0.9


@pytest.mark.parametrize("value", [100.0, None], ids=["constant", "all null"])
def test_a_column_that_says_nothing_any_more_is_told(window: Watched, value: float | None) -> None:
    rows = [row | {"loanprc": value} for row in applications(400)]
    window.serve(rows, answered=applications(400))
    report = window.report()
    severities = [one["severity"] for one in report["findings"] if one["column"] == "loanprc"]
    assert "critical" in severities


def test_a_tiny_window_is_insufficient_never_fine(window: Watched) -> None:
    window.serve(applications(12))
    report = window.report()
    assert (report["verdict"], report["rows"]) == ("insufficient", 12)
    names = {one["name"] for one in window.read("summary.json")["metrics"]}
    assert "DriftScore" not in names


def test_records_of_a_wrong_clock_are_told(window: Watched) -> None:
    window.serve(applications(200))
    window.serve(
        applications(200, seed=3), START + timedelta(days=400), prefix="skewed", stored=START
    )
    window.window = {"served": 400}
    report = window.report()
    told = {one["id"]: one for one in found(report, "capture")}
    assert {"capture:skew", "capture:gap"} <= set(told)
    assert (report["rows"], report["capture"]["skewed"]) == (200, 200)


def test_labels_that_contradict_are_told_and_not_believed(window: Watched) -> None:
    window.serve(applications(300))
    time = "2026-01-02T22:00:00Z"
    window.label(
        [
            {"inference_id": name, "label": label, "time": time}
            for name in window.ids[:100]
            for label in (0, 1)
        ]
    )
    report = window.report()
    (finding,) = found(report, "capture")
    assert finding["id"] == "capture:labels"
    assert report["quality"]["labels"]["contradicting"] == 100
    assert report["quality"]["now"]["rows"] == 0


@pytest.mark.parametrize("name", ["baseline_profile.json", "evaluation.json"])
def test_a_missing_baseline_is_a_failed_verdict_with_a_report(window: Watched, name: str) -> None:
    window.serve(applications(300))
    (window.folder / "baseline" / name).unlink()
    report = window.report()
    assert report["verdict"] == "failed"
    assert "is missing" in found(report, "service")[0]["sentence"]
    assert window.output("report.html").is_file()


def test_the_baseline_of_another_model_is_not_compared_with(window: Watched) -> None:
    window.serve(applications(300))
    file = window.folder / "baseline" / "baseline_profile.json"
    document = json.loads(file.read_text()) | {"model": {"sha256": "0" * 64}}
    file.write_text(json.dumps(document))
    assert "belongs to another model" in found(window.report(), "service")[0]["sentence"]


def test_a_silent_endpoint_is_told_once_it_lasts(window: Watched) -> None:
    window.serve(applications(300))
    window.report()
    summary = window.read("summary.json")
    window.remember(summary, days=2)
    window.remember(summary | {"served": 0, "rows": 0, "verdict": "insufficient"}, days=1)
    window.stored.clear()
    shutil.rmtree(window.folder / "captured" / "capture")
    window.window = {"served": 0}
    report = window.report()
    (finding,) = found(report, "service")
    assert (finding["id"], finding["severity"]) == ("service:silent", "critical")
    assert "the last 2 windows" in finding["sentence"]


def test_one_quiet_window_is_no_alarm(window: Watched) -> None:
    report = window.report()
    assert report["verdict"] == "insufficient"
    assert found(report, "service")[0]["severity"] == "info"


def break_window(window: Watched) -> None:
    window.window = {"end": "2026-01-01T00:00:00Z"}


def lose_model(window: Watched) -> None:
    shutil.rmtree(window.folder / "model")
    (window.folder / "model").mkdir()


def mistake_window(window: Watched) -> None:
    window.environment.setenv("MODELYARD_WINDOW", "2026-01-05T00:00:00Z/2026-01-06T00:00:00Z")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (break_window, "start is not before end"),
        (lose_model, "holds no manifest.json"),
        (mistake_window, "start it with the manifest of its own window"),
    ],
)
def test_a_monitor_that_cannot_judge_fails_with_its_reason(
    window: Watched, spoil: Any, reason: str
) -> None:
    window.serve(applications(20))
    spoil(window)
    assert window.run() == 1
    assert reason in window.message
