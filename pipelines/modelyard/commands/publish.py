"""modelyard publish: creates or updates the pipeline from the committed pipeline.json."""

import argparse
import subprocess
from pathlib import Path

from modelyard import publish
from modelyard.commands import options
from modelyard.definition import pipeline_name

HELP = "create or update the pipeline from pipeline.json and one image"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "dev")
    parser.add_argument(
        "--image", required=True, metavar="URI@DIGEST", help="the model repo's image, by digest"
    )
    parser.add_argument(
        "--definition",
        type=Path,
        metavar="FILE",
        help="the rendered pipeline (default: pipeline.json beside the project file)",
    )
    parser.add_argument(
        "--commit", metavar="SHA", help="the code commit to record (default: asked of git)"
    )


def execute(arguments: argparse.Namespace) -> int:
    options.require_environment(arguments, ("dev",), "pipelines live where the registry is")
    place = options.place(arguments)
    file = arguments.definition or arguments.project.with_name("pipeline.json")
    definition = publish.committed(file, place.project)
    workspace = place.workspace()
    repo = arguments.project.absolute().parent
    origin = publish.origin(repo)
    commit = arguments.commit or _commit(repo)
    values = publish.facts(place.project, workspace, arguments.image, commit)
    sagemaker = place.client("sagemaker")
    arn = publish.upsert(
        sagemaker,
        pipeline_name(place.project),
        workspace.pipeline_role,
        publish.bind(definition, values),
        place.project.title,
    )
    publish.tag(sagemaker, arn, origin)
    options.say(f"published {arn} at commit {commit}")
    return 0


def _commit(folder: Path) -> str:
    """The commit checked out, marked when files differ from it."""
    try:
        head = _git(folder, "rev-parse", "HEAD")
        return f"{head}-modified" if _git(folder, "status", "--porcelain") else head
    except (OSError, subprocess.CalledProcessError):
        return "uncommitted"


def _git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
