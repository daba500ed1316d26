"""modelyard runs: the runs of the build pipeline beside each other, or two of them in detail.

A run is named by its id (or the beginning of it) or by the version it registered. Nothing but
SageMaker and the jobs' files is asked, so that it works wherever the pipeline ran.
"""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from modelyard import run_table
from modelyard.aws import Place
from modelyard.commands import options
from modelyard.definition import pipeline_name
from modelyard.errors import RunError
from modelyard.evidence.store import bucket_of
from modelyard.functions.run_facts import RunFacts, run_facts

HELP = "compare runs of the pipeline: data, parameters, metrics, versions"
_MOST = 200


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "dev")
    parser.add_argument("runs", nargs="*", metavar="RUN", help="two runs, to see what differs")
    parser.add_argument(
        "--last", type=int, default=10, metavar="N", help="how many runs (default: 10)"
    )
    parser.add_argument(
        "--metric",
        action="append",
        metavar="NAME",
        help="a metric to show; may be repeated (default: those that gates judge)",
    )
    parser.add_argument(
        "--mlflow",
        metavar="URI",
        help="also write them into an MLflow store of your own, such as sqlite:///runs.db",
    )
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    options.require_environment(arguments, ("dev",), "the build pipeline runs in dev")
    if len(arguments.runs) not in (0, 2):
        raise RunError(f"name no run, for a table, or two to compare: not {len(arguments.runs)}")
    place = options.place(arguments)
    if arguments.runs:
        return _compare(place, arguments)
    found = [_facts(place, item) for item in _listed(place)[: max(1, arguments.last)]]
    if arguments.mlflow:
        from modelyard.local_tracking import export

        written = export(arguments.mlflow, pipeline_name(place.project), found)
        options.complain(f"{written} runs written to {arguments.mlflow}")
    if arguments.json:
        options.print_json([run_table.document(run) for run in found])
    elif found:
        metrics = arguments.metric or run_table.headline_metrics(found)
        options.say(run_table.table(found, metrics))
    else:
        options.say("no run yet: start one with `modelyard run`")
    return 0


def _compare(place: Place, arguments: argparse.Namespace) -> int:
    one, other = _named(place, arguments.runs)
    differing = run_table.difference(one, other)
    if arguments.json:
        options.print_json(
            {
                "runs": [run_table.document(run) for run in (one, other)],
                "differences": [
                    {"fact": name, one.id: was, other.id: now} for name, was, now in differing
                ],
            }
        )
        return 0
    for name, was, now in [("run", one.id, other.id), *differing]:
        options.say(f"{name:<24}  {was}  ->  {now}")
    if not differing:
        options.say("nothing differs")
    return 0


def _named(place: Place, names: Sequence[str]) -> tuple[RunFacts, RunFacts]:
    listed = _listed(place)
    first, second = (_one(place, listed, name) for name in names)
    return first, second


def _one(place: Place, listed: Sequence[Mapping[str, Any]], name: str) -> RunFacts:
    begins = [item for item in listed if _id(item).startswith(name)]
    if len(begins) == 1:
        return _facts(place, begins[0])
    if len(begins) > 1:
        raise RunError(f"{len(begins)} runs begin with '{name}': name more of its id")
    for item in listed if name.isdigit() else ():
        found = _facts(place, item)
        if found.package_version == int(name):
            return found
    raise RunError(f"no run '{name}' among the last {len(listed)}: see `modelyard runs`")


def _listed(place: Place) -> list[Mapping[str, Any]]:
    """The newest runs first."""
    sagemaker = place.client("sagemaker")
    pipeline = pipeline_name(place.project)
    try:
        pages = sagemaker.get_paginator("list_pipeline_executions").paginate(
            PipelineName=pipeline,
            SortBy="CreationTime",
            SortOrder="Descending",
            PaginationConfig={"MaxItems": _MOST},
        )
        return [item for page in pages for item in page["PipelineExecutionSummaries"]]
    except sagemaker.exceptions.ResourceNotFound:
        raise RunError(
            f"there is no pipeline {pipeline} yet: publish it with `modelyard publish`"
        ) from None


def _id(item: Mapping[str, Any]) -> str:
    return str(item["PipelineExecutionArn"]).rsplit("/", 1)[1]


def _facts(place: Place, item: Mapping[str, Any]) -> RunFacts:
    bucket = bucket_of(place.project, "dev", "artifacts")
    return run_facts(
        place.client("sagemaker"), place.client("s3"), bucket, item["PipelineExecutionArn"]
    )
