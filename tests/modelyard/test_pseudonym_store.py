"""The key of the pseudonyms: made once, rotated on purpose, never lost."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from modelyard.pseudonym_store import CURRENT, KeyStore, PseudonymKeyError

NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[KeyStore]:
    with mock_aws():
        s3: Any = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="artifacts")
        yield KeyStore(s3, "artifacts", "arn:aws:kms:us-east-1:123456789012:key/k")


def lose(store: KeyStore) -> None:
    store.s3.delete_object(Bucket="artifacts", Key=CURRENT)


def test_key_is_made_once(store: KeyStore) -> None:
    made = store.make(NOW)
    assert store.current() == made
    with pytest.raises(PseudonymKeyError, match="there is a key already; `--rotate`"):
        store.make(NOW)


def test_key_is_stored_under_the_projects_own_key(store: KeyStore) -> None:
    store.make(NOW)
    stored = store.s3.head_object(Bucket="artifacts", Key=CURRENT)
    assert (stored["ServerSideEncryption"], stored["SSEKMSKeyId"]) == ("aws:kms", store.key_arn)


def test_two_who_make_the_first_key_at_once_do_not_overwrite_each_other(store: KeyStore) -> None:
    asked: list[Any] = []
    put = store.s3.put_object

    def recorded(**request: Any) -> Any:
        asked.append((request["Key"], request.get("IfNoneMatch")))
        return put(**request)

    store.s3.put_object = recorded
    store.make(NOW)
    assert (CURRENT, "*") in asked


@pytest.mark.parametrize("code", ["PreconditionFailed", "ConditionalRequestConflict"])
def test_who_comes_second_is_told_so(store: KeyStore, code: str) -> None:
    """S3 says the one of a write that came before, the other of one at the same moment."""
    put = store.s3.put_object

    def overtaken(**request: Any) -> Any:
        if "IfNoneMatch" in request:
            raise ClientError({"Error": {"Code": code, "Message": ""}}, "PutObject")
        return put(**request)

    store.s3.put_object = overtaken
    with pytest.raises(PseudonymKeyError, match="somebody made a key at this moment"):
        store.make(NOW)


def test_lost_key_is_not_replaced_but_brought_back(store: KeyStore) -> None:
    made = store.make(NOW)
    lose(store)
    with pytest.raises(PseudonymKeyError, match=r"was lost, but .* `modelyard data key --restore`"):
        store.make(NOW)
    assert store.restore(None) == made == store.current()


def test_rotation_makes_another_key_and_keeps_the_old_one(store: KeyStore) -> None:
    old = store.make(NOW)
    new = store.rotate(NOW + timedelta(days=1))
    assert (store.current(), store.kept()) == (new, [old, new])
    assert {one.key_id for one in store.all()} == {old["id"], new["id"]}


def test_old_key_comes_back_by_its_id(store: KeyStore) -> None:
    old = store.make(NOW)
    store.rotate(NOW + timedelta(days=1))
    assert store.restore(old["id"]) == old == store.current()


def test_unknown_key_is_told_with_the_known_ones(store: KeyStore) -> None:
    made = store.make(NOW)
    with pytest.raises(PseudonymKeyError, match=f"no key 0123 is kept; known: {made['id']}"):
        store.restore("0123")


def test_key_changed_by_hand_is_refused_and_not_quoted(store: KeyStore) -> None:
    made = store.make(NOW)
    body = json.dumps({**made, "key": "00" * 32})
    store.s3.put_object(Bucket="artifacts", Key=CURRENT, Body=body)
    with pytest.raises(PseudonymKeyError, match="changed by hand") as refused:
        store.current()
    assert "00" * 32 not in str(refused.value)
