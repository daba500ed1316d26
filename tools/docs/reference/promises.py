"""Guardrails, controls and the access matrix, from the files that are enforced."""

from __future__ import annotations

import csv
import re
from itertools import groupby

from policies import controls
from policies.guardrails.catalogue import all_rules
from policies.matrix import FILE
from policies.matrix_pages import TITLES
from policies.verdicts import number
from tools.docs.reference.markdown import code, escaped, listed, table

_GUARDRAILS = """\
# Guardrails

What no resource of the programs may be, whoever wrote it. `python -m policies check` and the policy
pack judge every resource before it is made; an exception is a reviewed line with an expiry in
`policies/exemptions.yaml` ([policies](../policies.md)).
"""
_CONTROLS = """\
# Controls

What is promised, where it is kept, and the tests that prove it; `python -m policies report` writes
the same with the findings of your project. What each requirement's title was compared with is
stated in `policies/frameworks.yaml`.
"""
_ACCESS = """\
# Access matrix

Who may do what where: the promises of `policies/access_matrix.csv`, which a test holds against the
policies that are deployed. `python -m policies matrix` shows who decides each cell in your project.
`everybody` is every role of that environment and of administration.
"""


def guardrails() -> str:
    """The page of guardrails."""
    parts = [_GUARDRAILS]
    for rule in all_rules():
        parts += [
            f"## {rule.id}\n",
            f"**{escaped(rule.control)}**\n",
            f"{escaped(rule.rationale)} *Remedy:* {escaped(rule.remedy)}\n",
            table(
                ("severity", "owner", "stops a deployment since", "serves"),
                [
                    (
                        rule.severity.value,
                        rule.owner,
                        rule.effective.isoformat(),
                        "; ".join(rule.references),
                    )
                ],
            ),
        ]
    return "\n".join(parts)


def stated_controls() -> str:
    """The page of controls."""
    parts = [_CONTROLS]
    for control in controls.load():
        kept = [f"{code(one.where)} ({one.by})" for one in control.enforced]
        kept += [f"[guardrail {rule}](guardrails.md#{rule})" for rule in control.rules]
        rows = [
            ("kept in", ", ".join(kept)),
            ("proved by", listed(control.tests)),
            ("serves", "; ".join(control.frameworks)),
            ("owner", control.owner),
        ]
        parts += [f"## {control.id}\n", f"**{escaped(control.control)}**\n", table(("", ""), rows)]
    return "\n".join(parts)


def access() -> str:
    """The page of the access matrix, a section for each action."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: number(row["row"]))
    parts = [_ACCESS]
    for topic, group in groupby(rows, key=lambda row: number(row["row"])):
        parts += [
            f"## {topic}. {TITLES[topic]}\n",
            table(
                ("answer", "who", "where", "to do", "on what", "when", "why"),
                [
                    (
                        f"**{row['expected']}**",
                        escaped(row["persona"]),
                        row["environment"],
                        code(row["action"]),
                        code(_short(row["resource"])),
                        code(row["context"]),
                        escaped(row["reason"]),
                    )
                    for row in group
                ],
            ),
        ]
    return "\n".join(parts)


def _short(arn: str) -> str:
    return re.sub(r"^arn:aws:([a-z0-9-]+):[^:]*:[^:]*:", r"\1 ", arn)
