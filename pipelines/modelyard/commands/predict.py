"""modelyard predict: sends rows of a file to the endpoint, one request and one passport each."""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from modelyard.commands import options
from modelyard.errors import ModelyardError

HELP = "score rows of a CSV or Parquet file at the endpoint"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "staging")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FILE", help="the rows to score"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="score the first N rows only")
    parser.add_argument("--json", action="store_true", help="print one JSON document per row")


def execute(arguments: argparse.Namespace) -> int:
    options.require_environment(arguments, options.SERVING, "dev serves nothing")
    if arguments.limit is not None and arguments.limit < 1:
        raise ModelyardError("--limit must be 1 or more")
    place = options.place(arguments)
    runtime = place.client("sagemaker-runtime")
    endpoint = f"{place.project.name}-{place.environment}"
    left_out = {place.project.model.target}
    for row in _rows(arguments.data, arguments.limit):
        instance = {name: value for name, value in row.items() if name not in left_out}
        answer = runtime.invoke_endpoint(
            EndpointName=endpoint,
            ContentType="application/json",
            Accept="application/json",
            Body=json.dumps({"instances": [instance]}).encode(),
        )
        body = json.loads(answer["Body"].read())
        if arguments.json:
            options.say(json.dumps(body, sort_keys=True))
        else:
            options.say(_line(body))
    return 0


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
