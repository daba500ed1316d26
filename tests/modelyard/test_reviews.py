"""A person's review is a record of its own: once per decision, and without the person's data."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from modelyard import reviews
from modelyard.aws import Place
from modelyard.errors import DecisionError
from modelyard.project import Project
from modelyard.trace.prediction import Prediction
from modelyard.workspace import Workspace
from tests.modelyard.evidence.stored import Registry, Store, place_of

OLGA = "arn:aws:sts::123456789012:assumed-role/loans-prod-model-operator/olga"
PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/loans/3"


class Shelf(Store):
    """A store that is also asked whether something is there."""

    def head_object(self, *, Bucket: str, Key: str) -> None:  # noqa: N803
        if (Bucket, Key) not in self.objects:
            raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadObject")


class Operator(Registry):
    """The token service that says who asks."""

    def get_caller_identity(self) -> Any:
        return {"Arn": OLGA}


@pytest.fixture
def store() -> Shelf:
    return Shelf()


@pytest.fixture
def place(project: Project, store: Shelf, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An environment in which one prediction was captured."""
    made = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    row = {"income": 1234.5}
    found = Prediction(made, PACKAGE, "main", [row], [{"prediction": 0}], "s3://x/y")
    workspace = Workspace.model_construct(bucket_evidence="evidence", key_arn="key")
    monkeypatch.setattr(reviews, "captured", lambda *_: found)
    monkeypatch.setattr(Place, "workspace", lambda _: workspace)
    return place_of(project, store, Operator(), sts=Operator())


def stored(store: Shelf, uri: str) -> dict[str, Any]:
    key = uri.removeprefix("s3://evidence/")
    return dict(json.loads(store.get_object(Bucket="evidence", Key=key)["Body"].read()))


def test_review_says_who_looked_at_what_and_what_came_of_it(place: Place, store: Shelf) -> None:
    uri = reviews.record(place, "loan-17", "changed", "Income was misread.")
    assert uri == "s3://evidence/reports/reviews/loan-17.json"
    found = stored(store, uri)
    assert (found["user"], found["role"]) == ("olga", "loans-prod-model-operator")
    assert (found["outcome"], found["comment"]) == ("changed", "Income was misread.")
    assert (found["model_package_arn"], found["decided"]) == (PACKAGE, "2026-03-04T05:06:00+00:00")


def test_review_holds_nothing_of_the_row(place: Place, store: Shelf) -> None:
    found = stored(store, reviews.record(place, "loan-17", "upheld", "Right."))
    assert "income" not in json.dumps(found)
    assert "1234.5" not in json.dumps(found)


def test_second_review_does_not_replace_the_first(place: Place, store: Shelf) -> None:
    uri = reviews.record(place, "loan-17", "upheld", "Right.")
    with pytest.raises(DecisionError, match="loan-17 was reviewed already: see s3://evidence/"):
        reviews.record(place, "loan-17", "changed", "Wrong after all.")
    assert stored(store, uri)["outcome"] == "upheld"


def test_reviews_are_chained(place: Place, store: Shelf) -> None:
    first = reviews.record(place, "loan-17", "upheld", "Right.")
    second = stored(store, reviews.record(place, "loan-18", "changed", "Wrong."))
    assert second["previous"]["uri"] == first


@pytest.mark.parametrize("inference_id", ["../approvals/7", "a/b", ".hidden", "x" * 65, "née"])
def test_id_that_is_no_file_name_is_named_by_its_hash(inference_id: str) -> None:
    name = reviews.file_name(inference_id)
    assert len(name) == 64 + len(".json")
    assert set(name.removesuffix(".json")) <= set("0123456789abcdef")
