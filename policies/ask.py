"""python -m policies evaluate: requests as JSON lines in, decisions with reasons out."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from modelyard.project import ENVIRONMENTS, load
from policies.graph import Graph
from policies.landscape import (
    Documents,
    Levels,
    Place,
    Question,
    Source,
    UnknownPrincipalError,
    judge,
    places,
    service_control,
)

_TEXTS = ("principal", "action", "resource")


class QuestionError(ValueError):
    """A line that is not a question."""


def register(commands: Any) -> None:
    """Name the command and its arguments."""
    evaluate = commands.add_parser(
        "evaluate",
        help="answer requests given as JSON lines",
        description="Reads lines {id, principal, action, resource, context} and writes lines "
        "{id, decision, reason}. A principal is a persona of the environment, a role's ARN or "
        "an AWS service such as events.amazonaws.com. "
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
    evaluate.add_argument(
        "--no-service-control",
        action="store_true",
        help="leave out the organization's service control policy",
    )
    evaluate.add_argument("questions", type=Path, nargs="?", help="file (default: standard input)")
    evaluate.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Answer every line."""
    place, source, limits = _landscape(options)
    with _opened(options.questions) as lines:
        for answer in answers(lines, place, source, limits):
            print(json.dumps(answer, ensure_ascii=False), flush=True)
    return 0


def answers(
    lines: Iterable[str], place: Place, source: Source, limits: Levels
) -> Iterator[dict[str, Any]]:
    """One answer per question, in order; blank lines are skipped."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            identifier, question = _question(line, number)
            yield {"id": identifier, **_decision(question, place, source, limits)}


def _decision(question: Question, place: Place, source: Source, limits: Levels) -> dict[str, str]:
    try:
        decision = judge(question, place, source, limits)
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


def _landscape(options: argparse.Namespace) -> tuple[Place, Source, Levels]:
    everywhere = places(load(options.project))
    place = everywhere[options.env]
    limits = () if options.no_service_control else service_control(everywhere)
    if options.graph:
        return place, Graph.load(options.graph), limits
    given = {"key": options.key, "subnet_a": options.subnet_a, "subnet_b": options.subnet_b}
    given |= {"registry_key": options.registry_key, "security_group": options.security_group}
    values = {key: value for key, value in given.items() if value}
    return place, Documents.of(everywhere, values), limits


def _opened(path: Path | None) -> TextIO:
    return path.open(encoding="utf-8") if path else sys.stdin
