"""From a prediction to its origin: every hop is proved, or said not to be, or caught lying."""

import json
from datetime import date, timedelta

import pytest

from modelyard.errors import TraceError
from modelyard.trace import text, trace
from modelyard.trace.forward import Asked
from modelyard.trace.hops import Hop, Trace
from tests.modelyard.trace.known import (
    ARTIFACTS,
    CAPTURED,
    COMMIT,
    DEV,
    OURS,
    PACKAGE,
    PROD,
    RAW,
    RUN,
    WHEN,
    Known,
)

LATER = WHEN + timedelta(days=1)


def traced(past: Known, inference_id: str = OURS, **more: object) -> Trace:
    return trace(past.place, Asked(inference_id, **more), LATER)  # type: ignore[arg-type]


def hop(found: Trace, name: str) -> Hop:
    return next(one for one in found.hops if one.name == name)


def as_auditor(past: Known) -> Known:
    """Who may read all but rows."""
    past.forbid(CAPTURED)
    past.forbid(RAW, "applications")
    return past


@pytest.mark.parametrize("inference_id", [OURS, "case-7"])
def test_every_hop_of_an_untouched_past_is_proved(past: Known, inference_id: str) -> None:
    found = traced(past, inference_id)
    assert {one.name: one.proof for one in found.hops} == dict.fromkeys(
        (
            "prediction", "model package", "approvals", "release", "run", "code", "image",
            "evaluation", "data set", "data file", "baseline",
        ),
        "proved",
    )  # fmt: skip


def test_document_names_model_data_and_code(past: Known) -> None:
    document = traced(past).document()
    assert document["inference_id"] == OURS
    assert document["model_package_arn"] == f"{PACKAGE}1"
    assert document["code_commit"] == COMMIT
    assert document["dataset_versions"][0]["version_id"] == "v1"
    assert (document["input"], document["proved"]) == ([{"income": 4200}], True)
    assert json.dumps(document)


def test_auditor_traces_without_the_rows(past: Known) -> None:
    found = traced(as_auditor(past))
    unsure = [one.name for one in found.hops if one.proof != "proved"]
    assert (unsure, found.broken) == (["prediction"], ())
    document = found.document()
    assert (document["version"], document["input"], document["prediction"]) == (1, None, None)
    assert "the id's own claim" in hop(found, "prediction").reason


def test_auditor_of_a_callers_own_id_goes_by_the_releases(past: Known) -> None:
    found = traced(as_auditor(past), "case-7", at=WHEN)
    assert (found.package.version, found.prediction_known_by) == (
        1,
        "the releases: no other version served at 2026-01-02 03:30 UTC",
    )
    assert "nothing here tells whether it was made at all" in hop(found, "prediction").reason


def test_only_version_that_ever_served_needs_no_time(past: Known) -> None:
    found = traced(as_auditor(past), "case-7")
    assert found.prediction_known_by == "the releases: no other version served ever"


@pytest.fixture
def two_days(past: Known) -> Known:
    """Version 2 takes over a day later, by a canary of an hour."""
    past.model(2)
    past.release(2, "baking", 24 * 60)
    past.release(2, "done", 25 * 60)
    return as_auditor(past)


def test_auditor_who_says_no_time_is_told_to(two_days: Known) -> None:
    with pytest.raises(TraceError, match=r"version 1, version 2 served prod ever; say --at TIME"):
        traced(two_days, "case-7")


def test_moment_at_which_two_versions_answered_is_no_proof(two_days: Known) -> None:
    with pytest.raises(TraceError, match=r"version 1, version 2 served prod at 2026-01-03 04:00"):
        traced(two_days, "case-7", at=WHEN + timedelta(hours=24.5))


@pytest.mark.parametrize(("day", "version"), [(2, 1), (4, 2)])
def test_day_with_one_version_is_enough(two_days: Known, day: int, version: int) -> None:
    found = traced(two_days, "case-7", day=date(2026, 1, day))
    assert found.package.version == version


@pytest.mark.parametrize("inference_id", ["nobody", "1-20260102T010000Z-0000000000000000"])
def test_id_that_nobody_made_is_told(past: Known, inference_id: str) -> None:
    with pytest.raises(TraceError, match=r"no captured record has this id \(1 objects"):
        traced(past, inference_id)


def test_id_that_claims_a_version_which_never_served_is_told(past: Known) -> None:
    forged = OURS.replace("1-", "9-", 1)
    with pytest.raises(TraceError, match="claims version 9, which prod never served"):
        traced(as_auditor(past), forged)


def test_id_that_claims_another_version_than_its_record_is_broken(past: Known) -> None:
    past.model(2)
    past.capture("loans-prod/main/2026/01/02/03/a.jsonl", past.line(OURS, 2))
    found = hop(traced(past), "prediction")
    assert (found.proof, found.reason[:28]) == ("broken", "the id claims version 1, but")


def test_capture_that_is_not_delivered_yet_says_how_long_it_takes(past: Known) -> None:
    past.store.lose(CAPTURED, "capture/loans-prod/main/2026/01/02/03/a.jsonl")
    found = trace(past.place, Asked(OURS), WHEN + timedelta(minutes=4))
    assert hop(found, "prediction").proof == "not provable"
    assert "takes up to 15 minutes; ask again at 03:45 UTC" in hop(found, "prediction").reason


def test_environment_that_captured_nothing_says_so(past: Known) -> None:
    past.store.lose(CAPTURED, "capture/loans-prod/main/2026/01/02/03/a.jsonl")
    with pytest.raises(TraceError, match="nothing was captured on 2026-01-02"):
        traced(past, "case-7", day=date(2026, 1, 2))


def test_exchanged_model_file_is_broken(past: Known) -> None:
    past.store.put(ARTIFACTS, "runs/run1/model.tar.gz", b"another model")
    found = traced(past)
    assert [one.name for one in found.broken] == ["model package"]
    assert "is not the model file that was registered" in found.broken[0].reason


def test_removed_model_file_is_broken(past: Known) -> None:
    past.store.lose(ARTIFACTS, "runs/run1/model.tar.gz")
    assert hop(traced(past), "model package").proof == "broken"


@pytest.mark.parametrize(
    ("name", "hops"),
    [
        ("evaluation", ["evaluation", "baseline"]),
        ("dataset_manifest", ["data set"]),
        ("baseline_profile", ["baseline"]),
    ],
)
def test_edited_evidence_is_broken(past: Known, name: str, hops: list[str]) -> None:
    past.store.put(ARTIFACTS, f"runs/run1/{name}.json", {"better": True})
    assert [one.name for one in traced(past).broken] == hops


def test_evidence_changed_after_the_approval_is_broken(past: Known) -> None:
    past.approve(1, -19)
    key = (DEV, "approvals/1--19.json")
    body = past.store.objects[key][0].body
    assert body is not None
    record = {**json.loads(body), "evidence": {"evaluation": "another"}}
    past.store.objects[key][0].body = json.dumps(record).encode()
    assert "the evaluation is not what s3" in hop(traced(past), "approvals").reason


def test_removed_approval_is_broken(past: Known) -> None:
    past.approve(1, -19)
    past.store.lose(DEV, "approvals/1--20.json")
    assert "1--20.json was removed" in hop(traced(past), "approvals").reason


def test_approval_without_a_record_is_not_provable(past: Known) -> None:
    past.store.lose(DEV, "approvals/1--20.json")
    found = hop(traced(past), "approvals")
    assert (found.proof, found.says) == ("not provable", "nobody known")
    assert "no record of who decided" in found.reason


def test_edited_release_record_is_broken(past: Known) -> None:
    past.store.put(PROD, "releases/1-x-done.json", {"phase": "done", "time": "2026-01-02"})
    assert "was overwritten after it was written" in hop(traced(past), "release").reason


def test_data_overwritten_under_a_manifest_is_told_and_changes_nothing(past: Known) -> None:
    past.store.put(RAW, "applications/a.csv", b"other rows")
    found = hop(traced(past), "data file")
    assert (found.proof, "overwritten 2026-01-02" in found.reason) == ("proved", True)


def test_data_of_which_the_version_is_gone_is_not_provable(past: Known) -> None:
    past.store.lose(RAW, "applications/a.csv")
    found = hop(traced(past), "data file")
    assert (found.proof, found.reason) == ("not provable", "that version is not kept any more")


def test_run_that_cannot_be_seen_leaves_the_code_unproved(past: Known) -> None:
    del past.registry.runs[RUN]
    found = traced(past)
    unsure = [one.name for one in found.hops if one.proof == "not provable"]
    assert unsure == ["run", "code"]
    assert "released the same image" in hop(found, "image").reason


def test_other_commit_than_the_training_job_ran_is_broken(past: Known) -> None:
    past.registry.jobs["loans-dev-train-1"]["Environment"] = {"MODELYARD_CODE_COMMIT": "other"}
    assert [one.name for one in traced(past).broken] == ["code"]


def test_text_is_readable_and_ends_with_the_verdict(past: Known) -> None:
    lines = list(text.forward(traced(past)))
    assert lines[:3] == [
        f"Prediction {OURS} in prod",
        "    asked     income 4200",
        "    answered  prediction 1, probability 0.75",
    ]
    assert lines[-1] == "11 of 11 steps are proved"


def test_text_for_the_auditor_says_what_is_not_shown(past: Known) -> None:
    lines = list(text.forward(traced(as_auditor(past))))
    assert lines[1].startswith("    what was asked and answered: not shown")
    assert lines[-1] == "10 of 11 steps are proved; not provable here: prediction"
