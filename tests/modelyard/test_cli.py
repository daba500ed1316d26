"""The command line: one line per mistake, status 1 for mistakes and 2 for usage, quick to start."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from modelyard.cli import SUBCOMMANDS, main


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS is a port at which nobody answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """What a command prints when it fails by a user's hand."""
    assert main([str(argument) for argument in arguments]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("modelyard: ")
    assert "Traceback" not in captured.err
    return captured.err


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_every_subcommand_explains_itself(
    capsys: pytest.CaptureFixture[str], subcommand: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([subcommand, "--help"])
    assert stopped.value.code == 0
    assert f"usage: modelyard {subcommand}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [[], ["fly"], ["publish"], ["approve"], ["run", "--env", "x"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


def test_all_problems_of_the_project_are_told(
    capsys: pytest.CaptureFixture[str], project_file: Path
) -> None:
    text = project_file.read_text().replace("title:", "titel:").replace("[bob]", "[alice]")
    project_file.write_text(text)
    lines = refusal(capsys, "render", "--project", project_file).splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"modelyard: {project_file}: ") for line in lines)


def test_unreachable_aws_is_one_line(
    capsys: pytest.CaptureFixture[str], project_file: Path
) -> None:
    said = refusal(capsys, "status", "--project", project_file)
    assert said.startswith("modelyard: no answer from http://127.0.0.1:")
    assert said.count("\n") == 1


def test_render_writes_beside_the_project_and_checks_what_it_wrote(
    capsys: pytest.CaptureFixture[str], project_file: Path
) -> None:
    file = project_file.with_name("pipeline.json")
    assert main(["render", "--project", str(project_file)]) == 0
    assert main(["render", "--project", str(project_file), "--check"]) == 0
    file.write_text(file.read_text().replace("3600", "60"))
    capsys.readouterr()
    said = refusal(capsys, "render", "--project", project_file, "--check")
    assert said == f"modelyard: {file}: is not current; run `make render` and commit it\n"


def test_publish_refuses_before_it_asks_aws(
    capsys: pytest.CaptureFixture[str], project_file: Path
) -> None:
    said = refusal(capsys, "publish", "--project", project_file, "--image", "x")
    assert "pipeline.json: no such file; run `make render`" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "--env", "prod"], "the build pipeline runs in dev; use --env dev"),
        (["release", "--env", "dev"], "dev serves nothing; use --env staging or prod"),
        (["approve", "--comment", " "], "--comment is empty; say why"),
        (["predict", "--data", "no.csv", "--limit", "0"], "--limit must be 1 or more"),
        (["predict", "--data", "no.csv"], "no.csv: no such file"),
        (["upload"], "data/applications.csv does not exist; correct its source"),
    ],
)
def test_what_makes_no_sense_is_refused(
    capsys: pytest.CaptureFixture[str], project_file: Path, arguments: list[str], sentence: str
) -> None:
    assert sentence in refusal(capsys, *arguments, "--project", project_file)


def test_empty_data_file_is_not_uploaded(
    capsys: pytest.CaptureFixture[str], project_file: Path
) -> None:
    data = project_file.parent / "data" / "applications.csv"
    data.parent.mkdir()
    data.touch()
    assert "is empty" in refusal(capsys, "upload", "--project", project_file)


def test_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Project"


def test_start_imports_nothing_heavy() -> None:
    program = (
        "import sys, modelyard.cli; modelyard.cli.parser(); "
        "heavy = {'sagemaker', 'pandas', 'numpy', 'sklearn', 'pyarrow'} & set(sys.modules); "
        "sys.exit(', '.join(heavy) or None)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@pytest.mark.parametrize(
    ("until", "message"),
    [
        (["--for", "8"], "--for 8: write a number with m, h or d, such as 8h"),
        (["--for", "15d"], "a silence lasts 14 days at most"),
        (["--until", "2020-01-01T00:00:00Z"], "the silence would end at 2020-01-01T00:00:00Z"),
        (["--until", "tomorrow"], "--until tomorrow: write a time such as 2026-12-24T18:00:00Z"),
    ],
)
def test_a_silence_ends_soon_and_says_when(
    capsys: pytest.CaptureFixture[str], project_file: Path, until: list[str], message: str
) -> None:
    arguments = ("silence", "--project", project_file, "--reason", "known", *until)
    assert message in refusal(capsys, *arguments)


def test_a_silence_without_an_end_or_a_reason_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["silence", "--reason", "known"])
    assert stopped.value.code == 2
