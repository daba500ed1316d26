"""Captured requests and labels of an environment, fetched for a command that reads them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from modelyard.aws import Place
from modelyard.capture_files import hour_of
from modelyard.commands import options
from modelyard.functions.live import CHALLENGER, MAIN
from modelyard.workspace import Workspace

VARIANTS = (MAIN, CHALLENGER)
END = datetime(9999, 1, 1, tzinfo=UTC)
_MOST_FILES = 2000


def captured(place: Place, workspace: Workspace, start: datetime, folder: Path) -> Iterator[Path]:
    """What was captured of the variants, from the hour of the start on."""
    first = start.replace(minute=0, second=0, microsecond=0)
    for variant in VARIANTS:
        prefix = f"capture/{workspace.endpoint}/{variant}/"
        yield from download(place, workspace, prefix, folder, first)


def download(
    place: Place, workspace: Workspace, prefix: str, folder: Path, first: datetime | None = None
) -> Iterator[Path]:
    """The objects below a prefix, of the hours since the first, under their own keys."""
    s3, bucket = place.client("s3"), workspace.bucket_predictions
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = sorted(item["Key"] for page in pages for item in page.get("Contents", ()))
    wanted = [key for key in keys if first is None or (hour_of(Path(key)) or END) >= first]
    if len(wanted) > _MOST_FILES:
        options.say(f"reading the newest {_MOST_FILES} of {len(wanted)} files below {prefix}")
    for key in wanted[-_MOST_FILES:]:
        file = folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, key, str(file))
        yield file
