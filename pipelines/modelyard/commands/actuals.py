"""modelyard actuals: sends what became of forecast periods, as labels of the captured forecasts.

A file of raw rows with their target is matched with captured requests by series and date.
"""

import argparse
import csv
import hashlib
import io
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from modelyard.aws import Place
from modelyard.commands import options
from modelyard.commands.captured_files import END, captured
from modelyard.errors import ModelyardError
from modelyard.forecast_section import Forecast

if TYPE_CHECKING:
    from modelyard.forecasting.actuals import Actuals, Label

HELP = "send what became of forecast periods, as labels for monitoring"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "prod")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FILE", help="raw rows with their target"
    )


def execute(arguments: argparse.Namespace) -> int:
    from modelyard.data import DataContract
    from modelyard.forecasting.actuals import read
    from modelyard.tables import read_table

    options.require_environment(arguments, options.SERVING, "dev serves nothing")
    place = options.place(arguments)
    forecast = place.project.model.forecast
    if forecast is None:
        raise ModelyardError(
            f"{arguments.project}: model.problem is {place.project.model.problem}; actuals are of "
            "forecasts: other labels are files below labels/ (docs/monitoring.md)"
        )
    if not arguments.data.is_file():
        raise ModelyardError(f"{arguments.data}: no such file")
    contract = DataContract.load(arguments.project.parent / place.project.dataset.contract)
    known = read(read_table(arguments.data), contract, forecast)
    if not known:
        raise ModelyardError(f"{arguments.data}: no row has both a date and a {contract.target}")
    found = _matched(place, known, forecast)
    if not found:
        options.say("no captured forecast is of these periods; nothing was sent")
        return 0
    address = _send(place, found)
    options.say(f"{len(found)} labels of {len({one.inference_id for one in found})} forecasts")
    options.say(f"sent to {address}")
    return 0


def _matched(place: Place, known: "Actuals", forecast: Forecast) -> "list[Label]":
    """The labels of the forecasts that monitoring still joins with labels."""
    from modelyard.captures import Account, Period
    from modelyard.captures import read as read_captured
    from modelyard.forecasting.actuals import labels

    reach = int(place.project.reviewed_monitoring["label_days"])
    start = datetime.now(UTC) - timedelta(days=reach)
    with tempfile.TemporaryDirectory() as scratch:
        files = list(captured(place, place.workspace(), start, Path(scratch)))
        records = read_captured(files, Period(start, END), Account())
        return list(labels(records, known, forecast))


def _send(place: Place, found: "Iterable[Label]") -> str:
    """One file for the same labels, however often they are sent; dated: the newest count."""
    workspace, text = place.workspace(), io.StringIO()
    rows = sorted((one.inference_id, one.row, f"{one.label:.17g}") for one in found)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["inference_id", "row", "label", "time"])
    writer.writerows((*row, now) for row in rows)
    content = text.getvalue().encode()
    key = f"labels/actuals-{hashlib.sha256(repr(rows).encode()).hexdigest()[:16]}.csv"
    place.client("s3").put_object(
        Bucket=workspace.bucket_predictions,
        Key=key,
        Body=content,
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=workspace.key_arn,
    )
    return f"s3://{workspace.bucket_predictions}/{key}"
