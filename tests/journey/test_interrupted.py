"""A journey that is interrupted leaves nothing running."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from sandbox.journey.commands import clean_environment
from tests.journey.travelled import Travelled

SERVING = re.compile(r"http://127\.0\.0\.1:\d+")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_no_process_is_left_behind(travelled: Travelled, number: signal.Signals) -> None:
    attempt = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "try", "--project", "project.yaml"],
        cwd=travelled.journey.repo,
        env=clean_environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert attempt.stdout is not None
    url = ""
    for line in attempt.stdout:
        url = url or next(iter(SERVING.findall(line)), "")
        if "applying the dev workspace" in line:
            break
    attempt.send_signal(number)
    _, errors = attempt.communicate(timeout=60)
    assert attempt.returncode == 130
    assert "interrupted" in errors
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{url}/_modelyard/info", timeout=5)
    listed = subprocess.run(["ps", "-eo", "sid,args"], capture_output=True, text=True).stdout
    assert not [line for line in listed.splitlines() if url and url in line]
