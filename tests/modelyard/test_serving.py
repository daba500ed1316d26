"""The model server answers with a passport, and says what is wrong with a request."""

import asyncio
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from modelyard import serving
from modelyard.capture_log import CaptureLog
from modelyard.data import DataContract
from modelyard.inference_id import claim
from modelyard.model import Model, save
from modelyard.serving import Server
from modelyard.tables import as_frame, to_arrays

PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/3"
CONTRACT = DataContract.parse(
    {
        "columns": [
            {"name": "Größe", "kind": "number", "use": "feature"},
            {"name": "colour", "kind": "category", "use": "feature", "categories": ["blue", "red"]},
            {"name": "target", "kind": "category", "use": "target", "categories": ["no", "yes"]},
            {"name": "id", "kind": "identifier", "use": "key"},
        ]
    }
)
ROWS = [{"Größe": n / 7, "colour": "red" if n % 3 else "blue"} for n in range(60)]


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: Any


def ask(
    server: Server,
    body: bytes | str | Any,
    method: str = "POST",
    path: str = "/invocations",
    **headers: str,
) -> Answer:
    """One request to the application, without a network; headers with _ for -."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    stated = {"content-type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in stated.items()],
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(server(scope, receive, send))
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], found, json.loads(sent[1]["body"]))


def trained(folder: Path, *steps: Any) -> Model:
    """A model of two columns."""
    encoder = ColumnTransformer(
        [("c", OneHotEncoder(handle_unknown="ignore"), ["colour"])], remainder="passthrough"
    )
    arrays = to_arrays(ROWS, CONTRACT.feature_columns)
    answers = (np.arange(60) % 5 > 2).astype(int)
    fitted = make_pipeline(encoder, *steps).fit(as_frame(arrays, CONTRACT.feature_columns), answers)
    return save(fitted, folder, CONTRACT, "binary", arrays)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model that cannot take gaps, so is served by scikit-learn."""
    folder = tmp_path_factory.mktemp("tree")
    trained(folder, DecisionTreeClassifier(max_depth=3))
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server of a registered model."""
    from sklearn.impute import SimpleImputer

    model = trained(tmp_path_factory.mktemp("linear"), SimpleImputer(), LogisticRegression())
    assert model.scorer is not None
    return Server(model, PACKAGE)


def test_ping_answers(server: Server) -> None:
    assert ask(server, b"", "GET", "/ping").status == 200


def test_prediction_carries_its_passport(server: Server) -> None:
    answer = ask(server, {"instances": ROWS[:2]}, x_amzn_sagemaker_inference_id="case-7")
    assert answer.status == 200
    assert [set(row) for row in answer.body["predictions"]] == [{"prediction", "probability"}] * 2
    assert answer.body["model_package"] == PACKAGE
    assert answer.body["inference_id"] == "case-7"
    attributes = answer.headers["x-amzn-sagemaker-custom-attributes"]
    assert attributes == "model_package=loans/3;inference_id=case-7"


def test_inference_id_is_taken_from_custom_attributes(server: Server) -> None:
    attributes = "trace=1; inference_id=case-8"
    answer = ask(server, {"instances": ROWS[:1]}, x_amzn_sagemaker_custom_attributes=attributes)
    assert answer.body["inference_id"] == "case-8"


def test_inference_without_an_id_gets_its_own_that_names_the_version(server: Server) -> None:
    ids = {ask(server, {"instances": ROWS[:1]}).body["inference_id"] for _ in range(2)}
    claims = [claim(inference_id) for inference_id in ids]
    assert [found and found.version for found in claims] == [3, 3]


@pytest.mark.parametrize("inference_id", ["x" * 65, "a;model_package=loans/9"])
def test_inference_id_that_could_forge_the_passport_is_refused(
    server: Server, inference_id: str
) -> None:
    answer = ask(server, {"instances": ROWS[:1]}, x_amzn_sagemaker_inference_id=inference_id)
    assert answer.status == 400


def test_csv_and_json_give_the_same_predictions(server: Server) -> None:
    lines = ["colour,Größe,id", *(f"{row['colour']},{row['Größe']},x" for row in ROWS)]
    csv = ask(server, "\r\n".join(lines).encode(), content_type="text/csv; charset=utf-8")
    assert csv.body["predictions"] == ask(server, {"instances": ROWS}).body["predictions"]


def test_one_row_is_predicted_to_the_bit_as_among_many(server: Server) -> None:
    together = ask(server, {"instances": ROWS}).body["predictions"]
    alone = [ask(server, {"instances": [row]}).body["predictions"][0] for row in ROWS]
    assert together == alone


def test_unknown_category_and_gap_are_predicted(server: Server) -> None:
    rows = [{"Größe": None, "colour": "green"}, {"Größe": "", "colour": None}]
    assert ask(server, {"instances": rows}).status == 200


def test_a_linear_model_not_made_for_gaps_scores_whole_rows_and_refuses_gaps(
    tmp_path: Path,
) -> None:
    model = trained(tmp_path, LogisticRegression())
    assert model.scorer is not None
    server = Server(model, PACKAGE)
    scored = ask(server, {"instances": ROWS}).body["predictions"]
    frame = as_frame(to_arrays(ROWS, CONTRACT.feature_columns), CONTRACT.feature_columns)
    expected = model.estimator.predict_proba(frame)[:, 1]
    np.testing.assert_allclose([row["probability"] for row in scored], expected, rtol=1e-9)
    refused = ask(server, {"instances": [{"Größe": None, "colour": "red"}]})
    assert refused.status == 400
    assert "column 'Größe' is missing" in refused.body["error"]


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ({"instances": [ROWS[0], {"Größe": "x", "colour": "red"}]}, 400,
         "row 2, column 'Größe': 'x' is not a number"),
        ({"instances": [{"Größe": 1}]}, 400, "row 1: column 'colour' is missing"),
        ({"instances": [{"Größe": True, "colour": "red"}]}, 400, "'true' is not a number"),
        ({"instances": [{"Größe": [1], "colour": "red"}]}, 400, "list is not a number"),
        (b'{"instances": [{"Gr\\u00f6\\u00dfe": 1e999, "colour": "red"}]}', 400, "is infinite"),
        (b'{"instances": [{"Gr\\u00f6\\u00dfe": NaN, "colour": "red"}]}', 400,
         "row 1, column 'Größe': NaN is not JSON"),
        ({"instances": [{"Größe": 1, "colour": ["red"]}]}, 400,
         "column 'colour': list is not a single value"),
        ({"instances": [ROWS[0] | {"color": 1}]}, 400, "row 1: column 'color' is unknown"),
        ({"instances": [*ROWS, ROWS[0] | {"color": 1}]}, 400, "row 61: column 'color' is unknown"),
        ({"instances": [*ROWS, {"Größe": "x", "colour": "red"}]}, 400, "row 61, column 'Größe'"),
        ({"instances": [ROWS[0] | {"\ud800": 1}]}, 400, "column '?' is unknown"),
        ({"instances": ROWS, "explain": "yes"}, 400, "'explain' must be true or false"),
        ({"instances": ROWS, "expain": True}, 400, "'expain' is unknown"),
        (b"", 400, "the body is empty"),
        (b" ", 400, "the body is empty"),
        (b"NaN", 400, "NaN is not JSON"),
        ({"instances": [17]}, 400, "row 1: is not an object"),
        ({"instances": []}, 400, "at least one row"),
        ({"rows": ROWS}, 400, 'send {"instances"'),
        (ROWS, 400, 'send {"instances"'),
        (b"{", 400, "is not JSON"),
        (b"\xff", 400, "is not UTF-8"),
        (b"[" * 100_000, 400, "nested too deeply"),
    ],
)  # fmt: skip
def test_bad_body_is_refused_with_the_reason(
    server: Server, body: Any, status: int, reason: str
) -> None:
    answer = ask(server, body)
    assert (answer.status, reason in answer.body["error"]) == (status, True), answer.body


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"colour,Gr\xc3\xb6\xc3\x9fe\nred\n", "row 1: has 1 values, the header 2"),
        (b"colour,Gr\xc3\xb6\xc3\x9fe\nred,big\n", "row 1, column 'Gr\u00f6\u00dfe'"),
        (b"red,1\n", "send a header line"),
        (b"red,1\nblue,2\n", "column 'Gr\u00f6\u00dfe' is missing"),
        (b"a,a\n1,2\n", "the column 'a' appears twice"),
        (b"colour,Gr\xc3\xb6\xc3\x9fe,color\nred,1,2\n", "column 'color' is unknown"),
    ],
)
def test_bad_csv_is_refused_with_the_reason(server: Server, body: bytes, reason: str) -> None:
    answer = ask(server, body, content_type="text/csv")
    assert answer.status == 400
    assert reason in answer.body["error"]


@pytest.mark.parametrize(
    ("method", "path", "content_type", "status"),
    [
        ("POST", "/invocations", "text/xml", 415),
        ("POST", "/invocations", "", 415),
        ("GET", "/invocations", "application/json", 405),
        ("GET", "/", "application/json", 404),
    ],
)
def test_wrong_address_or_type_has_its_status(
    server: Server, method: str, path: str, content_type: str, status: int
) -> None:
    assert ask(server, b"{}", method, path, content_type=content_type).status == status


def test_body_over_the_limit_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MAX_BODY_BYTES", 10)
    assert ask(server, {"instances": ROWS}).status == 413
    assert ask(server, b"{}", content_length="11").status == 413


def test_model_without_an_arithmetic_form_is_served_too(folder: Path) -> None:
    model = Model.load(folder)
    answer = ask(Server(model, None), {"instances": ROWS})
    assert answer.body["predictions"] == model.predict(ROWS)
    assert answer.body["model_package"] == f"unregistered/{model.sha256[:12]}"


def test_server_starts_answers_and_ends_cleanly(folder: Path) -> None:
    port = _free_port()
    process = _serve(folder, port)
    try:
        _wait_for(f"http://127.0.0.1:{port}/ping", process)
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/invocations",
            data=json.dumps({"instances": ROWS[:1]}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            assert "inference_id=" in response.headers["X-Amzn-SageMaker-Custom-Attributes"]
    finally:
        process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


def test_explanation_on_request_adds_up_to_the_prediction(server: Server) -> None:
    plain = ask(server, {"instances": ROWS[:3], "explain": False})
    answer = ask(server, {"instances": ROWS[:3], "explain": True})
    assert "explanations" not in plain.body
    assert answer.body["predictions"] == plain.body["predictions"]
    decisions = [
        explained["base"] + sum(explained["contributions"].values())
        for explained in answer.body["explanations"]
    ]
    probabilities = [row["probability"] for row in answer.body["predictions"]]
    np.testing.assert_allclose(1 / (1 + np.exp(-np.array(decisions))), probabilities, rtol=1e-9)
    assert [set(e["contributions"]) for e in answer.body["explanations"]] == [set(ROWS[0])] * 3
    assert {e["unit"] for e in answer.body["explanations"]} == {"log-odds"}


def test_model_that_cannot_be_explained_says_so(tmp_path: Path) -> None:
    from sklearn.neighbors import KNeighborsClassifier

    server = Server(trained(tmp_path, KNeighborsClassifier()), PACKAGE)
    answer = ask(server, {"instances": ROWS[:1], "explain": True})
    assert answer.status == 400
    assert "this model has no exact explanation" in answer.body["error"]


def test_large_request_is_answered_like_many_small_ones(server: Server) -> None:
    rows = [{**ROWS[n % 60], "id": "x" * 40} for n in range(2000)]
    assert len(json.dumps(rows)) > 128 * 1024
    answer = ask(server, {"instances": rows})
    small = ask(server, {"instances": ROWS}).body["predictions"]
    assert answer.body["predictions"][:60] == small


def test_only_answered_requests_are_captured(tmp_path: Path) -> None:
    stream = io.BytesIO()
    server = Server(trained(tmp_path, LogisticRegression()), PACKAGE, CaptureLog(stream))
    assert ask(server, {"instances": ROWS[:1]}, x_amzn_sagemaker_inference_id="a").status == 200
    assert ask(server, {"instances": [{}]}).status == 400
    (record,) = map(json.loads, stream.getvalue().splitlines())
    captured = json.loads(record["captureData"]["endpointOutput"]["data"])
    assert (captured["inference_id"], captured["model_package"]) == ("a", PACKAGE)


def test_server_told_to_end_answers_what_it_has_begun_and_refuses_the_rest(folder: Path) -> None:
    port = _free_port()
    process = _serve(folder, port, MODELYARD_CAPTURE="log")
    try:
        _wait_for(f"http://127.0.0.1:{port}/ping", process)
        body = json.dumps({"instances": ROWS[:1]}).encode()
        with socket.create_connection(("127.0.0.1", port), timeout=20) as begun:
            head = f"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
            begun.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + body[:5])
            time.sleep(0.2)
            process.send_signal(signal.SIGTERM)
            _wait_until_refused(port)
            begun.sendall(body[5:])
            answered = begun.makefile("rb").read()
    finally:
        process.terminate()
    said, _ = process.communicate(timeout=20)
    assert answered.startswith(b"HTTP/1.1 200 ")
    assert b'"predictions"' in answered
    assert process.returncode == 0
    captured = [line for line in said.splitlines() if line.startswith("{")]
    assert len(captured) == 1


def test_server_with_an_unknown_capture_door_says_so(folder: Path) -> None:
    _, errors = _serve(folder, 0, MODELYARD_CAPTURE="s3").communicate(timeout=60)
    assert errors.splitlines() == [
        "error: MODELYARD_CAPTURE is 's3'; it must be 'endpoint' or 'log'"
    ]


def test_server_without_a_model_says_so_in_one_line(tmp_path: Path) -> None:
    process = _serve(tmp_path, 0)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.splitlines() == [
        f"error: {tmp_path}: holds no manifest.json; it is written by the train job"
    ]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_until_refused(port: int) -> None:
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.02)
    raise AssertionError("new connections are still taken")


def _serve(folder: Path, port: int, **variables: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "SM_MODEL_DIR": str(folder), "SAGEMAKER_BIND_TO_PORT": str(port)}
    environment |= variables
    return subprocess.Popen(
        [sys.executable, "-m", "modelyard.serving"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _wait_for(url: str, process: "subprocess.Popen[str]") -> None:
    for _ in range(600):
        assert process.poll() is None, process.communicate()
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{url} does not answer")
