"""The monitor job over real mortgage traffic: what it says of good days and of changed ones."""

import json
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from modelyard.jobs import monitor
from tests.modelyard.jobs.watched import START, Watched, applications, found, watch


@pytest.fixture
def window(mortgage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """A window over the mortgage model, in which nothing has been served yet."""
    return watch(mortgage, tmp_path / "ml", monkeypatch)


def truth(window: Watched, wrong: float = 0.0) -> None:
    """Labels that agree with the decisions' probabilities, except for a share that is wrong."""
    dice = random.Random(5)
    labels: list[dict[str, Any]] = []
    for name, one in zip(window.ids, window.lines, strict=True):
        said = json.loads(one["captureData"]["endpointOutput"]["data"])["predictions"][0]
        label = int(dice.random() < said["probability"])
        labels.append({"inference_id": name, "label": label, "time": "2026-01-02T23:00:00Z"})
    for one in dice.sample(labels, int(wrong * len(labels))):
        one["label"] = 1 - one["label"]
    window.label(labels)


def test_traffic_like_training_is_fine(window: Watched) -> None:
    window.serve(applications(800))
    report = window.report()
    assert (report["verdict"], report["rows"], report["shock"]) == ("ok", 800, False)
    assert report["capture"]["gap"] == 0
    assert [one for one in report["findings"] if one["severity"] != "info"] == []


def test_a_shifted_column_is_told_with_its_numbers(window: Watched) -> None:
    rows = applications(800)
    window.serve([row | {"loanprc": row["loanprc"] * 1.6} for row in rows])
    report = window.report()
    (finding,) = found(report, "drift")
    assert (report["verdict"], finding["severity"]) == ("critical", "critical")
    assert (finding["id"], finding["column"]) == ("drift:loanprc", "loanprc")
    assert finding["value"] > finding["threshold"]
    assert 0 < finding["importance"] <= 1


def test_summary_carries_what_alerts_need(window: Watched) -> None:
    rows = applications(800)
    window.serve([row | {"loanprc": row["loanprc"] * 1.6} for row in rows])
    report, summary = window.report(), window.read("summary.json")
    metrics = {one["name"]: one["value"] for one in summary["metrics"]}
    assert {"DriftScore", "DriftedFeatures", "CaptureGap", "MonitoredRows"} <= set(metrics)
    assert metrics["MonitoredRows"] == 800
    assert summary["metrics"][0]["dimensions"] == {"Project": "team-model", "Environment": "prod"}
    assert [one["id"] for one in summary["findings"]] == [one["id"] for one in report["findings"]]
    assert summary["window"] == {"start": "2026-01-02T00:00:00Z", "end": "2026-01-03T00:00:00Z"}


def test_quality_is_measured_when_labels_have_arrived(window: Watched) -> None:
    rows = applications(900)
    window.serve(rows)
    truth(window, wrong=0.3)
    report = window.report()
    quality = report["quality"]["now"]
    (finding,) = found(report, "quality")
    assert quality["rows"] == 900
    assert quality["metrics"]["roc_auc"]["low"] < quality["metrics"]["roc_auc"]["value"]
    assert finding["severity"] == "critical"
    assert "900 labelled rows" in finding["sentence"]
    names = {one["name"] for one in window.read("summary.json")["metrics"]}
    assert {"Quality", "QualityDrop"} <= names


def test_quality_as_at_the_evaluation_is_no_finding(window: Watched) -> None:
    rows = applications(900)
    window.serve(rows)
    truth(window)
    assert found(window.report(), "quality") == []


def test_labels_of_an_earlier_window_are_joined_when_they_come(window: Watched) -> None:
    window.window = {"quality_from": "2025-12-20T00:00:00Z", "served": 200}
    window.serve(applications(300, seed=2), START - timedelta(days=5), prefix="late")
    truth(window)
    window.serve(applications(200), prefix="now")
    report = window.report()
    assert report["quality"]["now"]["rows"] == 300
    assert (report["rows"], report["capture"]["earlier"]) == (200, 300)


def test_without_labels_quality_is_estimated_and_marked_so(window: Watched) -> None:
    window.serve(applications(600))
    report = window.report()
    assert report["quality"]["now"]["metrics"] == {}
    assert "labelled rows" in report["quality"]["now"]["reason"]
    assert report["estimate"]["metrics"]["accuracy"]["value"] == pytest.approx(0.88, abs=0.08)
    assert "Estimated without labels" in window.output("report.html").read_text()


def test_groups_are_compared_when_clients_send_them(window: Watched) -> None:
    rows = applications(900)
    unfair = [row | ({"loanprc": 160.0} if row["black"] else {}) for row in rows]
    window.serve(rows, answered=unfair)
    report = window.report()
    black = report["bias"]["black"]
    assert black["basis"] == "decisions"
    assert black["gap"] > black["gap_then"]
    assert [one["column"] for one in found(report, "bias")] == ["black"]


def test_groups_that_nobody_sends_are_said_to_be_unknown(window: Watched) -> None:
    hidden = ("black", "hispan", "male")
    rows = [{k: v for k, v in row.items() if k not in hidden} for row in applications(300)]
    window.serve(rows)
    bias = window.report()["bias"]
    assert {one["reason"] for one in bias.values()} == {
        "clients do not send it, so its groups are unknown"
    }


def test_what_the_model_decides_by_is_ranked_again(window: Watched) -> None:
    window.serve(applications(500))
    explanation = window.report()["explanation"]
    assert explanation["similarity"] > 0.95
    assert sum(explanation["now"].values()) == pytest.approx(1)


def test_another_versions_answers_are_left_out_of_quality(window: Watched) -> None:
    window.serve(applications(300))
    for one in window.lines[:100]:
        side = one["captureData"]["endpointOutput"]
        side["data"] = side["data"].replace("loans/3", "loans/2")
    report = window.report()
    assert report["capture"]["foreign_rows"] == 100
    assert report["estimate"]["rows"] == 200


def test_history_dates_a_finding(window: Watched) -> None:
    rows = applications(600)
    window.serve([row | {"loanprc": row["loanprc"] * 1.6} for row in rows])
    window.report()
    summary = window.read("summary.json")
    for days in (1, 2):
        window.remember(summary, days)
    report = window.report()
    assert report["findings"][0]["since"] == "2025-12-31T00:00:00Z"
    assert [one["start"][:10] for one in report["history"]] == ["2025-12-31", "2026-01-01"]


def test_the_same_files_give_the_same_bytes(window: Watched) -> None:
    window.serve(applications(300))
    names = ("report.json", "summary.json", "report.html")
    window.report()
    once = [window.output(name).read_bytes() for name in names]
    window.report()
    assert [window.output(name).read_bytes() for name in names] == once


def test_a_report_holds_nothing_of_a_single_row(window: Watched) -> None:
    rows = applications(300)
    rows[7] |= {"loanamt": 123454321.5, "unexpected": "ann@example.com"}
    window.serve(rows, answered=applications(300))
    window.report()
    written = "".join(window.output(name).read_text() for name in ("report.json", "report.html"))
    assert "ann@example.com" not in written
    assert "i7" not in written.split('"')


def test_ten_times_the_traffic_is_judged_by_a_sample(
    window: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "MOST_RECORDS", 300)
    window.serve(applications(3000))
    report = window.report()
    assert report["capture"]["share_read"] == pytest.approx(0.1)
    assert 200 < report["rows"] < 400
    assert (report["capture"]["captured"], report["capture"]["gap"]) == (3000, 0)
