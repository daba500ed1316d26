"""A ManifestFile input gives a job exactly the objects it names, as AWS words its rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.compute.failures import RunError
from sandbox.compute.transfer import Transfer
from tests.sandbox.compute.support import Account


def pull(account: Account, manifest: Any, target: Path) -> list[str]:
    """The local names that a manifest's objects get."""
    uri = account.put("inputs.manifest", json.dumps(manifest))
    Transfer(account.client("s3")).pull(uri, target, "ManifestFile")
    return sorted(file.relative_to(target).as_posix() for file in target.rglob("*.txt"))


def test_named_objects_come_with_their_folders_and_no_others(
    account: Account, tmp_path: Path
) -> None:
    for key in ("capture/a.txt", "capture/ab.txt", "labels/deep/c.txt", "other/d.txt"):
        account.put(key, key)
    prefix = {"prefix": f"s3://{account.bucket}/"}
    names = pull(account, [prefix, "capture/a.txt", "labels/deep/c.txt"], tmp_path)
    assert names == ["capture/a.txt", "labels/deep/c.txt"]
    assert (tmp_path / "capture" / "a.txt").read_text() == "capture/a.txt"


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ([], "is not a valid manifest: the prefix is followed by no object"),
        ([7], "is not a valid manifest: 7 is no key"),
        (["capture/gone.txt"], "Data download failed"),
        (["../../escaped.txt"], "leads out of its directory|Data download failed"),
    ],
)
def test_a_manifest_that_names_nothing_usable_fails_the_job(
    account: Account, tmp_path: Path, rest: list[Any], reason: str
) -> None:
    with pytest.raises(RunError, match=reason):
        pull(account, [{"prefix": f"s3://{account.bucket}/"}, *rest], tmp_path)


@pytest.mark.parametrize("manifest", [{}, [], ["a.txt"], [{"prefix": "https://example.com/"}, "a"]])
def test_what_is_no_manifest_fails_the_job(account: Account, tmp_path: Path, manifest: Any) -> None:
    with pytest.raises(RunError, match=r"valid manifest|is not an S3 URI"):
        pull(account, manifest, tmp_path)
