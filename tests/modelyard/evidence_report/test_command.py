"""modelyard report: writes, compares, files and checks; what it may not read is a gap."""

import json
from pathlib import Path
from typing import Any

import pytest

from modelyard import cli
from tests.modelyard.evidence_report import dossiers
from tests.modelyard.evidence_report.conftest import CALLER, Known

FOLDER = Path("build/report/3")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Exit status and everything printed."""
    status = cli.main(["report", *arguments])
    printed = capsys.readouterr()
    return status, printed.out + printed.err


def written(folder: Path = FOLDER) -> Any:
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


def test_page_and_verdict_are_printed(known: Known, capsys: pytest.CaptureFixture[str]) -> None:
    status, printed = run(capsys)
    assert status == 0
    path, verdict = printed.splitlines()
    assert Path(path).read_text(encoding="utf-8").startswith("<!doctype html>")
    assert verdict.startswith("version 3: incomplete, ")


def test_same_evidence_is_reported_in_the_same_bytes(
    known: Known, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("a", "b"):
        run(capsys, "3", "--out", folder)
    for name in ("report.json", "report.html"):
        assert Path("a", name).read_bytes() == Path("b", name).read_bytes()


def test_only_strict_minds_missing_evidence(
    known: Known, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "--strict")[0] == 1


def test_json_names_the_files(known: Known, capsys: pytest.CaptureFixture[str]) -> None:
    _, printed = run(capsys, "--json")
    said = json.loads(printed)
    assert (said["page"], said["version"]) == (str(FOLDER / "report.html"), 3)


def test_unreadable_environment_is_a_gap(known: Known, capsys: pytest.CaptureFixture[str]) -> None:
    known.store.denied.add(dossiers.PROD)
    status, _ = run(capsys)
    gaps = {one["sentence"]: one["required"] for one in written()["gaps"]}
    assert status == 0
    assert gaps["prod: release records: this caller may not read it"] is True


def test_only_the_named_environments_are_asked(
    known: Known, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "--env", "dev", "--env", "staging")
    assert [one for one in written()["evidence"] if dossiers.PROD in one["uri"]] == []


def test_first_report_of_a_project_without_versions_is_refused(
    known: Known, capsys: pytest.CaptureFixture[str]
) -> None:
    known.place.registry_client("sagemaker").packages.clear()
    status, printed = run(capsys)
    assert (status, printed) == (
        1,
        "modelyard: loans has no model version yet: run the pipeline\n",
    )


def test_filed_report_is_the_next_ones_previous(
    known: Known, capsys: pytest.CaptureFixture[str]
) -> None:
    _, printed = run(capsys, "--publish")
    uri = printed.splitlines()[1]
    record = json.loads(known.store.get_object(**place(uri))["Body"].read())
    assert record["filed_as"] == CALLER
    first = known.store.get_object(**place(record["report"]["uri"]))["Body"].read()
    assert first == (FOLDER / "report.json").read_bytes()
    run(capsys)
    assert written()["difference"]["uri"] == record["report"]["uri"]
    assert written()["difference"]["changes"] == []


def test_filed_report_that_was_edited_is_told(
    known: Known, capsys: pytest.CaptureFixture[str]
) -> None:
    _, printed = run(capsys, "--publish")
    record = json.loads(known.store.get_object(**place(printed.splitlines()[1]))["Body"].read())
    known.store.put(**edited(record["report"]["uri"]))
    _, printed = run(capsys)
    assert "evidence does not agree" in printed
    assert "was edited after it was filed" in (FOLDER / "report.html").read_text()


def test_report_that_agrees_with_what_is_stored_verifies(
    known: Known, capsys: pytest.CaptureFixture[str]
) -> None:
    known.store.lose(dossiers.RAW, "applications/rows.csv")
    known.store.denied.add(dossiers.RAW)
    run(capsys)
    status, printed = run(capsys, "--verify", str(FOLDER))
    assert status == 0, printed
    assert "0 different, 1 not to be read by you" in printed


@pytest.mark.parametrize(
    "uri",
    [f"s3://{dossiers.ARTIFACTS}/evaluation.json", f"s3://{dossiers.DEV}/approvals/3-1.json"],
)
def test_edited_evidence_is_detected(
    known: Known, capsys: pytest.CaptureFixture[str], uri: str
) -> None:
    run(capsys)
    known.store.put(**edited(uri))
    status, printed = run(capsys, "--verify", str(FOLDER))
    assert status == 1
    assert f"DIFFERS  {uri} was written again after this report" in printed


def test_removed_evidence_is_detected(known: Known, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys)
    known.store.lose(dossiers.DEV, "approvals/3-1.json")
    status, printed = run(capsys, "--verify", str(FOLDER))
    assert (status, "approvals/3-1.json: it does not exist" in printed) == (1, True)


def test_edited_data_file_is_detected(known: Known, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys)
    status, printed = run(capsys, "--verify", str(FOLDER))
    assert status == 1
    assert "applications/rows.csv" in printed


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("report.html", "report.html was edited: it does not say what report.json says"),
        ("report.json", "report.json: was edited: these are not the bytes that were written"),
    ],
)
def test_edited_report_is_detected(
    known: Known, capsys: pytest.CaptureFixture[str], name: str, told: str
) -> None:
    run(capsys)
    file = FOLDER / name
    file.write_text(file.read_text().replace("bob", "eve", 1) + " ", encoding="utf-8")
    status, printed = run(capsys, "--verify", str(FOLDER))
    assert (status, told in printed) == (1, True)


def test_folder_without_a_report_is_told_in_one_line(
    known: Known, capsys: pytest.CaptureFixture[str]
) -> None:
    status, printed = run(capsys, "--verify", "nowhere")
    assert status == 1
    assert printed == (
        "modelyard: nowhere/report.json: No such file or directory; make it with `modelyard "
        "report`\n"
    )


def test_report_that_does_not_agree_is_not_filed(
    known: Known, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys)
    known.store.put(**edited(f"s3://{dossiers.DEV}/approvals/3-1.json"))
    status, printed = run(capsys, "--publish", str(FOLDER))
    assert status == 1
    assert "the report does not agree, so it is not filed" in printed


def test_another_person_files_what_an_auditor_made(
    known: Known, capsys: pytest.CaptureFixture[str]
) -> None:
    known.store.denied.add(dossiers.RAW)
    run(capsys)
    known.store.denied.add(dossiers.PROD)
    status, printed = run(capsys, "--publish", str(FOLDER))
    assert status == 0, printed
    assert "/reports/evidence/3-" in printed


def place(uri: str) -> dict[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}


def edited(uri: str) -> dict[str, Any]:
    where = place(uri)
    return {"bucket": where["Bucket"], "key": where["Key"], "document": {"edited": True}}
