"""python -m policies report: what the auditor takes away of a project, as data and as a page."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modelyard.evidence_report import build
from modelyard.project import load as load_project
from policies.__main__ import main
from policies.controls import FAMILIES, load
from policies.guardrails.catalogue import all_rules
from tests.modelyard.evidence_report import dossiers
from tests.modelyard.outline import Outline
from tests.policies.guardrails.estates import ENVIRONMENTS, PROJECT
from tests.policies.guardrails.twins import TWINS

if TYPE_CHECKING:
    from tests.policies.guardrails.conftest import Entry

ROOT = Path(__file__).resolve().parents[3]
MOVABLE = next(twin for twin in TWINS if twin.rule == "immutable-images")


def reported(graph: Mapping[str, Entry], project: Path, out: Path, *more: str) -> int:
    """Write the report of one graph; the command's exit code."""
    out.mkdir(exist_ok=True)
    file = out / "graph.json"
    file.write_text(json.dumps({"resources": list(graph.values())}))
    stated = ["--project", str(project), "--graph", f"dev={file}", "--out", str(out)]
    return main(["report", *stated, *more])


def read(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "report.json").read_text())
    return found


@pytest.fixture(scope="module")
def written(good: Mapping[str, Entry], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report without a finding, beside the project.yaml that it is about."""
    out = tmp_path_factory.mktemp("report")
    accounts = dict.fromkeys(ENVIRONMENTS, "123456789012")
    (out / "project.yaml").write_text(PROJECT.format(**accounts))
    assert reported(good, out, out) == 0
    return out


def test_report_tells_every_control_rule_framework_and_duty(written: Path) -> None:
    for name in ("report.json", "report.html"):
        text = (written / name).read_text()
        told = [*(each.id for each in load()), *(each.id for each in all_rules()), *FAMILIES]
        told += [f"S{number}" for number in range(1, 9)]
        assert [each for each in told if each not in text] == []


def test_page_is_whole_and_its_links_lead_somewhere(written: Path) -> None:
    text = (written / "report.html").read_text()
    outline = Outline()
    outline.feed(text)
    assert (outline.wrong, outline.open) == ([], [])
    assert {"header", "nav", "main", "footer"} <= set(outline.seen)
    ids = re.findall(r" id='([^']+)'", text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"href='#([^']+)'", text)) == set(ids)


def test_page_needs_nothing_else(written: Path) -> None:
    text = (written / "report.html").read_text()
    assert re.findall(r"(?:src|href)=['\"](?!#|data:)", text) == []
    assert "<script" not in text


def test_same_inputs_give_the_same_bytes(
    good: Mapping[str, Entry], written: Path, tmp_path: Path
) -> None:
    reported(good, written, tmp_path)
    for name in ("report.json", "report.html"):
        assert (tmp_path / name).read_bytes() == (written / name).read_bytes()


def test_hashes_are_those_of_the_files_that_were_read(written: Path) -> None:
    found = read(written)["provenance"]
    hashes = {one["name"]: one["sha256"] for one in (*found["inputs"], *found["graphs"])}
    matrix = ROOT / "policies" / "access_matrix.csv"
    assert hashes["project.yaml"] == sha256(written / "project.yaml")
    assert hashes["policies/access_matrix.csv"] == sha256(matrix)
    assert hashes["dev"] == sha256(written / "graph.json")


def test_every_promise_is_counted(written: Path) -> None:
    found = read(written)["matrix"]
    assert found["promises"] == sum(one["promises"] for one in found["rows"]) > 5000
    assert found["broken"] == []
    assert found["judged_by"] == "the persona documents of policies/"


def test_retention_of_logs_and_evidence_is_told(written: Path) -> None:
    kept = {one["kind"] for one in read(written)["retention"]}
    assert "log" in kept
    assert min(one["days"] for one in read(written)["retention"]) == 365


def test_exemptions_carry_owner_approver_and_end(written: Path) -> None:
    for one in read(written)["exemptions"]:
        assert one["owner"] != one["approver"]
    assert {len(one["expiry"]) for one in read(written)["exemptions"]} == {len("2027-06-30")}


def test_finding_stands_in_the_report_and_in_the_exit_code(
    good: Mapping[str, Entry],
    project_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert reported(MOVABLE.of(good), project_file, tmp_path) == 1
    assert "guardrails against dev, 1 finding" in capsys.readouterr().out
    for name in ("report.json", "report.html"):
        assert "an image can be swapped under its tag" in (tmp_path / name).read_text()


def test_difference_names_what_came(
    good: Mapping[str, Entry], written: Path, project_file: Path, tmp_path: Path
) -> None:
    reported(MOVABLE.of(good), project_file, tmp_path, "--previous", str(written))
    found = read(tmp_path)["difference"]
    assert found["sha256"] == sha256(written / "report.json")
    assert [one for one in found["new"] if "immutable-images" in one]
    assert (found["gone"], found["changed"]) == ([], [])


def test_model_reports_are_listed_with_their_hash(
    good: Mapping[str, Entry], project_file: Path, tmp_path: Path
) -> None:
    report = build(dossiers.dossier(load_project(project_file)))
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "report.json").write_text(report.text, encoding="utf-8")
    reported(good, project_file, tmp_path / "out", "--model", str(folder))
    (told,) = read(tmp_path / "out")["models"]
    assert (told["verdict"], told["sha256"]) == (report.verdict, report.sha256)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--graph", "dev.json"), "--graph dev.json: write ENV=FILE, as in dev=dev.json"),
        (("--previous", "none"), "none: No such file or directory; make it with `python -m"),
        (("--model", "none"), "none: No such file or directory; make it with `python -m"),
    ],
)
def test_mistake_is_told_in_one_line(
    project_file: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, str],
    told: str,
) -> None:
    assert main(["report", "--project", str(project_file), *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"policies: {told}")
    assert error.count("\n") == 1


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
