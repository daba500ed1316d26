"""Pseudonyms are keyed, stable, and their key is told by an id that gives nothing away."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from modelyard.pseudonyms import KeyFileError, Pseudonyms, new_document, read

KEY = bytes(range(32))
NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)


def test_pseudonym_is_a_keyed_hash_of_the_value() -> None:
    expected = hmac.new(KEY, b"alice", hashlib.sha256).hexdigest()
    assert Pseudonyms(KEY).of("alice") == expected
    assert Pseudonyms(bytes(32)).of("alice") != expected


@pytest.mark.parametrize("stored", [7, 7.0, "7", " 7 ", "7.0"])
def test_person_has_one_pseudonym_however_the_value_is_stored(stored: Any) -> None:
    assert Pseudonyms(KEY).of(stored) == Pseudonyms(KEY).of("7")


def test_new_key_is_read_back_from_its_file(tmp_path: Path) -> None:
    document = new_document(NOW)
    (tmp_path / "key.json").write_text(json.dumps(document))
    assert read(tmp_path).key_id == document["id"]


def test_two_new_keys_differ() -> None:
    assert new_document(NOW)["key"] != new_document(NOW)["key"]


def test_key_is_not_shown_when_printed() -> None:
    assert KEY.hex() not in repr(Pseudonyms(KEY)) and repr(KEY) not in repr(Pseudonyms(KEY))


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({}, "states a key of 0 bytes"),
        ({"key": "zz"}, "states no key in hexadecimal digits"),
        ({"key": 5}, "states no key in hexadecimal digits"),
        ({"key": "abcd"}, "states a key of 2 bytes instead of 32"),
        ({"key": KEY.hex(), "id": "0" * 16}, "it was changed by hand"),
        ([], "states a key of 0 bytes"),
    ],
)
def test_what_is_no_key_is_refused_without_quoting_it(document: Any, problem: str) -> None:
    with pytest.raises(KeyFileError, match=problem) as refused:
        Pseudonyms.parse(document)
    assert KEY.hex() not in str(refused.value)
