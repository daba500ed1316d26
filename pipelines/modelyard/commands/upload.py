"""modelyard upload: puts the project's data files into its raw bucket."""

import argparse
from pathlib import Path

from modelyard.commands import options
from modelyard.errors import ModelyardError
from modelyard.project import DataSet

HELP = "put the data files of project.yaml into the raw bucket"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "dev")


def execute(arguments: argparse.Namespace) -> int:
    place = options.place(arguments)
    folder = arguments.project.parent
    own = [dataset for dataset in place.project.data if dataset.origin is None]
    for dataset in place.project.data:
        if dataset.origin is not None:
            options.say(f"{dataset.name} is {dataset.origin.project}'s to upload")
    # All files before the first byte: half an upload helps nobody.
    files = {dataset.name: _file(folder, dataset) for dataset in own}
    workspace = place.workspace()
    for name, file in files.items():
        key = f"{name}/{file.name}"
        with file.open("rb") as stream:
            place.client("s3").upload_fileobj(
                stream,
                workspace.bucket_raw,
                key,
                ExtraArgs={
                    "ServerSideEncryption": "aws:kms",
                    "SSEKMSKeyId": workspace.key_arn,
                },
            )
        options.say(f"uploaded {file} to s3://{workspace.bucket_raw}/{key}")
    return 0


def _file(folder: Path, dataset: DataSet) -> Path:
    file = folder / dataset.source
    if not file.is_file():
        raise ModelyardError(f"data set {dataset.name}: {file} does not exist; correct its source")
    if file.stat().st_size == 0:
        raise ModelyardError(f"data set {dataset.name}: {file} is empty")
    return file
