"""The commands apply and destroy, as a person types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.__main__ import main
from sandbox.provider.apply import apply
from tests.sandbox.provider.conftest import Sandbox

pytestmark = pytest.mark.timeout(180)
PROJECT = str(Path(__file__).parent / "project.yaml")


@pytest.mark.parametrize(
    ("endpoint", "message"),
    [
        (None, "AWS_ENDPOINT_URL is not set"),
        ("https://s3.us-east-1.amazonaws.com", "is not on this machine"),
        ("http://127.0.0.1.example.com:5000", "is not on this machine"),
        ("http://127.0.0.1:9", "no sandbox answers at http://127.0.0.1:9"),
    ],
)
def test_endpoint_that_is_no_sandbox_is_one_line(
    endpoint: str | None,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    if endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)

    code = main(["apply", "--project", PROJECT, "--env", "dev"])

    error = capsys.readouterr().err
    assert code == 2
    assert message in error
    assert len(error.splitlines()) == 1


def test_environments_of_two_accounts_come_up_and_stay(sandbox_url: str) -> None:
    for env in ("dev", "staging", "prod"):
        first = apply(Path(PROJECT), env, sandbox_url)
        second = apply(Path(PROJECT), env, sandbox_url)

        assert first.stacks[-1].counts["created"] > 50
        assert second.is_unchanged


def test_destroy_keeps_data_and_says_so(
    sandbox_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox_url)
    project = Path(PROJECT)
    apply(project, "dev", sandbox_url)

    code = main(["destroy", "--project", PROJECT, "--env", "dev"])

    printed = capsys.readouterr().out
    buckets = Sandbox(sandbox_url, "600000000001").client("s3").list_buckets()["Buckets"]
    assert code == 0
    assert "aws s3api delete-bucket --bucket loans-dev-raw-600000000001" in printed
    assert "loans-dev-raw-600000000001" in [bucket["Name"] for bucket in buckets]
    assert apply(project, "dev", sandbox_url).stacks[-1].counts["unchanged"] >= 5


def test_staging_before_the_registry_is_one_line(
    sandbox_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox_url)
    project = tmp_path / "project.yaml"
    project.write_text(Path(PROJECT).read_text().replace("name: loans", "name: mortgages"))

    code = main(["apply", "--project", str(project), "--env", "staging"])

    error = capsys.readouterr().err
    assert code == 2
    assert error.splitlines() == [
        "sandbox: the stack modelyard/mortgages.dev has not been applied; apply that one first"
    ]
