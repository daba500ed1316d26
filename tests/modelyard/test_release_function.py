"""The release function is asked again while it is busy, and told apart from one that is broken."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from modelyard import release_function
from modelyard.release_function import BrokenError, ask
from modelyard.workspace import Workspace

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:loans-prod-release"
WORKSPACE = Workspace.model_construct(release_function=FUNCTION)


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "x"}}, "Invoke")


def answered(payload: Any, **more: Any) -> dict[str, Any]:
    return {"Payload": io.BytesIO(json.dumps(payload).encode()), **more}


class Lambda:
    """A client and the place it is asked of; gives one outcome after the other."""

    def __init__(self, *outcomes: Any) -> None:
        self._outcomes: Iterator[Any] = iter(outcomes)
        self.sent: list[Any] = []

    def client(self, *_: Any) -> "Lambda":
        return self

    def invoke(self, FunctionName: str, Payload: bytes) -> Any:  # noqa: N803 (boto3's names)
        self.sent.append(json.loads(Payload))
        outcome = next(self._outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_function, "_PAUSE_S", 0.0)


def asked(place: Any, said: list[str], patience: float = 60.0) -> dict[str, Any]:
    return ask(place, WORKSPACE, {"action": "reconcile"}, said.append, patience)


def test_busy_function_is_asked_again_and_people_are_told_once() -> None:
    said: list[str] = []
    busy = refusal("TooManyRequestsException")
    place = Lambda(busy, busy, answered({"outcome": "settled"}))
    assert asked(place, said) == {"outcome": "settled"}
    assert said == ["  the release function is busy with another event; asking again"]
    assert place.sent == [{"action": "reconcile"}] * 3


def test_function_that_stays_busy_counts_as_broken() -> None:
    with pytest.raises(BrokenError, match=r"has been busy for .* s; see its log"):
        asked(Lambda(refusal("TooManyRequestsException")), [], patience=-0.001)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (answered({"errorMessage": "no module"}, FunctionError="Unhandled"), "failed: no module"),
        (ReadTimeoutError(endpoint_url="x"), "does not answer"),
    ],
)
def test_function_that_fails_or_hangs_is_broken(outcome: Any, words: str) -> None:
    with pytest.raises(BrokenError, match=words):
        asked(Lambda(outcome), [])


def test_what_aws_denies_is_not_called_broken() -> None:
    with pytest.raises(ClientError):
        asked(Lambda(refusal("AccessDeniedException")), [])
