"""modelyard report: everything known of one model version, as JSON and as one page to print."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from modelyard import registry
from modelyard.aws import Place
from modelyard.commands import options
from modelyard.errors import ModelyardError
from modelyard.project import ENVIRONMENTS, load

HELP = "write the evidence report of a model version, check one, or file it"
_OUT = Path("build/report")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "version", nargs="?", type=int, metavar="VERSION", help="default: the newest version"
    )
    parser.add_argument(
        "--env",
        action="append",
        choices=ENVIRONMENTS,
        help="look into this environment only; may be repeated (default: all of them)",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help=f"where to write it (default: {_OUT}/VERSION)"
    )
    parser.add_argument(
        "--publish",
        nargs="?",
        const="",
        metavar="FOLDER",
        help="file the report in evidence: this one, or one that FOLDER holds",
    )
    parser.add_argument(
        "--verify", type=Path, metavar="FOLDER", help="read again what the report in FOLDER says"
    )
    parser.add_argument(
        "--strict", action="store_true", help="exit status 1 where required evidence is missing"
    )
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    if arguments.verify and arguments.publish is not None:
        raise ModelyardError("--verify and --publish: choose one")
    place = Place(load(arguments.project), "dev")
    if arguments.verify:
        return _verify(place, arguments.verify, arguments.json)
    if arguments.publish:
        return _file_again(place, Path(arguments.publish), arguments.json)
    return _make(place, arguments)


def _make(place: Place, arguments: argparse.Namespace) -> int:
    from modelyard.evidence_report import page
    from modelyard.evidence_report.gathering import made

    version = arguments.version or _newest(place)
    report = made(place, version, tuple(arguments.env or ENVIRONMENTS))
    folder: Path = arguments.out or _OUT / str(version)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(report.text, encoding="utf-8")
    (folder / "report.html").write_text(page(report), encoding="utf-8")
    said = {
        "version": version,
        "verdict": report.verdict,
        "complete": report.complete,
        "page": str(folder / "report.html"),
        "report": str(folder / "report.json"),
        "sha256": report.sha256,
    }
    if arguments.publish is not None:
        said["filed"] = _filed(place, report)
    _tell(said, arguments.json)
    return 1 if arguments.strict and not report.complete else 0


def _newest(place: Place) -> int:
    found = registry.summaries(place)
    if not found:
        raise ModelyardError(f"{place.project.name} has no model version yet: run the pipeline")
    return int(found[0]["ModelPackageVersion"])


def _file_again(place: Place, folder: Path, as_json: bool) -> int:
    """Files what somebody else made, if everything that can be read is as it says."""
    from modelyard.evidence_report.verification import checks
    from modelyard.evidence_report.verification import load as load_report

    wrong = [one.sentence for one in checks(place, folder) if one.outcome == "differs"]
    if wrong:
        raise ModelyardError("\n".join(["the report does not agree, so it is not filed", *wrong]))
    report = load_report(folder)
    _tell({"verdict": report.verdict, "filed": _filed(place, report)}, as_json)
    return 0


def _filed(place: Place, report: Any) -> str:
    from modelyard.evidence_report.filing import file

    return file(place, report, place.workspace().key_arn, datetime.now(UTC))


def _verify(place: Place, folder: Path, as_json: bool) -> int:
    from modelyard.evidence_report.verification import checks

    found = list(checks(place, folder))
    told = {
        outcome: [one.sentence for one in found if one.outcome == outcome]
        for outcome in ("differs", "unread", "same")
    }
    if as_json:
        options.print_json(told)
        return 1 if told["differs"] else 0
    for outcome, word in (("differs", "DIFFERS"), ("unread", "not read")):
        for sentence in told[outcome]:
            options.say(f"{word}  {sentence}")
    options.say(
        f"{len(told['same'])} as reported, {len(told['differs'])} different, "
        f"{len(told['unread'])} not to be read by you"
    )
    return 1 if told["differs"] else 0


def _tell(said: dict[str, Any], as_json: bool) -> None:
    if as_json:
        options.print_json(said)
        return
    for name in ("page", "filed"):
        if name in said:
            options.say(said[name])
    options.say(said["verdict"])
