"""modelyard predict: sends rows of a file to the endpoint, one request and one passport each.

With --history it forecasts: one request for each series, one line for each period ahead.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from modelyard.commands import options
from modelyard.errors import ModelyardError

HELP = "score rows of a CSV or Parquet file at the endpoint"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "staging")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, metavar="FILE", help="the rows to score")
    source.add_argument(
        "--history",
        type=Path,
        metavar="FILE",
        help="recent rows of each series, to forecast what comes next",
    )
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N rows, or series")
    parser.add_argument("--json", action="store_true", help="print one JSON document each")


def execute(arguments: argparse.Namespace) -> int:
    options.require_environment(arguments, options.SERVING, "dev serves nothing")
    if arguments.limit is not None and arguments.limit < 1:
        raise ModelyardError("--limit must be 1 or more")
    place = options.place(arguments)
    runtime = place.client("sagemaker-runtime")
    endpoint = f"{place.project.name}-{place.environment}"
    left_out = {place.project.model.target}
    for instances in _requests(arguments):
        asked = [
            {name: value for name, value in row.items() if name not in left_out}
            for row in instances
        ]
        answer = runtime.invoke_endpoint(
            EndpointName=endpoint,
            ContentType="application/json",
            Accept="application/json",
            Body=json.dumps({"instances": asked}).encode(),
        )
        body = json.loads(answer["Body"].read())
        for line in _lines(body, instances, arguments.json, arguments.history is not None):
            options.say(line)
    return 0


def _requests(arguments: argparse.Namespace) -> Iterator[Sequence[Mapping[str, Any]]]:
    """The rows of each request: one of a table, all steps ahead of a series."""
    if arguments.history is None:
        yield from ([row] for row in _rows(arguments.data, arguments.limit))
        return
    from modelyard.forecasting import KEY, ForecastKey, rows
    from modelyard.tables import read_table

    if not arguments.history.is_file():
        raise ModelyardError(f"{arguments.history}: no such file")
    made = rows(read_table(arguments.history), arguments.project)
    by_series = groupby(made, key=lambda row: ForecastKey.parse(row[KEY]).series)
    yield from (list(ahead) for _, ahead in islice(by_series, arguments.limit))


def _lines(
    body: Mapping[str, Any], asked: Sequence[Mapping[str, Any]], as_json: bool, ahead: bool
) -> Iterator[str]:
    if not ahead:
        yield json.dumps(body, sort_keys=True) if as_json else _line(body)
        return
    from modelyard.forecasting import KEY, ForecastKey

    passport = {name: body[name] for name in ("inference_id", "model_package")}
    for number, (row, answer) in enumerate(zip(asked, body["predictions"], strict=True), 1):
        key = ForecastKey.parse(row[KEY])
        told = {**asdict(key), "row": number, **answer, **passport}
        version = body["model_package"].rsplit("/", 1)[-1]
        yield (
            json.dumps(told, sort_keys=True)
            if as_json
            else f"{key.series}  {key.date}  prediction={answer['prediction']:.6g}  "
            f"version={version}  {body['inference_id']}"
        )


def _rows(file: Path, limit: int | None) -> Iterator[Mapping[str, Any]]:
    """Rows as JSON values: no NaN, no numpy."""
    from modelyard.tables import read_table

    if not file.is_file():
        raise ModelyardError(f"{file}: no such file")
    frame = read_table(file)
    frame = frame if limit is None else frame.head(limit)
    yield from json.loads(frame.to_json(orient="records", date_format="iso"))


def _line(body: Mapping[str, Any]) -> str:
    prediction = body["predictions"][0]
    shown = "  ".join(f"{name}={value}" for name, value in sorted(prediction.items()))
    return f"{body['inference_id']}  {shown}  version={body['model_package'].rsplit('/', 1)[-1]}"
