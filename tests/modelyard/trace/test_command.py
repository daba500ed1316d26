"""modelyard trace: what it prints, and how it ends."""

import json

import pytest

from modelyard.cli import main
from modelyard.commands import options
from tests.modelyard.trace.known import ARTIFACTS, OURS, RAW, Known


@pytest.fixture(autouse=True)
def at_stand_ins(past: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command acts on the stand-ins."""
    monkeypatch.setattr(options, "place", lambda _: past.place)


def test_json_carries_what_a_summary_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", OURS, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    wanted = {"inference_id", "model_package_arn", "dataset_versions", "code_commit"}
    assert wanted <= document.keys()


def test_contradiction_ends_with_status_1(past: Known, capsys: pytest.CaptureFixture[str]) -> None:
    past.store.put(ARTIFACTS, "runs/run1/model.tar.gz", b"another model")
    assert main(["trace", OURS]) == 1
    said = capsys.readouterr().out
    assert "    DOES NOT AGREE: s3://" in said
    assert said.rstrip().endswith("WHAT IS STORED CONTRADICTS THE RECORD: model package")


@pytest.mark.parametrize(
    "question", [["--version", "1"], ["--file", f"s3://{RAW}/applications/a.csv"]]
)
def test_data_lead_to_their_models(question: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", *question, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [model["version"] for model in document["models"]] == [1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["case-9"], "modelyard: case-9 in prod: no captured record has this id"),
        ([OURS, "--day", "2.1.2026"], "modelyard: --day 2.1.2026: write it as YYYY-MM-DD"),
        ([OURS, "--at", "noon"], "modelyard: --at noon: write it as YYYY-MM-DDTHH:MM:SSZ"),
        ([OURS, "--env", "dev"], "modelyard: --env dev: dev serves nothing; use --env staging"),
        (["--dataset", "ab"], "modelyard: --dataset ab: give at least 8 characters"),
    ],
)
def test_mistake_is_one_line(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trace", *arguments]) == 1
    said = capsys.readouterr().err
    assert said.startswith(sentence)
    assert said.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], [OURS, "--version", "1"]])
def test_one_question_at_a_time(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["trace", *arguments])
    assert stopped.value.code == 2
