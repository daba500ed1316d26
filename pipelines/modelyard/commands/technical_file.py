"""modelyard technical-file: the documentation that the EU AI Act's Annex IV asks for.

Each point is answered by statements with their evidence and its hash, or named as a gap together
with the place where to fill it. High-risk models owe it; others get it by asking.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from modelyard import registry
from modelyard.aws import Place
from modelyard.commands import options
from modelyard.errors import RegistryError
from modelyard.evidence import gather
from modelyard.project import ENVIRONMENTS, load
from modelyard.technical_file import TechnicalFile, build
from modelyard.technical_file.render import markdown, page

HELP = "write the technical documentation of a model version (EU AI Act, Annex IV)"
_OUT = Path("build/technical-file")


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
        "--strict", action="store_true", help="exit status 1 where a high-risk model has gaps"
    )
    options.add_json(parser)


def execute(arguments: argparse.Namespace) -> int:
    place = Place(load(arguments.project), "dev")
    version = arguments.version or _newest(place)
    file = build(gather(place, version, tuple(arguments.env or ENVIRONMENTS)))
    if arguments.json:
        options.print_json(file.document())
    else:
        _write(file, arguments.out or _OUT / str(version))
    return 1 if arguments.strict and file.risk_tier == "high" and file.gaps else 0


def _write(file: TechnicalFile, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, Any] = {
        "technical-file.json": json.dumps(file.document(), indent=1, sort_keys=True) + "\n",
        "technical-file.md": markdown(file),
        "technical-file.html": page(file),
    }
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")
    for section in file.summary():
        options.say(
            f"{section['number']}. {section['title']}: {section['statements']} statements, "
            f"{section['gaps']} gaps"
        )
    for gap in file.gaps:
        options.say(f"gap {gap.point}: {gap.sentence}")
    options.say(str(folder / "technical-file.html"))


def _newest(place: Place) -> int:
    found = registry.summaries(place)
    if not found:
        raise RegistryError(f"{place.project.name} has no model version yet: run the pipeline")
    return int(found[0]["ModelPackageVersion"])
