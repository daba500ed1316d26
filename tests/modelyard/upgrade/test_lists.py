"""Files that are lists merge entry by entry, and contradict only where one entry has two fates."""

import pytest

from modelyard.upgrade.lists import patterns, requirements

OLD = "# Pins.\nboto3==1.0\npandas==3.0\n"


@pytest.mark.parametrize(
    ("ours", "new", "merged"),
    [
        (OLD + "holidays==0.8\n", OLD.replace("3.0", "3.1"), "pandas==3.1\nholidays==0.8\n"),
        (OLD + "holidays==0.8\n", OLD + "pytz==1\n", "pandas==3.0\nholidays==0.8\npytz==1\n"),
        (OLD + "x==1\n", "# Pins.\nboto3==1.0\n", "boto3==1.0\nx==1\n"),
        (OLD.replace("3.0", "3.0.1"), OLD.replace("1.0", "1.1"), "boto3==1.1\npandas==3.0.1\n"),
        (OLD + "Py_tz==1\n", OLD + "Py_tz==1\n", "Py_tz==1\n"),
    ],
    ids=["moved", "both added", "dropped", "pinned elsewhere", "agreed"],
)
def test_requirements_merge_by_package(ours: str, new: str, merged: str) -> None:
    found = requirements(OLD, ours, new)
    assert found is not None
    assert found.endswith(merged)
    assert found.startswith("# Pins.\n")


@pytest.mark.parametrize(
    ("ours", "new"),
    [
        (OLD.replace("3.0", "3.0.1"), OLD.replace("3.0", "3.1")),
        (OLD.replace("3.0", "3.0.1"), "boto3==1.0\n"),
        (OLD + "pytz==1\n", OLD + "PyTZ==2\n"),
    ],
    ids=["two versions", "changed and dropped", "added twice"],
)
def test_package_with_two_fates_is_for_people(ours: str, new: str) -> None:
    assert requirements(OLD, ours, new) is None


def test_patterns_of_both_sides_are_kept() -> None:
    merged = patterns("/a/\n/b/\n", "/a/\n/b/\n/ours/\n", "/b/\n/theirs/\n")
    assert merged == "/b/\n/ours/\n/theirs/\n"
