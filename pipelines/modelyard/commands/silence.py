"""modelyard silence: an operator quiets an alarm for a while, in their own name and on record."""

import argparse
import json
import re
from datetime import UTC, datetime, timedelta

from modelyard.aws import caller
from modelyard.commands import options
from modelyard.errors import ModelyardError
from modelyard.functions.silences import FOLDER, LONGEST
from modelyard.functions.windows import moment, stamp

HELP = "quiet an alarm for a while (as an operator)"
_SPAN = re.compile(r"(\d+)([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "prod")
    parser.add_argument(
        "--finding",
        default="*",
        metavar="ID",
        help="which alarm, as its message names it, such as drift:income (default: every one)",
    )
    how_long = parser.add_mutually_exclusive_group(required=True)
    how_long.add_argument(
        "--for", dest="span", metavar="8h", help="minutes, hours or days from now"
    )
    how_long.add_argument("--until", metavar="TIME", help="a time such as 2026-12-24T18:00:00Z")
    how_long.add_argument("--lift", action="store_true", help="end the silence now")
    parser.add_argument("--reason", required=True, help="why; kept with the record")


def execute(arguments: argparse.Namespace) -> int:
    options.require_environment(arguments, options.SERVING, "dev serves nothing")
    if not arguments.reason.strip():
        raise ModelyardError("--reason is empty; say why")
    now = datetime.now(UTC)
    until = now if arguments.lift else _until(arguments, now)
    place = options.place(arguments)
    workspace = place.workspace()
    by = caller(place)
    record = {
        "finding": arguments.finding,
        "at": stamp(now),
        "until": stamp(until),
        "by": by,
        "reason": arguments.reason,
    }
    key = f"{FOLDER}{by}/{now:%Y%m%dT%H%M%S%fZ}.json"
    place.client("s3").put_object(
        Bucket=workspace.bucket_evidence,
        Key=key,
        Body=(json.dumps(record, indent=1, sort_keys=True) + "\n").encode(),
        ContentType="application/json",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=workspace.key_arn,
    )
    what = "every alarm" if arguments.finding == "*" else arguments.finding
    said = "is heard again" if arguments.lift else f"is silent until {until:%Y-%m-%d %H:%M} UTC"
    options.say(
        f"{what} of {arguments.env} {said}; recorded in s3://{workspace.bucket_evidence}/{key}"
    )
    return 0


def _until(arguments: argparse.Namespace, now: datetime) -> datetime:
    """When the silence ends: in the future, and within a fortnight."""
    until = _after(arguments.span, now) if arguments.span else _stated(arguments.until)
    if until <= now:
        raise ModelyardError(f"the silence would end at {stamp(until)}, which is past")
    if until - now > LONGEST:
        raise ModelyardError(
            f"a silence lasts {LONGEST.days} days at most, until {stamp(now + LONGEST)}; "
            "what is no alarm at all belongs into project.yaml's thresholds"
        )
    return until


def _after(span: str, now: datetime) -> datetime:
    match = _SPAN.fullmatch(span)
    if match is None:
        raise ModelyardError(f"--for {span}: write a number with m, h or d, such as 8h")
    return now + timedelta(**{_UNITS[match[2]]: int(match[1])})


def _stated(text: str) -> datetime:
    try:
        return moment(text)
    except ValueError:
        raise ModelyardError(f"--until {text}: write a time such as 2026-12-24T18:00:00Z") from None
