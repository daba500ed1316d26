"""The server: one address on loopback, one ready line, a clean end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest


@pytest.fixture
def server(root: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "serve", "--port", "0"],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def url_of(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    line = server.stdout.readline()
    assert line.startswith("Modelyard sandbox ready at http://127.0.0.1:"), line
    assert line.endswith(f"(pid {server.pid})\n")
    return line.split()[4]


def info(url: str) -> dict[str, str]:
    with urllib.request.urlopen(f"{url}/_modelyard/info") as answer:
        found: dict[str, str] = json.load(answer)
        return found


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_ends_when_told_and_leaves_no_scratch(
    server: subprocess.Popen[str], number: signal.Signals, code: int
) -> None:
    url = url_of(server)
    data = Path(info(url)["data"])
    assert data.is_dir()
    server.send_signal(number)
    assert server.wait(10) == code
    assert not data.exists()


def test_the_next_server_clears_what_a_killed_one_left(
    server: subprocess.Popen[str], root: Path
) -> None:
    data = Path(info(url_of(server))["data"])
    server.kill()
    server.wait()
    assert data.is_dir()
    command = [sys.executable, "-m", "sandbox", "serve", "--port", "0"]
    following = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    try:
        assert following.stdout is not None
        following.stdout.readline()
        assert not data.exists()
    finally:
        following.terminate()
        following.communicate()


def test_info_names_the_process(sandbox_url: str) -> None:
    found = info(sandbox_url)
    assert found["url"] == sandbox_url
    os.kill(int(found["pid"]), 0)


def test_a_port_in_use_is_one_line_naming_the_fix(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", "sandbox", "serve", "--port", str(port)],
            cwd=root,
            capture_output=True,
            text=True,
        )
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert f"port {port} is in use" in ended.stderr
    assert "--port" in ended.stderr


def test_the_plain_aws_cli_works_against_it(aws: str) -> None:
    cli = Path(sys.executable).parent / "aws"
    command = [str(cli), "--endpoint-url", aws, "sts", "get-caller-identity"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(ended.stdout)["Arn"] == "arn:aws:iam::123456789012:root"


@pytest.mark.parametrize(
    ("key", "account"),
    [
        ("210987654321", "210987654321"),
        ("test", "123456789012"),
        ("AKIA" + "A" * 16, "123456789012"),
    ],
)
def test_the_access_key_chooses_the_account(sandbox_url: str, key: str, account: str) -> None:
    sts = boto3.client(
        "sts",
        endpoint_url=sandbox_url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key="any",
    )
    assert sts.get_caller_identity()["Account"] == account


def test_an_operation_it_lacks_is_named(aws: str) -> None:
    sagemaker = boto3.client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ClientError, match="sagemaker:CreateHub"):
        sagemaker.create_hub(HubName="hub", HubDescription="none")
