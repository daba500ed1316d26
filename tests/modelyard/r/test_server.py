"""A model in R is served by R, and answers word for word what the server in Python would."""

import asyncio
import contextlib
import json
import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelyard.data import DataContract
from modelyard.inference_id import claim
from modelyard.model import Model
from modelyard.serving import MAX_BODY_BYTES, Server
from tests.modelyard.r.answering import PACKAGE, Answering, Reply
from tests.modelyard.r.conftest import Package, fitted

pytestmark = pytest.mark.r

CONTRACT = DataContract.parse(
    {
        "columns": [
            {"name": "plain", "kind": "number", "use": "feature", "missing": ["Unknown"]},
            {"name": "english", "kind": "number", "use": "feature", "format": "1,234.5"},
            {"name": "european", "kind": "number", "use": "feature", "format": "1.234,5"},
            {"name": "count", "kind": "integer", "use": "feature"},
            {"name": "flag", "kind": "boolean", "use": "feature"},
            {"name": "day", "kind": "date", "use": "feature"},
            {"name": "german", "kind": "date", "use": "feature", "format": "%d.%m.%Y"},
            {"name": "named", "kind": "date", "use": "feature", "format": "%b %d, %y"},
            {"name": "moment", "kind": "date", "use": "feature", "format": "%d/%m/%Y %H:%M:%S"},
            {"name": "größe", "kind": "category", "use": "feature",
             "categories": ["1", "2.5", "klein", "none", "so \"groß\", ja"]},
            {"name": "answer", "kind": "number", "use": "target"},
            {"name": "id", "kind": "identifier", "use": "key"},
        ]
    }
)  # fmt: skip
USUAL = {
    "plain": 1.25,
    "english": "1,250.5",
    "european": "1.250,5",
    "count": 3,
    "flag": True,
    "day": "2026-01-31",
    "german": "31.01.2026",
    "named": "Jan 31, 26",
    "moment": "31/01/2026 10:20:30",
    "größe": "klein",
}
ROWS = [
    {
        **USUAL,
        "plain": number / 7,
        "english": f"{number * 100:,}.5",
        "european": f"{number * 3},5",
        "count": number % 5,
        "flag": "yes" if number % 3 else "no",
        "day": f"2026-01-{number % 28 + 1:02d}",
        "german": f"{number % 28 + 1}.2.2026",
        "named": f"Mar {number % 28 + 1}, 25",
        "moment": f"{number % 28 + 1}/01/2026 10:20:{number:02d}",
        "größe": None if number % 7 == 0 else ["1", "2.5", "klein", "none", "x"][number % 5],
    }
    for number in range(60)
]
NUMBERS = [
    None, "", " n/a ", "unknown", "UNKNOWN", 0, -0.0, 1, 2.5, 1e300, "1e300", "1e999", "-1e999",
    "1.250", "1,250", "1.250,5", "1,250.75", "€ 12", "12%", "1'000", "+.5", "5.", "1e3", " 7 ",
    "0x10", "1_000", "abc", "", "--", True, False, [1], {"a": 1}, [], "12,34,5", "it's",
    "a\ttab", "x" * 60, 0.1, 0.30000000000000004, 123456789.123456789,
]  # fmt: skip
DATES = [
    None, "2026-02-29", "2024-02-29", "2026-01-31T10:20:30", "2026-01-31 10:20:30.123456789",
    "2026-01-31T10:20:30+02:00", "2026-01-31T23:20Z", "20260131", 20260131, "2026-1-31",
    "2026-01-31 24:00", "31.01.2026", "1.1.2026", "31.02.2026", "01.01.26", "Feb 29, 24",
    "feb 1, 70", "May 5, 68", "Foo 1, 20", "31/01/2026 10:20:30", "31/01/2026  1:2:3",
    "31/01/2026 25:00:00", "31/01/2026 10:20:30 ", "0001-01-01", "9999-12-31T23:59:59", True,
    [], "now",
]  # fmt: skip
CATEGORIES = [
    None, "klein", "KLEIN", " klein ", 1, 1.0, "1.0", 2.5, "none", "(missing)", "(other)", True,
    "so \"groß\", ja", ["klein"], {"a": 1}, "é", 1e16, 1e-7, 12345.678,
]  # fmt: skip
BOOLEANS = [None, 0, 1, 1.0, 2, "Yes", "f", "on", "maybe", True, False, [0], "1.0", ""]
CELLS = [
    *((name, cell) for name in ("plain", "english", "european", "count") for cell in NUMBERS),
    *((name, cell) for name in ("day", "german", "named", "moment") for cell in DATES),
    *(("größe", cell) for cell in CATEGORIES),
    *(("flag", cell) for cell in BOOLEANS),
]


@pytest.fixture(scope="module")
def model(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A ridge regression in R, whose explanation tells what every column was read as."""
    folder = tmp_path_factory.mktemp("model")
    answers = [row["plain"] * 3 + row["count"] for row in ROWS]
    model = fitted(package("served_in_r"), CONTRACT, ROWS, answers, folder)[1]
    assert model.scorer is not None
    return model


@pytest.fixture(scope="module")
def served(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answering]:
    """The model, served by R."""
    log = tmp_path_factory.mktemp("log") / "log.txt"
    server = Answering(model.folder, log).until_healthy()
    yield server
    server.end()


@pytest.fixture(scope="module")
def reference(model: Model) -> Server:
    """The same model's arithmetic, served by Python."""
    return Server(model, PACKAGE)


def in_python(reference: Server, body: Any, content_type: str) -> Reply:
    """What the reference answers."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": content_type, "x-amzn-sagemaker-inference-id": "i"}
    scope = {
        "method": "POST",
        "path": "/invocations",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(reference(scope, receive, send))
    return Reply(sent[0]["status"], {}, json.loads(sent[1]["body"]))


def alike(one: Any, other: Any) -> bool:
    """The same JSON, with numbers to their twelfth digit."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return type(one) is type(other) and bool(one == other)


def compare(served: Answering, reference: Server, body: Any, kind: str) -> None:
    """Both answer alike."""
    expected = in_python(reference, body, kind)
    found = served.ask(body, kind, x_amzn_sagemaker_inference_id="i")
    assert found.status == expected.status, (found.body, expected.body)
    assert alike(found.body, expected.body), (found.body, expected.body)


@pytest.mark.parametrize(("name", "cell"), CELLS)
def test_every_value_is_read_as_python_reads_it(
    served: Answering, reference: Server, name: str, cell: Any
) -> None:
    rows = [USUAL, {**USUAL, name: cell}]
    compare(served, reference, {"instances": rows, "explain": True}, "application/json")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"[1]",
        b"3",
        b'{"instances": []}',
        b'{"instances": [1]}',
        b'{"instances": [[]]}',
        b'{"instances": [{}]}',
        b'{"instances": {"plain": 1}}',
        b"\xff\xfe",
        {"instances": [USUAL], "explain": 1},
        {"instances": [USUAL], "more": 1},
        {"instances": [{**USUAL, "id": 7}]},
        {"instances": [USUAL, {**USUAL, "odd": 7}]},
        {"instances": [USUAL, {name: USUAL[name] for name in list(USUAL)[1:]}]},
        {"instances": ROWS},
        {"instances": [USUAL, {**USUAL, "count": math.nan}]},
        {"instances": [{**USUAL, "größe": "NaN", "plain": -math.inf}]},
        b'{"instances": NaN}',
    ],
)
def test_every_json_body_is_answered_as_by_python(
    served: Answering, reference: Server, body: Any
) -> None:
    compare(served, reference, body, "application/json")


LINE = '2.5,"1,250.5","1.250,5",3,yes,2026-01-31,31.01.2026,"Jan 31, 26",31/01/2026 10:20:30,'
HEAD = "plain,english,european,count,flag,day,german,named,moment,größe\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}{LINE}klein\n",
        f"\ufeff{HEAD}{LINE}klein",
        f"{HEAD}{LINE}klein\r\n\r\n{LINE}\r\n".replace("größe\n", "größe\r\n"),
        f'{HEAD}{LINE}"so ""groß"", ja"\n',
        f'{HEAD}{LINE}"two\nlines"\n{LINE}x',
        f'{HEAD}{LINE}5 "inches"\n',
        f'{HEAD}{LINE}"klein" \n',
        f'{HEAD}{LINE}"klein\n',
        f"{HEAD}{LINE}klein,more\n",
        f"{HEAD}{LINE}klein\n1,2\n",
        f"{HEAD}2.5\n",
        HEAD,
        "a,a\n1,2\n",
        ",a\n1,2\n",
        " plain ,odd\n1,2\n",
    ],
)
def test_every_csv_body_is_answered_as_by_python(
    served: Answering, reference: Server, text: str
) -> None:
    compare(served, reference, text.encode(), "text/csv")


@pytest.mark.parametrize(
    ("method", "path", "kind", "status"),
    [
        ("GET", "/ping", "application/json", 200),
        ("POST", "/ping", "application/json", 405),
        ("GET", "/invocations", "application/json", 405),
        ("GET", "/", "application/json", 404),
        ("POST", "/invocations", "text/plain", 415),
    ],
)
def test_only_the_two_routes_and_content_types_are_here(
    served: Answering, method: str, path: str, kind: str, status: int
) -> None:
    assert served.ask(b"{}" if method == "POST" else None, kind, method, path).status == status


def test_body_that_is_too_large_is_refused(served: Answering) -> None:
    # Refused by its length; whoever is still sending may not get to read why.
    with contextlib.suppress(OSError):
        assert served.ask(b" " * (MAX_BODY_BYTES + 1)).status == 413
    assert served.ask(None, method="GET", path="/ping").status == 200


def test_prediction_carries_its_passport(served: Answering) -> None:
    answer = served.ask({"instances": [USUAL]}, x_amzn_sagemaker_inference_id="case-7")
    assert (answer.body["model_package"], answer.body["inference_id"]) == (PACKAGE, "case-7")
    attributes = answer.headers["x-amzn-sagemaker-custom-attributes"]
    assert attributes == "model_package=loans/3;inference_id=case-7"


def test_inference_id_is_taken_from_custom_attributes(served: Answering) -> None:
    given = "trace=1; inference_id=case-8"
    answer = served.ask({"instances": [USUAL]}, x_amzn_sagemaker_custom_attributes=given)
    assert answer.body["inference_id"] == "case-8"


@pytest.mark.parametrize("stated", ["x" * 65, "a;b"])
def test_inference_id_that_no_header_can_carry_is_refused(served: Answering, stated: str) -> None:
    answer = served.ask({"instances": [USUAL]}, x_amzn_sagemaker_inference_id=stated)
    assert answer.status == 400


def test_inference_without_an_id_gets_its_own_that_names_the_version(served: Answering) -> None:
    ids = {served.ask({"instances": [USUAL]}).body["inference_id"] for _ in range(2)}
    claims = [claim(inference_id) for inference_id in ids]
    assert [found and found.version for found in claims] == [3, 3]


def test_server_ends_cleanly_when_it_is_asked_to(model: Model, tmp_path: Path) -> None:
    assert Answering(model.folder, tmp_path / "log.txt").until_healthy().end() == 0


def test_inferences_can_be_captured_on_the_standard_output(model: Model, tmp_path: Path) -> None:
    server = Answering(model.folder, tmp_path / "log.txt", MODELYARD_CAPTURE="log").until_healthy()
    short, long = {"instances": [USUAL]}, {"instances": ROWS * 2}
    answers = [server.ask(body).body for body in (short, long)]
    server.end()
    log = server.log.read_text(encoding="ascii").splitlines()
    lines = [line for line in log if line.startswith("{")]
    parts = [json.loads(line) for line in lines]
    assert max(map(len, lines)) < 12 * 1024
    slices = [part["capturePart"] for part in parts[1:]]
    assert [one["sequence"] for one in slices] == list(range(1, slices[0]["of"] + 1))
    joined = [parts[0], json.loads("".join(one["data"] for one in slices))]
    sides = [record["captureData"] for record in joined]
    assert [json.loads(side["endpointInput"]["data"]) for side in sides] == [short, long]
    assert [json.loads(side["endpointOutput"]["data"]) for side in sides] == answers
    events = [record["eventMetadata"]["eventId"].rpartition("-")[2] for record in joined]
    assert events == ["1", "2"]


def test_altered_model_is_not_served(model: Model, tmp_path: Path) -> None:
    altered = tmp_path / "model"
    shutil.copytree(model.folder, altered)
    with (altered / "model.r.json").open("a") as file:
        file.write(" ")
    server = Answering(altered, tmp_path / "log.txt")
    assert server.process.wait(30) == 1
    assert "model.r.json: differs from its checksum" in server.log.read_text()
