"""Any prediction leads back to its data, for who serves it and for who audits it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sandbox.journey.commands import JourneyError
from sandbox.journey.stages import SERVING
from tests.journey.travelled import Travelled

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "trace.md"
BLOCK = re.compile(
    r"^<!-- (?P<who>operator|auditor) -->\n```bash\n(?P<script>.*?)^```$"
    r"(?:\n\n^```output\n(?P<output>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)
BLOCKS = list(BLOCK.finditer(PAGE.read_text()))
PERSONAS = {"operator": "model-operator", "auditor": "auditor"}


def traced(travelled: Travelled, persona: str, *arguments: str) -> dict[str, Any]:
    journey = travelled.journey
    session = journey.session(SERVING, persona)
    return dict(json.loads(journey.modelyard(session, "trace", *arguments, "--json")))


@pytest.fixture(scope="module")
def answer(travelled: Travelled) -> dict[str, Any]:
    """One prediction whose id the model server chose."""
    journey = travelled.journey
    runtime = journey.client(journey.session(SERVING, "model-operator"), "sagemaker-runtime")
    answered = runtime.invoke_endpoint(
        EndpointName=journey.endpoint(SERVING),
        ContentType="application/json",
        Body=json.dumps({"instances": journey.held_aside(1)}, default=str),
    )
    return dict(json.loads(answered["Body"].read()))


@pytest.fixture(scope="module")
def as_operator(travelled: Travelled, answer: dict[str, Any]) -> dict[str, Any]:
    """What the operator sees of it, once its record has arrived."""
    for _ in range(20):
        found = traced(travelled, "model-operator", answer["inference_id"], "--env", SERVING)
        if found["input"] is not None:
            return found
        time.sleep(0.5)
    raise AssertionError("the record did not arrive")


@pytest.fixture(scope="module")
def as_auditor(travelled: Travelled, answer: dict[str, Any]) -> dict[str, Any]:
    """What the auditor sees of the same prediction."""
    return traced(travelled, "auditor", answer["inference_id"], "--env", SERVING)


def unproved(document: dict[str, Any]) -> set[str]:
    return {hop["name"] for hop in document["hops"] if hop["proof"] != "proved"}


def test_operator_sees_rows_and_origin(as_operator: dict[str, Any], answer: dict[str, Any]) -> None:
    assert as_operator["model_package_arn"] == answer["model_package"]
    assert as_operator["prediction"] == answer["predictions"]
    assert as_operator["input"][0].keys() >= {"loanamt", "appinc"}
    assert unproved(as_operator) <= {"model package", "run", "code", "data file"}


def test_auditor_sees_no_row_and_can_prove_all_else(as_auditor: dict[str, Any]) -> None:
    assert (as_auditor["input"], as_auditor["prediction"]) == (None, None)
    assert unproved(as_auditor) == {"prediction"}


def test_id_of_the_callers_own_is_found_as_well(travelled: Travelled) -> None:
    found = traced(travelled, "model-operator", "loans-00003", "--env", SERVING)
    assert (found["known_by"], len(found["prediction"])) == ("captured record", 1)


def test_both_arrive_at_the_same_data_and_code(
    as_operator: dict[str, Any], as_auditor: dict[str, Any]
) -> None:
    keys = ("model_package_arn", "dataset_versions", "code_commit", "image_digest", "approvals")
    assert [as_operator[key] for key in keys] == [as_auditor[key] for key in keys]


def test_data_lead_to_the_model_and_its_endpoint(
    travelled: Travelled, as_auditor: dict[str, Any]
) -> None:
    file = as_auditor["dataset_versions"][0]
    found = traced(travelled, "auditor", "--dataset", file["sha256"])
    assert as_auditor["model_package_arn"] in [
        model["model_package_arn"] for model in found["models"]
    ]
    served = [one for model in found["models"] for one in model["endpoints"]]
    assert SERVING in [one["environment"] for one in served]


def test_id_that_nobody_made_is_one_line(travelled: Travelled) -> None:
    with pytest.raises(JourneyError, match="modelyard: nobody in staging: no captured record"):
        traced(travelled, "model-operator", "nobody", "--env", SERVING)


def test_page_has_its_blocks() -> None:
    assert len(BLOCKS) == 4


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_page_shows_what_the_command_prints(
    travelled: Travelled, as_operator: dict[str, Any], number: int
) -> None:
    journey, block = travelled.journey, BLOCKS[number]
    session = journey.session(SERVING, PERSONAS[block["who"]])
    file = as_operator["dataset_versions"][0]
    variables = {
        **journey.environment(session),
        "ID": as_operator["inference_id"],
        "ENV": SERVING,
        "SHA256": file["sha256"],
        "FILE": file["uri"],
        "VERSION": str(as_operator["version"]),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    ran = subprocess.run(
        ["bash", "-euc", block["script"]],
        cwd=journey.repo, env=variables, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert [
        line for line in (block["output"] or "").splitlines() if not printed(line, ran.stdout)
    ] == []


def printed(shown: str, said: str) -> bool:
    """Whether a line of the page, in which dots stand for anything, is among what was said."""
    pattern = ".*".join(map(re.escape, shown.split("...")))
    return re.search(rf"^{pattern}$", said, re.MULTILINE) is not None
