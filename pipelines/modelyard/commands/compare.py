"""modelyard compare: how a challenger does beside the version that serves.

A/B: the outcome of each variant, by labels where they have arrived, else by what was decided.
Shadow: how often both answer alike, and how far apart they are at most. Always: latency by variant.
"""

import argparse
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from modelyard import release
from modelyard.aws import Place
from modelyard.commands import options
from modelyard.commands.captured_files import END, VARIANTS, captured, download
from modelyard.errors import ReleaseError
from modelyard.release import Release
from modelyard.workspace import Workspace

HELP = "compare the challenger of an A/B or shadow release with what serves"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "prod")
    parser.add_argument(
        "--hours", type=float, metavar="N", help="the last N hours (default: since the release)"
    )
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    from modelyard import outcomes
    from modelyard.captures import Account, Period, read
    from modelyard.data import DataContract
    from modelyard.monitoring import labels

    options.require_environment(arguments, options.SERVING, "dev serves nothing")
    place = options.place(arguments)
    workspace = place.workspace()
    known = release.state(place, workspace)
    if known is None or known.strategy not in ("ab", "shadow"):
        raise ReleaseError(
            "nothing to compare: the current release is no A/B or shadow release; "
            "set serving.rollout to 'ab' or 'shadow' and release a version"
        )
    start = _start(known, arguments.hours)
    contract = DataContract.load(arguments.project.parent / place.project.dataset.contract)
    with tempfile.TemporaryDirectory() as scratch:
        files = list(captured(place, workspace, start, Path(scratch)))
        truths = list(download(place, workspace, "labels/", Path(scratch)))
        account = Account()
        records = list(read(files, Period(start, END), account))
        found = labels.read(truths, contract.target_column, END)
    answer: dict[str, Any] = {
        "strategy": known.strategy,
        "since": start.isoformat(timespec="seconds"),
        "requests": account.records,
        "unusable_lines": account.unusable,
        "versions": outcomes.versions(records),
        "latency": _latency(place, workspace, start),
    }
    if known.strategy == "shadow":
        agreement = outcomes.agree(records)
        answer["agreement"] = {**asdict(agreement), "sentence": agreement.sentence}
    else:
        positive = str(contract.target_column.categories[-1]) if contract.labels else ""
        problem = place.project.model.learned_as
        compared = outcomes.compare(records, found.by_key, problem, positive)
        answer["comparisons"] = [
            {**asdict(one), "verdict": one.verdict, "sentence": one.sentence} for one in compared
        ]
    if arguments.json:
        options.print_json(answer)
    else:
        options.say(_text(answer))
    return 0


def _start(known: Release, hours: float | None) -> datetime:
    since = datetime.fromisoformat(known.since)
    return since if hours is None else datetime.now(UTC) - timedelta(hours=hours)


def _latency(place: Place, workspace: Workspace, start: datetime) -> dict[str, dict[str, float]]:
    """Milliseconds by variant, as CloudWatch has them; the worst five minutes'."""
    asked = [(variant, statistic) for variant in VARIANTS for statistic in ("p50", "p99")]
    queries = [
        {
            "Id": f"q{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SageMaker",
                    "MetricName": "ModelLatency",
                    "Dimensions": [
                        {"Name": "EndpointName", "Value": workspace.endpoint},
                        {"Name": "VariantName", "Value": variant},
                    ],
                },
                "Period": 300,
                "Stat": statistic,
            },
        }
        for number, (variant, statistic) in enumerate(asked)
    ]
    end = max(datetime.now(UTC), start) + timedelta(days=1)
    answer = place.client("cloudwatch").get_metric_data(
        MetricDataQueries=queries, StartTime=start, EndTime=end
    )
    found: dict[str, dict[str, float]] = {variant: {} for variant in VARIANTS}
    for result in answer["MetricDataResults"]:
        variant, statistic = asked[int(result["Id"][1:])]
        if result["Values"]:
            found[variant][f"{statistic}_ms"] = round(max(result["Values"]) / 1000, 3)
    return found


def _text(answer: dict[str, Any]) -> str:
    lines = [
        f"{answer['strategy']} since {answer['since']}, {answer['requests']} captured requests"
    ]
    for variant, package in answer["versions"].items():
        times = "  ".join(f"{k}={v}" for k, v in answer["latency"].get(variant, {}).items())
        lines.append(f"  {variant:<12}version {package.rsplit('/', 1)[-1]}  {times}")
    for one in answer.get("comparisons", ()):
        counted = f"{one['rows'][0]} and {one['rows'][1]} rows"
        if one["difference"] is not None:
            lines.append(
                f"  {one['measure']}: main {one['main']:.4g}, challenger {one['challenger']:.4g} "
                f"({counted})"
            )
        lines.append(f"  {one['sentence']}")
    if "agreement" in answer:
        lines.append(f"  {answer['agreement']['sentence']}")
    if answer["unusable_lines"]:
        lines.append(f"  {answer['unusable_lines']} captured lines could not be used")
    return "\n".join(lines)
