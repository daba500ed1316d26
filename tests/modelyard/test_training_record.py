"""What a training is recorded to depend on: the same twice, and different where it matters."""

import os
import subprocess
import sys

import pytest
from threadpoolctl import threadpool_info

from modelyard import training_record


def test_record_is_the_same_in_another_process() -> None:
    code = (
        "import sklearn.utils, json\n"
        "from modelyard import training_record\n"
        "print(json.dumps(training_record.record(7, 1, {'b': '2', 'a': '1'}, None)))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    }
    assert len(runs) == 1


def test_another_version_is_another_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    before = training_record.environment()
    installed = {**before["distributions"], "numpy": "0.1"}
    monkeypatch.setattr(training_record, "_installed", lambda: installed)
    assert training_record.environment()["distributions_sha256"] != before["distributions_sha256"]


def test_arithmetic_is_held_to_its_threads() -> None:
    with training_record.fixed_threads(1):
        inside = {pool["num_threads"] for pool in threadpool_info()}
    assert inside == {1}


def test_processor_dependent_libraries_are_named() -> None:
    with training_record.fixed_threads(1):
        assert any("openblas" in one for one in training_record.environment()["arithmetic"])
