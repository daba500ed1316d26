"""The key with which a build made its pseudonyms: that one, or a sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from modelyard.functions.job_contract import KEY_FILE
from modelyard.reproduce import sources
from modelyard.reproduce.record import ReproductionError


class Store:
    """A key store with two keys, of which the second is in use."""

    def kept(self) -> list[dict[str, str]]:
        return [{"id": "old", "key": "1"}, {"id": "new", "key": "2"}]


class Closed:
    """A key store this caller may not read."""

    def kept(self) -> list[dict[str, str]]:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")


def fetched(store: Any, key_id: str, folder: Path) -> None:
    sources.pseudonym_key(store, key_id, folder)


def test_key_of_the_build_is_taken_though_it_was_rotated_since(tmp_path: Path) -> None:
    fetched(Store(), "old", tmp_path / "pseudonyms")
    found = json.loads((tmp_path / "pseudonyms" / KEY_FILE).read_text())
    assert found == {"id": "old", "key": "1"}


def test_key_that_is_lost_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReproductionError, match="key lost of this build is not kept"):
        fetched(Store(), "lost", tmp_path / "pseudonyms")


def test_key_that_may_not_be_read_is_told_with_who_may(tmp_path: Path) -> None:
    with pytest.raises(ReproductionError, match="only a data steward reads"):
        fetched(Closed(), "old", tmp_path / "pseudonyms")
