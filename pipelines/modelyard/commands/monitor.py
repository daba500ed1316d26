"""modelyard monitor: judges a stretch of live traffic now, and tells what was found.

The schedule does the same every day; a window that somebody asks for raises no alarm. With --follow
it exits with 0 when the window can be lived with, with 3 when it is critical or could not be
judged, with 1 when the run failed.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from modelyard import runs
from modelyard.aws import Place, code_of
from modelyard.commands import options
from modelyard.errors import ModelyardError, RunError
from modelyard.functions.windows import moment
from modelyard.workspace import Workspace

HELP = "judge live traffic now: drift, quality, bias, service"
_CRITICAL = 3


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_environment(parser, "prod")
    parser.add_argument(
        "--window", type=float, metavar="HOURS", help="the last hours (default: as scheduled)"
    )
    parser.add_argument("--from", dest="start", metavar="TIME", help="ISO 8601; UTC when bare")
    parser.add_argument("--to", dest="end", metavar="TIME", help="where the window ends")
    parser.add_argument("--follow", action="store_true", help="wait and print the findings")
    parser.add_argument(
        "--page", type=Path, metavar="FILE", help="save the report's page (implies --follow)"
    )
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    options.require_environment(arguments, options.SERVING, "dev serves nothing")
    wanted = _wanted(arguments)
    place = options.place(arguments)
    workspace = place.workspace()
    started = _start(place, workspace, wanted)
    if not arguments.json:
        options.say(f"started {started['execution_arn']}")
        options.say(f"the report will lie in {started['report']}")
    if not (arguments.follow or arguments.page):
        if arguments.json:
            options.print_json(started)
        return 0
    _follow(place, started["execution_arn"])
    summary = json.loads(_read(place, f"{started['report']}summary.json"))
    if arguments.page:
        arguments.page.parent.mkdir(parents=True, exist_ok=True)
        arguments.page.write_bytes(_read(place, f"{started['report']}report.html"))
    if arguments.json:
        options.print_json({**started, "summary": summary})
    else:
        _tell(summary, started["report"], arguments.page)
    return _CRITICAL if summary["verdict"] in ("critical", "failed") else 0


def _wanted(arguments: argparse.Namespace) -> dict[str, Any]:
    """The window in the words of the watch function."""
    if arguments.window is not None and (arguments.start or arguments.end):
        raise ModelyardError("--window and --from/--to exclude each other; give one of them")
    if arguments.end and not arguments.start:
        raise ModelyardError("--to needs --from: a window has two ends")
    if arguments.window is not None and not 0 < arguments.window <= 24 * 31:
        raise ModelyardError(f"--window {arguments.window:g}: give 1 to 744 hours")
    wanted: dict[str, Any] = {"action": "run"}
    if arguments.window is not None:
        wanted["hours"] = arguments.window
    for name in ("start", "end"):
        stated = getattr(arguments, name)
        if stated:
            wanted[name] = _time(stated, "--from" if name == "start" else "--to")
    return wanted


def _time(text: str, option: str) -> str:
    try:
        return f"{moment(text):%Y-%m-%dT%H:%M:%SZ}"
    except ValueError:
        raise ModelyardError(
            f"{option} {text}: is no time; write it like 2026-01-31T06:00"
        ) from None


def _start(place: Place, workspace: Workspace, wanted: Mapping[str, Any]) -> dict[str, Any]:
    answer = place.client("lambda").invoke(
        FunctionName=workspace.watch_function, Payload=json.dumps(wanted).encode()
    )
    payload = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError"):
        reason = payload.get("errorMessage", payload) if isinstance(payload, dict) else payload
        raise RunError(f"the watch function failed: {reason}")
    if "execution_arn" not in payload:
        raise RunError(f"nothing was started: {payload.get('why', payload)}")
    return dict(payload)


def _follow(place: Place, arn: str) -> None:
    *_, execution = runs.follow(place, arn)
    if execution.status == "Succeeded":
        return
    for step in execution.failed_steps:
        options.complain(f"{step.name} failed: {step.reason or 'no reason given'}")
        for line in runs.log_tail(place, step):
            options.complain(f"    {line}")
    raise RunError(f"the monitoring run {execution.status.lower()}; there is no report")


def _read(place: Place, uri: str) -> bytes:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        content: bytes = place.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        raise RunError(f"{uri} cannot be read: {code_of(error)}") from None
    return content


def _tell(summary: Mapping[str, Any], report: str, page: Path | None) -> None:
    captured = f"{summary['captured']:,} requests captured"
    if summary["served"] is not None:
        captured += f" of {summary['served']:,} served"
    options.say(f"verdict {summary['verdict']}: {summary['rows']:,} rows, {captured}")
    for finding in summary["findings"]:
        options.say(f"  {finding['severity']:<8} {finding['sentence']}")
        if finding["severity"] != "info":
            options.say(f"           {finding['advice']}")
    options.say(f"page: {page or report + 'report.html'}")
