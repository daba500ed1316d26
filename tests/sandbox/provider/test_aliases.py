"""Aliases name what a resource was called before, also when only its parent was renamed."""

from __future__ import annotations

from sandbox.provider.aliases import earlier_urns

HEAD = "urn:pulumi:test::fixture::"
NEW_PARENT = f"{HEAD}my:Part::new"
OLD_PARENT = f"{HEAD}my:Part::old"
CHILD = f"{HEAD}my:Part$aws:s3/bucket:Bucket::new-data"


def test_child_named_after_its_parent_was_named_after_the_old_one() -> None:
    assert earlier_urns(CHILD, NEW_PARENT, (), [OLD_PARENT]) == (
        f"{HEAD}my:Part$aws:s3/bucket:Bucket::old-data",
    )


def test_child_with_a_name_of_its_own_kept_it() -> None:
    child = f"{HEAD}my:Part$aws:s3/bucket:Bucket::data"

    assert earlier_urns(child, NEW_PARENT, (), [OLD_PARENT]) == (child,)


def test_child_and_parent_renamed_at_once_are_both_found() -> None:
    own = f"{HEAD}my:Part$aws:s3/bucket:Bucket::new-raw"

    found = earlier_urns(CHILD, NEW_PARENT, [own], [OLD_PARENT])

    assert f"{HEAD}my:Part$aws:s3/bucket:Bucket::old-raw" in found
    assert own in found


def test_parent_of_another_type_is_part_of_the_old_urn() -> None:
    other = f"{HEAD}my:Other$my:Part::old"

    assert earlier_urns(CHILD, NEW_PARENT, (), [other]) == (
        f"{HEAD}my:Other$my:Part$aws:s3/bucket:Bucket::old-data",
    )


def test_without_aliases_there_is_no_earlier_urn() -> None:
    assert earlier_urns(CHILD, NEW_PARENT, (), ()) == ()
