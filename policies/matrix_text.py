"""The matrix on a terminal: a coloured table, and the statement that decided a cell."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from policies import documents
from policies.landscape import SERVICE_CONTROL, Place, Source
from policies.verdicts import ABSENT, PERSONAS, Line, Verdict

SHORT: Final[Mapping[str, str]] = {
    "data-scientist": "DS",
    "ml-engineer": "MLE",
    "model-approver": "APP",
    "model-operator": "OPS",
    "auditor": "AUD",
    "data-steward": "DST",
    "pipeline": "PIPE",
    "registrar": "REG",
    "scheduler": "SCH",
    "publisher": "PUB",
    "deployer": "DEPL",
    "serving": "SERV",
    "monitor": "MON",
    "watcher": "WAT",
    "platform-admin": "ADM",
    "break-glass": "BRK",
    "infrastructure": "INF",
}
_COLOURS: Final = {"A": "\x1b[32m", "D": "\x1b[31m", "!": "\x1b[1;97;41m", "legend": "\x1b[2m"}
_END: Final = "\x1b[0m"
_WIDTH: Final = 6


def mark(verdict: Verdict | None) -> str:
    """A allowed, D denied, ! not what was promised, - no such role, . nothing promised."""
    if verdict is None:
        return "."
    if not verdict.kept:
        return "!"
    if verdict.decision is ABSENT:
        return "-"
    return "A" if verdict.decision.allowed else "D"


def marks(line: Line, persona: str, environments: Sequence[str]) -> str:
    """One persona's answers, as dev/staging/prod; empty where nothing is promised anywhere."""
    each = [mark(line.verdicts.get((persona, name))) for name in environments]
    return "/".join(each) if set(each) != {"."} else ""


def table(found: Sequence[Line], environments: Sequence[str], coloured: bool) -> str:
    """The lines as a table, and how many promises hold."""
    width = max(_WIDTH, 2 * len(environments))
    head = " " * 62 + "".join(f"{SHORT[one]:>{width}}" for one in PERSONAS)
    legend = (
        f"{'/'.join(environments)}: A allowed, D denied, ! not as promised, - no such role, "
        ". nothing promised"
    )
    rows = [_row(line, environments, width, coloured) for line in found]
    return "\n".join([_painted(legend, "legend", coloured), head, *rows, "", summary(found)])


def summary(found: Iterable[Line]) -> str:
    """How many promises hold, and which do not."""
    all_ = [one for line in found for one in line.verdicts.values()]
    broken = [one for one in all_ if not one.kept]
    told = [f"{len(all_)} promises, {len(all_) - len(broken)} kept, {len(broken)} broken"]
    told += [
        f"  row {one.cell.row}: {one.cell.persona} in {one.cell.environment} {one.cell.action}: "
        f"promised {'allow' if one.cell.allowed else 'deny'}, decided {one.decision.reason}"
        for one in broken
    ]
    return "\n".join(told)


def explanation(judged: Iterable[Verdict], places: Mapping[str, Place], source: Source) -> str:
    """Each verdict with the statement that decided it, as it is in force."""
    return "\n\n".join(_explained(one, places, source) for one in judged)


def statement(
    verdict: Verdict, places: Mapping[str, Place], source: Source
) -> Mapping[str, Any] | None:
    """The deciding statement, where one decided and its policy's text is known."""
    decision = verdict.decision
    if decision.policy is None:
        return None
    if decision.policy == SERVICE_CONTROL:
        document = documents.service_control(place.region for place in places.values())
    else:
        document = dict(source.document(decision.policy, places[verdict.cell.environment]) or {})
    all_ = document.get("Statement", [])
    for one in all_ if isinstance(all_, list) else [all_]:
        if one.get("Sid") == decision.sid:
            return dict(one)
    return None


def _explained(one: Verdict, places: Mapping[str, Place], source: Source) -> str:
    cell, decision = one.cell, one.decision
    told = [
        f"row {cell.row}, {cell.persona} in {cell.environment}: {cell.action}",
        f"  on       {cell.resource}",
        f"  with     {cell.context or 'nothing else'}",
        f"  promised {'allow' if cell.allowed else 'deny'}: {cell.reason}",
        f"  decided  {decision.kind}: {decision.reason}" + ("" if one.kept else "   <-- BROKEN"),
    ]
    text = statement(one, places, source)
    if text:
        told += [f"  {line}" for line in json.dumps(text, indent=2).splitlines()]
    return "\n".join(told)


def _row(line: Line, environments: Sequence[str], width: int, coloured: bool) -> str:
    what = f"{line.row:>3} {line.action.split(':', 1)[1]}"
    detail = line.context or line.resource.rsplit(":", 1)[-1]
    label = f"{what} ({detail})"
    label = label if len(label) <= 62 else f"{label[:59]}..."
    each = [_cell(marks(line, one, environments), width, coloured) for one in PERSONAS]
    return f"{label:<62}{''.join(each)}"


def _cell(text: str, width: int, coloured: bool) -> str:
    painted = "".join(_painted(one, one, coloured) for one in text)
    return " " * (width - len(text)) + painted


def _painted(text: str, colour: str, coloured: bool) -> str:
    return f"{_COLOURS[colour]}{text}{_END}" if coloured and colour in _COLOURS else text
