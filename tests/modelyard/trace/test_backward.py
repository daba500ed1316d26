"""From data to models: every version that learned from it, and where it answers or answered."""

import json

import pytest

from modelyard.errors import TraceError
from modelyard.trace import learned, text
from modelyard.trace.backward import Learned, Wanted
from tests.modelyard.trace.known import ARTIFACTS, PROD, RAW, Known, sha256

FIRST = b"rows of the first file"
URI = f"s3://{RAW}/applications/a.csv"


@pytest.fixture
def several(past: Known) -> Known:
    """Version 1 gave way to 2, which has the same data; 3 learned of other rows at the place."""
    past.model(2)
    past.model(3, b"rows of another file")
    past.release(2, "deploying", 1)
    past.release(2, "done", 5)
    return past


def versions(past: Known, **wanted: object) -> list[int]:
    found, _ = learned(past.place, Wanted(**wanted), ["prod"])  # type: ignore[arg-type]
    return sorted(one.package.version for one in found)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"data": sha256(FIRST)}, [1, 2]),
        ({"data": sha256(FIRST)[:12]}, [1, 2]),
        ({"data": sha256(FIRST * 2)}, [1, 2]),
        ({"version": 1}, [1, 2]),
        ({"version": 3}, [3]),
        ({"uri": URI}, [1, 2, 3]),
        ({"data": "0123456789"}, []),
        ({"uri": "s3://elsewhere/a.csv"}, []),
    ],
)
def test_models_are_found_by_their_data(
    several: Known, wanted: dict[str, object], expected: list[int]
) -> None:
    assert versions(several, **wanted) == expected


def one(past: Known, version: int) -> Learned:
    found, _ = learned(past.place, Wanted(uri=URI), ["prod"])
    return next(each for each in found if each.package.version == version)


def test_endpoints_are_told_now_and_in_the_past(several: Known) -> None:
    assert [found.end is None for found in one(several, 1).served["prod"]] == [False]
    assert [found.end is None for found in one(several, 2).served["prod"]] == [True]
    assert one(several, 3).served == {}


def test_version_that_was_rolled_back_to_answers_again(several: Known) -> None:
    several.release(2, "rolled-back", 9, previous_config="loans-prod-v1-abc")
    assert [found.end is None for found in one(several, 1).served["prod"]] == [False, True]
    assert [found.end is None for found in one(several, 2).served["prod"]] == [False]


def test_shadow_answers_nobody(several: Known) -> None:
    several.release(3, "done", 9, strategy="shadow")
    assert one(several, 3).served == {}
    assert one(several, 2).served["prod"][-1].end is None


def test_document_is_plain_data(several: Known) -> None:
    document = one(several, 2).document()
    assert (document["version"], document["status"]) == (2, "Approved")
    assert document["endpoints"][0]["now"] is True
    assert json.dumps(document, default=str)


def test_data_that_cannot_be_read_is_told(several: Known) -> None:
    several.store.lose(ARTIFACTS, "registry/run3/dataset_versions.json")
    several.forbid(PROD)
    _, gaps = learned(several.place, Wanted(uri=URI), ["prod"])
    assert gaps == (
        "the data of version 3: it does not exist",
        "prod: release records: this caller may not read it",
    )


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (Wanted(version=9), "there is no version 9"),
        (Wanted(data="ab"), "--dataset ab: give at least 8 characters"),
    ],
)
def test_question_that_cannot_be_answered_is_one_line(
    several: Known, wanted: Wanted, sentence: str
) -> None:
    with pytest.raises(TraceError, match=sentence):
        learned(several.place, wanted, ["prod"])


def test_text_tells_versions_files_and_endpoints(several: Known) -> None:
    wanted = Wanted(version=1)
    assert list(text.backward(wanted, *learned(several.place, wanted, ["prod"]))) == [
        "2 model versions learned from the data of version 1",
        "version 2: Approved",
        f"    from {URI}, version v2",
        "    prod: answers now, since 2026-01-02 03:35 UTC",
        "version 1: Approved",
        f"    from {URI}, version v1",
        "    prod: answered from 2026-01-02 03:20 to 2026-01-02 03:35 UTC",
    ]
