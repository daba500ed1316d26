"""A release is verified by what its endpoint really answers, and refused with row and reason."""

import asyncio
import io
import json
from typing import Any

import numpy as np
import pytest
from botocore.exceptions import ClientError
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from modelyard.data import DataContract
from modelyard.functions import verify_golden, verify_inputs, verify_load
from modelyard.functions.invocation import RealTime, Reply
from modelyard.functions.verification import Check, verdict
from modelyard.model import Model, save
from modelyard.serving import Server
from modelyard.tables import as_frame, to_arrays

PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/3"
COLUMNS: list[dict[str, Any]] = [
    {"name": "Größe", "kind": "number", "use": "feature"},
    {"name": "count", "kind": "integer", "use": "feature"},
    {"name": "member", "kind": "boolean", "use": "feature"},
    {"name": "since", "kind": "date", "use": "feature"},
    {"name": "colour", "kind": "category", "use": "feature", "categories": ["blue", "red"]},
    {"name": "target", "kind": "category", "use": "target", "categories": ["no", "yes"]},
]
FEATURES = COLUMNS[:-1]
ROWS = [
    {
        "Größe": n / 7, "count": n, "member": n % 2 == 0, "since": f"2026-01-{1 + n % 28:02d}",
        "colour": "red" if n % 3 else "blue",
    }
    for n in range(30)
]  # fmt: skip


class Runtime:
    """sagemaker-runtime in front of our own server, answering errors as SageMaker does."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.spoil: Any = lambda body: body

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        status, body = asyncio.run(self._ask(request["Body"], request["ContentType"]))
        if status != 200:
            answer: Any = {
                "Error": {"Code": "ModelError", "Message": "Received client error"},
                "ResponseMetadata": {"HTTPStatusCode": 424},
                "OriginalStatusCode": status,
                "OriginalMessage": body.decode(),
            }
            raise ClientError(answer, "InvokeEndpoint")
        return {"Body": io.BytesIO(json.dumps(self.spoil(json.loads(body))).encode())}

    async def _ask(self, body: bytes, content_type: str) -> tuple[int, bytes]:
        headers = [(b"content-type", content_type.encode())]
        headers.append((b"content-length", str(len(body)).encode()))
        scope = {"method": "POST", "path": "/invocations", "headers": headers}
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._server(scope, receive, send)
        return sent[0]["status"], sent[1]["body"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A model of every kind of column."""
    contract = DataContract.parse({"columns": COLUMNS})
    arrays = to_arrays(ROWS, contract.feature_columns)
    columns = ColumnTransformer(
        [("c", OneHotEncoder(handle_unknown="ignore"), ["colour"])], remainder="passthrough"
    )
    fitted = make_pipeline(columns, LogisticRegression(max_iter=5000))
    fitted.fit(as_frame(arrays, contract.feature_columns), np.arange(30) % 2)
    return save(fitted, tmp_path_factory.mktemp("model"), contract, "binary", arrays)


@pytest.fixture
def runtime(model: Model) -> Runtime:
    return Runtime(Server(model, PACKAGE))


@pytest.fixture
def golden(model: Model) -> list[dict[str, Any]]:
    """Rows with the answers that the evaluation wrote down, as they come from storage."""
    answers = zip(ROWS, model.predict(ROWS), strict=True)
    rows = [{"input": row, "output": answer} for row, answer in answers]
    return list(json.loads(json.dumps(rows)))


def test_our_own_answers_are_golden(runtime: Runtime, golden: list[dict[str, Any]]) -> None:
    check = verify_golden.replay(RealTime(runtime, "e"), golden, PACKAGE)
    assert check == Check("golden predictions", True, "30 rows answered as evaluated")


@pytest.mark.parametrize("shift", [1e-4, 1e-9])
def test_difference_in_a_late_digit_fails_with_row_expected_and_got(
    runtime: Runtime, golden: list[dict[str, Any]], shift: float
) -> None:
    was = golden[16]["output"]["probability"]
    golden[16]["output"]["probability"] = was + shift
    check = verify_golden.replay(RealTime(runtime, "e"), golden, PACKAGE)
    assert check.passed is False
    assert check.sentence.startswith("row 17: expected ")
    assert f"{was + shift!r}" in check.sentence.split(", got ")[0]
    assert f"{was!r}" in check.sentence.split(", got ")[1]


def test_difference_of_a_row_alone_is_found(runtime: Runtime, golden: list[dict[str, Any]]) -> None:
    def spoil(body: Any) -> Any:
        if len(body["predictions"]) == 1:
            body["predictions"][0]["probability"] = 0.5
        return body

    runtime.spoil = spoil
    check = verify_golden.replay(RealTime(runtime, "e"), golden, PACKAGE)
    assert (check.passed, check.sentence[:7]) == (False, "row 1: ")


def test_type_of_an_answer_counts() -> None:
    assert verify_golden.differences([{"prediction": 1.0}], [{"prediction": 1}])
    assert verify_golden.differences([{"prediction": True}], [{"prediction": 1}])


@pytest.mark.parametrize(
    ("got", "same"),
    [(0.17848663558287214, True), (0.178486635583, True), (0.1784866356, False), (0.1785, False)],
)
def test_the_twelfth_digit_counts_and_the_last_bit_does_not(got: float, same: bool) -> None:
    found = verify_golden.differences([{"p": got}], [{"p": 0.17848663558287212}])
    assert (found == []) is same


def test_fewer_answers_than_rows_are_noticed(golden: list[dict[str, Any]]) -> None:
    found = verify_golden.differences([], [row["output"] for row in golden])
    assert found == ["0 predictions for 30 rows"]


def test_endpoint_that_still_serves_another_version_is_noticed(
    runtime: Runtime, golden: list[dict[str, Any]]
) -> None:
    check = verify_golden.replay(RealTime(runtime, "e"), golden, PACKAGE.replace("/3", "/4"))
    assert f"answers as {PACKAGE}" in check.sentence


def test_our_server_refuses_the_whole_battery(runtime: Runtime) -> None:
    probes = list(verify_inputs.battery(ROWS[0], FEATURES))
    assert len(probes) == 5 + 5 + 4 + 2 + 9
    check = verify_inputs.try_all(RealTime(runtime, "e"), probes)
    assert (check.passed, check.sentence) == (True, "25 bad requests refused with their reasons")


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply(200, "{}", 0), "missing field Größe: answered 200"),
        (Reply(500, "oops", 0), "missing field Größe: answered 500: oops"),
        (Reply(400, "bad request", 0), "the refusal does not name 'Größe': bad request"),
    ],
)
def test_bad_input_that_is_not_refused_by_name_fails(reply: Reply, problem: str) -> None:
    probes = list(verify_inputs.battery(ROWS[0], FEATURES))
    check = verify_inputs.try_all(lambda *_: reply, probes)
    assert check.passed is False
    assert problem in check.sentence


def test_escaped_name_in_a_refusal_counts() -> None:
    probe = verify_inputs.Probe("missing", b"", "Größe")
    reply = Reply(400, json.dumps({"error": "column 'Größe' is missing"}), 0)
    assert verify_inputs.try_all(lambda *_: reply, [probe]).passed


def replies(*seconds: float, status: int = 200) -> list[Reply]:
    return [Reply(status, "said", second) for second in seconds]


def test_load_within_its_budget_passes() -> None:
    check = verify_load.judge(replies(*[0.02] * 100), 100)
    assert check.passed
    assert check.figures["p99_ms"] == 20


def test_slow_tail_is_over_the_budget() -> None:
    check = verify_load.judge(replies(*[0.01] * 97, *[0.3] * 3), 100)
    assert (check.passed, "over the budget of 100 ms" in check.sentence) == (False, True)


def test_one_failed_request_fails_the_load() -> None:
    check = verify_load.judge([*replies(*[0.01] * 99), *replies(0.01, status=500)], 100)
    assert (check.passed, check.sentence) == (False, "1 of 100 requests failed, one with 500: said")


def test_load_is_bounded_by_requests(runtime: Runtime) -> None:
    invoke = RealTime(runtime, "e")
    check = verify_load.press(invoke, [verify_golden.body_of(ROWS[:1])], latency_ms=60_000)
    assert (check.passed, check.figures["requests"]) == (True, verify_load.REQUESTS)


def test_endpoint_that_never_warms_up_is_given_up() -> None:
    check = verify_load.warm_up(lambda *_: Reply(503, "starting", 0), b"", patience=0)
    assert (check.passed, check.sentence) == (False, "answered 503: starting")


def test_verdict_tells_only_what_failed() -> None:
    good, bad = Check("a", True, "fine"), Check("b", False, "broken")
    assert verdict([good, bad]) == (False, "b: broken")
    assert verdict([good, Check("c", None, "nothing to do")])[0]


def test_error_of_the_service_keeps_its_status() -> None:
    class Throttled:
        def invoke_endpoint(self, **_: Any) -> Any:
            answer: Any = {
                "Error": {"Code": "ThrottlingException", "Message": "slow down"},
                "ResponseMetadata": {"HTTPStatusCode": 429},
            }
            raise ClientError(answer, "InvokeEndpoint")

    reply = RealTime(Throttled(), "e")(b"")
    assert (reply.status, reply.text) == (429, "slow down")
