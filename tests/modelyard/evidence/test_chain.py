"""The hash chain of records: what anybody changes afterwards is told, in a sentence."""

import json
from collections.abc import Sequence

import pytest

from modelyard.evidence import chain
from modelyard.evidence.document import Document
from modelyard.evidence.reader import Reader
from tests.modelyard.evidence.stored import Store, record

FOLDER = "approvals/"


@pytest.fixture
def store() -> Store:
    """Three records, one after the other."""
    kept = Store()
    for number in (1, 2, 3):
        chain.append(kept, "evidence", FOLDER, f"{number}.json", record(number), "key")
    return kept


def read(store: Store) -> tuple[Sequence[Document], list[str]]:
    reader = Reader()
    return reader.kept(store, "evidence", FOLDER, "approvals"), reader.problems


def edited(store: Store, name: str, **changes: object) -> bytes:
    """A record's bytes with something changed."""
    body = store.objects["evidence", f"{FOLDER}{name}"][0].body
    assert body is not None
    return json.dumps({**json.loads(body), **changes}).encode()


def test_untouched_records_hold(store: Store) -> None:
    assert chain.verify(read(store)[0]) == ()


def test_first_record_has_none_before_it(store: Store) -> None:
    assert read(store)[0][0].content["previous"] is None


def test_record_edited_in_the_store_itself_is_told(store: Store) -> None:
    store.objects["evidence", f"{FOLDER}2.json"][0].body = edited(store, "2.json", comment="x")
    assert chain.verify(read(store)[0]) == (
        "s3://evidence/approvals/2.json was edited: s3://evidence/approvals/3.json was written "
        "after another content",
    )


def test_record_written_over_is_told_and_its_first_version_counts(store: Store) -> None:
    store.put("evidence", f"{FOLDER}3.json", edited(store, "3.json", comment="x"))
    documents, problems = read(store)
    assert problems == ["s3://evidence/approvals/3.json was overwritten after it was written"]
    assert "comment" not in documents[-1].content


def test_removed_record_is_told(store: Store) -> None:
    store.lose("evidence", f"{FOLDER}2.json")
    assert chain.verify(read(store)[0]) == (
        "s3://evidence/approvals/2.json was removed: s3://evidence/approvals/3.json was written "
        "after it",
    )


def test_newest_record_hidden_by_a_delete_marker_is_told_and_still_read(store: Store) -> None:
    store.delete("evidence", f"{FOLDER}3.json")
    documents, problems = read(store)
    assert problems == ["s3://evidence/approvals/3.json was deleted; its version is kept"]
    assert len(documents) == 3


def test_beginning_that_was_cut_off_is_told(store: Store) -> None:
    store.lose("evidence", f"{FOLDER}1.json")
    assert "1.json was removed" in chain.verify(read(store)[0])[1]


def test_record_that_ignores_those_before_it_is_told(store: Store) -> None:
    store.put("evidence", f"{FOLDER}4.json", record(4, previous=None))
    assert chain.verify(read(store)[0])[0] == (
        "s3://evidence/approvals/4.json names no record before it, although there are some"
    )


def test_reordered_records_are_told(store: Store) -> None:
    chain.append(store, "evidence", FOLDER, "4.json", record(0), "key")
    assert chain.verify(read(store)[0]) == (
        "s3://evidence/approvals/4.json is dated before s3://evidence/approvals/3.json, "
        "which it was written after",
    )


def written_at_once(store: Store) -> None:
    """Two writers who saw the same records, because neither had written yet."""
    seen = chain.before(store, "evidence", FOLDER, "4.json")
    store.put("evidence", f"{FOLDER}4.json", record(4, **seen))
    store.put("evidence", f"{FOLDER}5.json", record(5, **seen))


def test_fork_of_two_writers_is_told_as_what_it_is(store: Store) -> None:
    written_at_once(store)
    (problem,) = chain.verify(read(store)[0])
    assert "4.json and s3://evidence/approvals/5.json were written at the same time" in problem


def test_next_record_joins_a_fork_and_the_chain_holds_again(store: Store) -> None:
    written_at_once(store)
    chain.append(store, "evidence", FOLDER, "6.json", record(6), "key")
    documents, _ = read(store)
    assert len(documents) == 6
    assert chain.verify(documents) == ()


def test_branch_of_a_joined_fork_cannot_be_edited_either(store: Store) -> None:
    written_at_once(store)
    chain.append(store, "evidence", FOLDER, "6.json", record(6), "key")
    store.objects["evidence", f"{FOLDER}4.json"][0].body = edited(store, "4.json", comment="x")
    assert "4.json was edited" in chain.verify(read(store)[0])[0]


def test_records_of_folders_below_are_another_chain(store: Store) -> None:
    chain.append(store, "evidence", FOLDER, "deeper/9.json", record(9), "key")
    documents, _ = read(store)
    assert (len(documents), chain.verify(documents)) == (3, ())


def test_interrupted_writer_says_the_same_record_once_more(store: Store) -> None:
    assert chain.before(store, "evidence", FOLDER, "3.json")["previous"]["uri"].endswith("2.json")


def test_reader_who_may_not_list_versions_reads_what_is_current(store: Store) -> None:
    store.denied = {"evidence/versions"}
    documents, problems = read(store)
    assert (len(documents), problems, chain.verify(documents)) == (3, [], ())
