"""Fetches what a build was made of: the exact versions of its data, and its code at its commit."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from modelyard.archives import unpack
from modelyard.aws import code_of
from modelyard.functions.job_contract import KEY_FILE
from modelyard.functions.service import split_uri
from modelyard.manifest import file_sha256
from modelyard.pseudonym_store import KeyStore
from modelyard.reproduce.record import ReproductionError, Source

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_DENIED = ("AccessDenied", "403")
_GONE = ("NoSuchVersion", "NoSuchKey", "NoSuchBucket", "404", "MethodNotAllowed")


def download(s3: Any, sources: Iterable[Source], folder: Path) -> None:
    """Each file in the very version that was read, held against its recorded sha256."""
    for source in sources:
        target = folder / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        _fetch(s3, source, target)
        found = file_sha256(target)
        if found != source.sha256:
            raise ReproductionError(
                f"{source.uri} version {source.version_id} has sha256 {found[:12]}, but the "
                f"package records {source.sha256[:12]}: the data were changed under the record"
            )


def _fetch(s3: Any, source: Source, target: Path) -> None:
    bucket, key = split_uri(source.uri)
    try:
        s3.download_file(bucket, key, str(target), ExtraArgs={"VersionId": source.version_id})
    except ClientError as error:
        if code_of(error) in _DENIED:
            raise ReproductionError(
                f"you may not read {source.uri}: raw rows are for jobs and for their owner. Pass "
                "--data FOLDER with your own copy of the files (they are held against the recorded "
                "sha256), or repeat the run where the data are with --as-pipeline"
            ) from None
        if code_of(error) in _GONE:
            raise ReproductionError(
                f"{source.uri} version {source.version_id} is gone: it was deleted or has expired, "
                "so this build cannot be repeated from it"
            ) from None
        raise


def own_copies(sources: Iterable[Source], copies: Path, folder: Path) -> None:
    """The files from a folder of one's own, found by their recorded sha256."""
    by_size: dict[int, list[Path]] = {}
    for file in sorted(copies.rglob("*")):
        if file.is_file():
            by_size.setdefault(file.stat().st_size, []).append(file)
    for source in sources:
        same = (f for f in by_size.get(source.bytes, ()) if file_sha256(f) == source.sha256)
        found = next(same, None)
        if found is None:
            raise ReproductionError(
                f"--data {copies}: holds no file with the sha256 {source.sha256[:12]} of "
                f"{source.uri} version {source.version_id}: it is absent, or changed since"
            )
        target = folder / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found, target)


def pseudonym_key(store: KeyStore, key_id: str, folder: Path) -> None:
    """The key with which the build made its pseudonyms, wherever the project's is by now."""
    try:
        found = [key for key in store.kept() if key["id"] == key_id]
    except ClientError as error:
        if code_of(error) not in _DENIED:
            raise
        raise ReproductionError(
            f"this build made pseudonyms with key {key_id}, which only a data steward reads: let "
            "one repeat it, or repeat it where the key is with --as-pipeline"
        ) from None
    if not found:
        raise ReproductionError(f"the pseudonymisation key {key_id} of this build is not kept")
    folder.mkdir(parents=True)
    (folder / KEY_FILE).write_text(json.dumps(dict(found[0])), encoding="utf-8")


def code(repo: Path, commit: str, folder: Path) -> None:
    """The files of a commit, whatever is checked out or edited in the working tree."""
    if not _COMMIT.fullmatch(commit):
        raise ReproductionError(
            f"this version was published from files that no commit holds ({commit}): commit them, "
            "publish, and train again; or repeat it from its image with --as-pipeline"
        )
    with tempfile.TemporaryDirectory() as scratch:
        archive = Path(scratch, "code.tar")
        done = subprocess.run(
            ["git", "-C", str(repo), "archive", "--format=tar", f"--output={archive}", commit],
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise ReproductionError(
                f"{repo} has no commit {commit[:12]}: run this in a clone of the model repo that "
                f"has it (`git fetch origin {commit[:12]}`)"
            )
        unpack(archive, folder)
