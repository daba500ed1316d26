"""modelyard reproduce: builds a version once more from its own record, and compares.

The data come in their recorded S3 versions (or as your own copies with the recorded sha256), the
code from the recorded commit of this repository, settings and seeds from the package. Exit status 0
when the result is identical or within tolerance, 1 when it is different.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelyard.aws import Place
from modelyard.commands import options
from modelyard.reproduce import verdict

if TYPE_CHECKING:
    from modelyard.reproduce.rebuild import Rebuilt
    from modelyard.reproduce.record import Build

HELP = "build a version once more from its own record, and compare"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "dev")
    parser.add_argument("model_package", metavar="MODEL_PACKAGE", help="its ARN or version number")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="your own copy of the data files, for who may not read the raw bucket",
    )
    where.add_argument(
        "--as-pipeline",
        action="store_true",
        help="start the pipeline with the recorded image, where the data may not leave AWS; "
        "it registers another pending version",
    )
    parser.add_argument(
        "--tolerance",
        type=_share,
        default=verdict.SHARE,
        metavar="SHARE",
        help="of half of a metric's recorded 95%% interval, where the algorithm is not "
        f"deterministic (default: {verdict.SHARE})",
    )
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    from modelyard.evidence.gather import package_of
    from modelyard.reproduce import record
    from modelyard.reproduce.evidence import document, keep
    from modelyard.reproduce.rerun import rerun

    options.require_environment(arguments, ("dev",), "models are built where the registry is")
    place = options.place(arguments)
    tell = _silent if arguments.json else options.say
    build = record.read(place, package_of(place, arguments.model_package))
    tell(f"version {build.package.version}, trained by {build.package.metadata['trained_by']}")
    began = time.monotonic()
    if arguments.as_pipeline:
        rebuilt, data_from = rerun(place, build, tell), "the pipeline"
    else:
        rebuilt = _repeat(place, build, arguments, tell)
        data_from = "recorded versions" if arguments.data is None else "own copies"
    compared = verdict.compare(build, rebuilt, arguments.tolerance)
    answer = document(place, build, compared, data_from, time.monotonic() - began)
    answer["record"], not_kept = keep(place, build, answer)
    if not_kept:
        options.complain(not_kept)
    if arguments.json:
        options.print_json(answer)
    else:
        _report(compared, answer)
    return 1 if compared.verdict == "different" else 0


def _repeat(
    place: Place, build: "Build", arguments: argparse.Namespace, tell: Callable[[str], None]
) -> "Rebuilt":
    """The second build, in a folder that is gone afterwards."""
    from modelyard.pseudonym_store import KeyStore
    from modelyard.reproduce import sources
    from modelyard.reproduce.rebuild import Bench, rebuild

    with tempfile.TemporaryDirectory(prefix="modelyard-") as scratch:
        bench = Bench(Path(scratch))
        bench.code.mkdir()
        sources.code(arguments.project.absolute().parent, build.commit, bench.code)
        tell(f"  code at commit {build.commit[:12]}")
        if arguments.data is not None:
            sources.own_copies(build.sources, arguments.data, bench.data)
        else:
            sources.download(place.registry_client("s3"), build.sources, bench.data)
        if build.pseudonym_key is not None:
            workspace = place.workspace()
            keys = KeyStore(
                place.registry_client("s3"), workspace.bucket_artifacts, workspace.key_arn
            )
            sources.pseudonym_key(keys, build.pseudonym_key, bench.pseudonyms)
        tell(f"  {len(build.sources)} data file(s), each with its recorded sha256")
        return rebuild(bench, build, tell)


def _report(compared: verdict.Comparison, answer: dict[str, Any]) -> None:
    for difference in compared.environment:
        options.say(f"  not as it was: {difference}")
    for one in compared.metrics:
        if not one.same:
            options.say(
                f"  {one.metric}: recorded {one.recorded}, now {one.repeated}, "
                f"{one.allowed:.4g} allowed"
            )
    options.say(f"{compared.verdict}: {compared.sentence}")
    if answer["record"]:
        options.say(f"recorded in {answer['record']}")


def _silent(_: str) -> None:
    """For --json: standard output holds one document."""


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return share
