"""The matrix for the audit binder: one Markdown file, or one HTML file that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Final

from policies.landscape import Place, Source
from policies.matrix_text import SHORT, mark, statement, summary
from policies.verdicts import PERSONAS, Line, Verdict, number

TITLES: Final[Mapping[int, str]] = {
    1: "Training jobs",
    2: "Outside the network",
    3: "Not isolated",
    4: "Foreign keys",
    5: "Clear text between containers",
    6: "Instances, time limits, shells",
    7: "Processing jobs",
    8: "Batch scoring",
    9: "Stopping jobs",
    10: "Publishing pipelines",
    11: "Starting runs",
    12: "Forging a step's outcome",
    13: "Registering a model",
    14: "Born approved",
    15: "Approving another person's model",
    16: "Approving one's own, or an unknown person's, model",
    17: "Rejecting in an emergency",
    18: "Deleting versions",
    19: "Sharing the registry",
    20: "Creating models to serve",
    21: "Deploying",
    22: "Rolling back",
    23: "Removing an endpoint",
    24: "Asking for predictions",
    25: "Scheduling",
    26: "Ending a schedule",
    27: "Reading raw data",
    28: "Writing raw data",
    29: "Curated data and results",
    30: "Captured predictions",
    31: "Reading evidence",
    32: "Writing evidence",
    33: "Tampering with evidence",
    34: "The project's key, through S3",
    35: "The key in any other way",
    36: "Administering keys",
    37: "Passing the roles that jobs need",
    38: "Passing a stronger role",
    39: "Widening roles",
    40: "Notebook instances",
    41: "One's own workbench",
    42: "Another person's workbench",
    43: "Administering workbenches",
    44: "Spaces",
    45: "Tags",
    46: "Model cards",
    47: "Approving model cards",
    48: "Images",
    49: "Replacing images",
    50: "Reading logs",
    51: "Deleting logs",
    52: "Reading the audit trail",
    53: "Silencing the audit trail",
    54: "Reading the project",
    55: "Experiments",
    56: "Other regions",
    57: "Functions",
    58: "Changing functions",
    59: "Events",
    60: "Taking other roles",
    61: "Public registries",
}


@dataclass(frozen=True)
class Binder:
    """What a page says: whose matrix, of which places, judged by what."""

    project: str
    places: Mapping[str, Place]
    judged_by: str
    lines: Sequence[Line]
    source: Source

    @property
    def environments(self) -> tuple[str, ...]:
        return tuple(self.places)


def markdown(binder: Binder) -> str:
    """Tables that any Markdown viewer shows."""
    personas = _present(binder)
    parts = [
        f"# Who may do what in {binder.project}",
        "",
        *(f"- {_place(one)}" for one in binder.places.values()),
        f"- judged by {binder.judged_by}",
        f"- {summary(binder.lines)}",
        "",
        f"Answers are {' / '.join(binder.environments)}. **A** allowed, D denied, **!** not as "
        "promised, - no such role, . nothing promised.",
    ]
    for title, group in _groups(binder.lines):
        parts += ["", f"## {title}", ""]
        parts += ["| request | " + " | ".join(SHORT[one] for one in personas) + " | why |"]
        parts += ["|---|" + ":-:|" * len(personas) + "---|"]
        parts += [_markdown_row(line, personas, binder.places) for line in group]
    return "\n".join(parts) + "\n"


def html(binder: Binder) -> str:
    """One self-contained page; every answer unfolds the statement that decided it."""
    personas = _present(binder)
    head = "".join(f"<th title='{one}'>{SHORT[one]}</th>" for one in personas)
    body = "".join(
        f"<tr class='group'><th colspan='{len(personas) + 2}'>{escape(title)}</th></tr>"
        + "".join(_html_row(line, personas, binder.places) for line in group)
        for title, group in _groups(binder.lines)
    )
    places = "".join(f"<li>{escape(_place(one))}</li>" for one in binder.places.values())
    names = "".join(f"<dt>{SHORT[one]}</dt><dd>{one}</dd>" for one in personas)
    return _PAGE.format(
        project=escape(binder.project),
        places=places,
        judged_by=escape(binder.judged_by),
        summary=escape(summary(binder.lines)).replace("\n", "<br>"),
        environments=" / ".join(binder.environments),
        names=names,
        head=head,
        body=body,
        statements=_statements(binder),
    )


def _present(binder: Binder) -> list[str]:
    seen = {persona for line in binder.lines for persona, _ in line.verdicts}
    return [one for one in PERSONAS if one in seen]


def _groups(lines: Iterable[Line]) -> Iterable[tuple[str, list[Line]]]:
    for row, group in groupby(lines, key=lambda line: number(line.row)):
        yield f"{row}. {TITLES[row]}", list(group)


def _place(place: Place) -> str:
    return f"{place.environment}: account {place.account}, {place.region}"


def _request(line: Line, place: Place) -> tuple[str, str]:
    detail = f"on {line.resource.split(':', 5)[-1]}"
    if line.context:
        detail += f", with {line.context}"
    named = detail.replace("${project}", place.project).replace("${env}", "ENV")
    return line.action, named.replace("${neighbour}", f"{place.project}-eu").replace("|", " ")


def _markdown_row(line: Line, personas: Sequence[str], places: Mapping[str, Place]) -> str:
    action, detail = _request(line, next(iter(places.values())))
    answers = [
        "/".join(
            f"**{one}**" if one in "A!" else one
            for one in (mark(line.verdicts.get((persona, name))) for name in places)
        )
        for persona in personas
    ]
    why = "; ".join(line.reasons)
    return f"| `{action}` {detail} | " + " | ".join(answers) + f" | {why} |"


def _html_row(line: Line, personas: Sequence[str], places: Mapping[str, Place]) -> str:
    action, detail = _request(line, next(iter(places.values())))
    cells = "".join(
        "<td>" + "".join(_html_mark(line.verdicts.get((persona, name))) for name in places)
        + "</td>"
        for persona in personas
    )  # fmt: skip
    why = "; ".join(line.reasons)
    return (
        f"<tr><td class='request'><b>{escape(action)}</b><br><span>{escape(detail)}</span></td>"
        f"{cells}<td class='why'>{escape(why)}</td></tr>"
    )


def _html_mark(verdict: Verdict | None) -> str:
    shown = mark(verdict)
    kind = {"A": "allow", "D": "deny", "!": "broken"}.get(shown, "none")
    if verdict is None:
        return f"<i class='{kind}'>·</i>"
    told = escape(f"{verdict.cell.environment}: {verdict.decision.reason}", quote=True)
    return f"<i class='{kind}' title='{told}'>{shown}</i>"


def _statements(binder: Binder) -> str:
    """Every statement that decided something, once, by the policy it is in."""
    found: dict[tuple[str, str], str] = {}
    for line in binder.lines:
        for one in line.verdicts.values():
            policy, sid = one.decision.policy, one.decision.sid
            if policy and sid and (policy, sid) not in found:
                text = statement(one, binder.places, binder.source)
                if text:
                    found[policy, sid] = json.dumps(text, indent=2)
    return "".join(
        f"<details><summary>{escape(policy)}: <b>{escape(sid)}</b></summary>"
        f"<pre>{escape(text)}</pre></details>"
        for (policy, sid), text in sorted(found.items())
    )


_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Who may do what in {project}</title>
<style>
body {{ font: 14px/1.45 system-ui, sans-serif; color: #1c2733; margin: 2rem auto; max-width: 90rem;
       padding: 0 1.5rem; }}
h1 {{ font-size: 1.6rem; margin: 0 0 .5rem; }} h2 {{ font-size: 1.15rem; margin: 2rem 0 .5rem; }}
ul {{ margin: .2rem 0; padding-left: 1.2rem; }}
.summary {{ font-weight: 600; background: #eef3f7; border-left: 4px solid #33658a;
            padding: .6rem .9rem; margin: 1rem 0; }}
dl {{ display: grid; grid-template-columns: repeat(auto-fill, 3.2rem 9rem); gap: .1rem .3rem;
      margin: .6rem 0; }}
dt {{ font-weight: 600; }} dd {{ margin: 0; }}
table {{ border-collapse: collapse; width: 100%; }}
thead th {{ position: sticky; top: 0; background: #fff; border-bottom: 2px solid #33658a;
            padding: .35rem .3rem; text-align: center; font-size: .8rem; }}
thead th:first-child, thead th:last-child {{ text-align: left; }}
td {{ border-bottom: 1px solid #e3e8ec; padding: .3rem; text-align: center; white-space: nowrap;
      vertical-align: top; }}
tr.group th {{ text-align: left; background: #eef3f7; padding: .45rem .3rem; }}
td.request {{ text-align: left; white-space: normal; min-width: 20rem; max-width: 30rem;
              overflow-wrap: anywhere; }}
td.request span {{ color: #5b6975; font-size: .8rem; }}
td.why {{ text-align: left; white-space: normal; min-width: 12rem; font-size: .85rem; }}
i {{ font-style: normal; font-size: .75rem; font-weight: 600; display: inline-block;
     width: 1.1rem; line-height: 1.1rem; text-align: center; border-radius: 3px; margin: 0 1px; }}
i.allow {{ background: #cfe8d5; color: #14532d; }} i.deny {{ background: #f6dcd9; color: #7f1d1d; }}
i.broken {{ background: #b91c1c; color: #fff; }} i.none {{ color: #9aa5ae; }}
details {{ border-bottom: 1px solid #e3e8ec; padding: .3rem 0; }} summary {{ cursor: pointer; }}
pre {{ background: #f6f8fa; padding: .6rem; font-size: .8rem; white-space: pre-wrap; }}
@media print {{ body {{ margin: 0; max-width: none; }} thead th {{ position: static; }}
  tr {{ break-inside: avoid; }} i, tr.group th {{ print-color-adjust: exact; }} }}
</style>
<h1>Who may do what in {project}</h1>
<ul>{places}<li>judged by {judged_by}</li></ul>
<p class="summary">{summary}</p>
<p>Answers are {environments}: <i class="allow">A</i> allowed, <i class="deny">D</i> denied,
<i class="broken">!</i> not as promised, <i class="none">-</i> no such role,
<i class="none">·</i> nothing promised. Rest on an answer to read what decided it.</p>
<dl>{names}</dl>
<table><thead><tr><th>request</th>{head}<th>why</th></tr></thead><tbody>{body}</tbody></table>
<h2>The statements that decide</h2>
{statements}
</html>
"""
