"""The report says what the evidence says, the same bytes for the same evidence, and what lacks."""

import json
from dataclasses import replace
from typing import Any

import pytest

from modelyard.evidence import Document
from modelyard.evidence.document import parse
from modelyard.evidence_report import Records, Report, build
from modelyard.project import Project
from tests.modelyard.evidence_report import dossiers


def sentences(report: Report, name: str) -> list[str]:
    return [one["sentence"] for one in report.document[name]]


def published(report: Report) -> Document:
    uri = f"s3://{dossiers.DEV}/reports/evidence/3-20260101T000000Z/report.json"
    return dossiers.stored(uri, json.loads(report.text))


def test_same_evidence_gives_the_same_bytes(project: Project) -> None:
    one, other = (build(dossiers.dossier(project), None, dossiers.records()) for _ in range(2))
    assert one.text == other.text
    assert one.sha256 == other.sha256


def test_report_is_strict_json_with_sorted_keys(project: Project) -> None:
    report = build(dossiers.dossier(project))
    found = json.loads(report.text, parse_constant=pytest.fail)
    assert json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n" == report.text


def test_every_document_is_listed_with_the_hash_of_its_bytes(project: Project) -> None:
    dossier, records = dossiers.dossier(project), dossiers.records()
    held = (
        dossier.evaluation,
        dossier.manifest,
        dossier.dataset_versions,
        dossier.baseline_profile,
        *dossier.approvals,
        *dossier.releases,
        *dossier.monitoring,
        *records.reproductions,
        *records.decisions,
    )
    expected = {one.uri: one.sha256 for one in held if one}
    expected[f"s3://{dossiers.RAW}/applications/rows.csv"] = "a2" * 32
    listed = build(dossier, None, records).document["evidence"]
    assert {one["uri"]: one["sha256"] for one in listed} == expected


def test_verdict_counts_gaps_and_deviations(project: Project) -> None:
    report = build(dossiers.dossier(project), None, dossiers.records())
    assert report.verdict == "version 3: incomplete, 3 gaps, 2 deviations"
    assert not report.complete


def test_report_without_required_gaps_is_complete(project: Project) -> None:
    stated = project.data[0].model_copy(update={"owner": "lending"})
    whole = project.model_copy(update={"data": (stated,)})
    report = build(dossiers.dossier(whole), None, dossiers.records())
    assert report.verdict == "version 3: complete, 2 gaps, 2 deviations"
    assert report.complete


def test_gap_of_an_environment_is_required_once_the_model_may_serve_there(
    project: Project,
) -> None:
    gap = "prod: release records: this caller may not read it"
    approved = dossiers.dossier(project, gaps=(gap,))
    waiting = replace(approved, package=replace(approved.package, production=""))
    required = [
        {one["sentence"]: one["required"] for one in build(each).document["gaps"]}[gap]
        for each in (approved, waiting)
    ]
    assert required == [True, False]


def test_edited_evidence_comes_before_everything_else(project: Project) -> None:
    problem = f"s3://{dossiers.DEV}/approvals/3-1.json was edited"
    report = build(dossiers.dossier(project, problems=(problem,)))
    assert report.verdict.startswith("version 3: evidence does not agree")
    assert report.document["deviations"][0] == {"severity": "critical", "sentence": problem}
    assert report.document["approvals"]["chain"] == {
        "records": 2,
        "holds": False,
        "problems": [problem],
    }


def test_bounds_that_are_not_kept_are_a_deviation_with_or_without_a_decision(
    project: Project,
) -> None:
    dossier = dossiers.dossier(project)
    told = [
        next(one for one in sentences(build(dossier, None, records), "deviations") if "fair" in one)
        for records in (dossiers.records(), Records())
    ]
    assert "(a decision is recorded)" in told[0]
    assert "(nobody has decided on it)" in told[1]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"user": "alice", "trained_by": "alice"}, "alice decided on their own model"),
        ({"user": "bob", "evaluation_sha256": ""}, "names no evaluation that it rests on"),
    ],
)
def test_decision_in_bad_faith_is_a_deviation(
    project: Project, content: dict[str, Any], told: str
) -> None:
    decided = dossiers.approval(1, "staging")
    bad = dossiers.stored(decided.uri, {**decided.content, **content})
    report = build(dossiers.dossier(project, approvals=(bad,)))
    assert [one for one in sentences(report, "deviations") if told in one]


def test_release_taken_back_is_a_deviation(project: Project) -> None:
    back = dossiers.release(3, "rolled-back")
    report = build(dossiers.dossier(project, releases=(back,)))
    assert [one for one in sentences(report, "deviations") if "ended as rolled-back" in one]


def test_deletion_of_somebody_whom_the_model_learned_from_asks_for_a_decision(
    project: Project,
) -> None:
    uri = f"s3://{dossiers.DEV}/reports/deletions/x.json"
    proofs = [
        dossiers.stored(uri, {"time": "2026-02-01T00:00:00Z", "models": [{"version": version}]})
        for version in (3, 4)
    ]
    told = [
        sentences(build(dossiers.dossier(project), None, Records(deletions=(one,))), "deviations")
        for one in proofs
    ]
    sentence = f"it learned from a person who was deleted on 2026-02-01; decide on it: {uri}"
    assert [sentence in each for each in told] == [True, False]


def test_only_the_last_window_of_an_environment_counts(project: Project) -> None:
    calm = (dossiers.window(4, "critical"), dossiers.window(5, "ok"))
    report = build(dossiers.dossier(project, monitoring=calm))
    assert [one for one in sentences(report, "deviations") if "monitoring" in one] == []


def test_nothing_but_a_package_still_gives_a_report(project: Project) -> None:
    empty: dict[str, Any] = dict.fromkeys(
        ("evaluation", "manifest", "dataset_versions", "baseline_profile", "execution")
    )
    empty |= dict.fromkeys(("approvals", "releases", "monitoring"), ())
    gaps = ("the evaluation: this caller may not read it", "dev: approval records: it is gone")
    report = build(dossiers.dossier(project, **empty, gaps=gaps))
    assert {*gaps} < set(sentences(report, "gaps"))
    assert report.document["metrics"]["metrics"] == []


def test_what_is_no_number_in_stored_evidence_is_none(project: Project) -> None:
    text = '{"metrics": {"roc_auc": {"value": NaN}}}'
    odd = parse("s3://x/evaluation.json", None, text.encode())
    report = build(dossiers.dossier(project, evaluation=odd))
    assert report.document["metrics"]["metrics"][0]["value"] is None


def test_first_report_has_no_difference(project: Project) -> None:
    assert build(dossiers.dossier(project)).document["difference"] is None


def test_unchanged_evidence_differs_in_nothing(project: Project) -> None:
    dossier, records = dossiers.dossier(project), dossiers.records()
    before = published(build(dossier, None, records))
    found = build(dossier, before, records).document["difference"]
    assert (found["uri"], found["sha256"]) == (before.uri, before.sha256)
    assert found["changes"] == []
    assert found["evidence"] == {"new": [], "gone": [], "changed": []}


def test_difference_tells_what_came_went_and_changed(project: Project) -> None:
    dossier = dossiers.dossier(project)
    before = published(build(dossier))
    worse = dossiers.evaluation() | {"metrics": {"roc_auc": {"value": 0.8}}}
    later = replace(
        dossier,
        evaluation=dossiers.stored(f"s3://{dossiers.ARTIFACTS}/evaluation.json", worse),
        monitoring=(*dossier.monitoring, dossiers.window(6, "ok")),
        approvals=dossier.approvals[:1],
        gaps=("prod: release records: this caller may not read it",),
    )
    found = build(later, before).document["difference"]
    assert {"what": "metric roc_auc", "then": 0.918, "now": 0.8} in found["changes"]
    assert found["evidence"] == {
        "new": [dossiers.window(6, "ok").uri],
        "gone": [dossier.approvals[1].uri],
        "changed": [f"s3://{dossiers.ARTIFACTS}/evaluation.json"],
    }
    assert "prod: release records: this caller may not read it" in found["gaps"]["new"]
    assert "golden predictions: this caller may not read it" in found["gaps"]["closed"]
