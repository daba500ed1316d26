"""python -m policies: ask what IAM would decide, without AWS."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from modelyard.errors import ModelyardError
from modelyard.project import ENVIRONMENTS, load
from policies.documents import DocumentError
from policies.evaluation import PolicyError
from policies.graph import Graph, GraphError
from policies.landscape import (
    Documents,
    Place,
    Question,
    Source,
    UnknownPrincipalError,
    judge,
    places,
)

_TEXTS = ("principal", "action", "resource")


class QuestionError(ValueError):
    """A line that is not a question."""


def main(arguments: list[str] | None = None) -> int:
    """0: every line was answered; 2: a mistake in the arguments or the input, told in one line."""
    options = _parser().parse_args(arguments)
    try:
        place, source = _landscape(options)
        with _opened(options.questions) as lines:
            for answer in answers(lines, place, source):
                print(json.dumps(answer, ensure_ascii=False), flush=True)
    except BrokenPipeError:
        return 0
    except (
        DocumentError,
        GraphError,
        ModelyardError,
        PolicyError,
        QuestionError,
        OSError,
    ) as error:
        print(f"policies: {error}", file=sys.stderr)
        return 2
    return 0


def answers(lines: Iterable[str], place: Place, source: Source) -> Iterator[dict[str, Any]]:
    """One answer per question, in order; blank lines are skipped."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            identifier, question = _question(line, number)
            yield {"id": identifier, **_decision(question, place, source)}


def _decision(question: Question, place: Place, source: Source) -> dict[str, str]:
    try:
        decision = judge(question, place, source)
    except UnknownPrincipalError as error:
        return {"decision": "deny", "reason": f"implicit deny: {error}"}
    if decision.allowed:
        return {"decision": "allow", "reason": decision.reason}
    return {"decision": "deny", "reason": f"{decision.kind}: {decision.reason}"}


def _question(line: str, number: int) -> tuple[Any, Question]:
    try:
        asked = json.loads(line)
    except ValueError as error:
        raise QuestionError(f"line {number}: not JSON ({error})") from None
    if not isinstance(asked, dict):
        raise QuestionError(f"line {number}: write an object with {', '.join(_TEXTS)}")
    for key in _TEXTS:
        if not isinstance(asked.get(key), str) or not asked[key]:
            raise QuestionError(f"line {number}: '{key}' is missing or not a text")
    if ":" not in asked["action"]:
        raise QuestionError(f"line {number}: action '{asked['action']}' lacks its service, as s3:")
    return asked.get("id"), Question(
        principal=asked["principal"],
        action=asked["action"],
        resource=asked["resource"],
        context=_context(asked.get("context") or {}, number),
    )


def _context(context: Any, number: int) -> dict[str, str | list[str]]:
    if not isinstance(context, dict):
        raise QuestionError(f"line {number}: 'context' must be an object of keys and values")
    return {
        key: [_text(one) for one in value] if isinstance(value, list) else _text(value)
        for key, value in context.items()
    }


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _landscape(options: argparse.Namespace) -> tuple[Place, Source]:
    everywhere = places(load(options.project))
    place = everywhere[options.env]
    if options.graph:
        return place, Graph.load(options.graph)
    given = {"key": options.key, "subnet_a": options.subnet_a, "subnet_b": options.subnet_b}
    given |= {"registry_key": options.registry_key, "security_group": options.security_group}
    return place, Documents.of(everywhere, {key: value for key, value in given.items() if value})


def _opened(path: Path | None) -> TextIO:
    return path.open(encoding="utf-8") if path else sys.stdin


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m policies", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    evaluate = commands.add_parser(
        "evaluate",
        help="answer requests given as JSON lines",
        description="Reads lines {id, principal, action, resource, context} and writes lines "
        "{id, decision, reason}. A principal is a persona of the environment or a role's ARN. "
        "Without --graph the persona documents are judged, with stand-ins for what AWS names.",
    )
    evaluate.add_argument("--project", type=Path, required=True, help="project.yaml")
    evaluate.add_argument("--env", choices=ENVIRONMENTS, required=True)
    evaluate.add_argument(
        "--graph",
        type=Path,
        action="append",
        help="judge the policies of this rendered graph (once per environment that takes part)",
    )
    evaluate.add_argument("--key", help="ARN of the environment's key")
    evaluate.add_argument("--registry-key", help="ARN of the registry's key")
    evaluate.add_argument("--subnet-a", help="first subnet of the jobs")
    evaluate.add_argument("--subnet-b", help="second subnet of the jobs")
    evaluate.add_argument("--security-group", help="security group of the jobs")
    evaluate.add_argument("questions", type=Path, nargs="?", help="file (default: standard input)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
