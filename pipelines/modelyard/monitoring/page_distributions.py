"""The page's columns: how each was distributed in training and how it is now."""

from collections.abc import Mapping
from html import escape
from typing import Any

from modelyard.pages.plots import Pair, overlaid
from modelyard.pages.tables import chip, table
from modelyard.pages.tables import section as _section
from modelyard.pages.words import general, number, percent

_OPEN = 6
_KEY = (
    "<p class='key'><i class='then'></i>training<i class='now'></i>this window"
    "<i class='bad'></i>this window, drifted; the figures are shares of rows, then→now</p>"
)


def section(report: Mapping[str, Any]) -> str:
    """The columns, the most telling first; those that did not move fold away."""
    found = report["drift"]
    if found is None:
        return _section("distributions", "Columns", "<p>There is no baseline to compare with.</p>")
    columns = [column for column in found["columns"] if column["bars"] and _is_sent(column)]
    moved = [column for column in columns if _moved(column)]
    shown = moved or columns[:_OPEN]
    rest = [column for column in columns if column not in shown]
    body = _KEY + f"<div class='grid'>{''.join(map(_figure, shown))}</div>"
    if rest:
        body += (
            f"<details><summary>{len(rest)} more columns</summary>"
            f"<div class='grid'>{''.join(map(_figure, rest))}</div></details>"
        )
    return _section("distributions", "Columns, then and now", body + _contract(report))


def _is_sent(column: Mapping[str, Any]) -> bool:
    """Nobody sends the target, and protected attributes only some."""
    unasked = column["role"] in ("target", "protected")
    return not (unasked and column["status"] == "absent")


def _moved(column: Mapping[str, Any]) -> bool:
    return column["status"] in ("warning", "critical")


def _figure(column: Mapping[str, Any]) -> str:
    name = _NAMES.get(column["name"], column["name"])
    then, now = 1 - column["missing_then"], 1 - column["missing_now"]
    pairs = [Pair(bar["label"], bar["then"] * then, bar["now"] * now) for bar in column["bars"]]
    if then < 1 or now < 1:
        pairs.append(Pair("(missing)", 1 - then, 1 - now))
    return (
        f"<figure><figcaption>{chip(column['status'])}<h3>{escape(name)}</h3>"
        f"<p class='facts'>{escape(_facts(column))}</p></figcaption>"
        f"{overlaid(name, pairs, _moved(column))}</figure>"
    )


_NAMES = {"(prediction)": "The answer", "(probability)": "The probability answered"}


def _facts(column: Mapping[str, Any]) -> str:
    facts = [f"PSI {number(column['psi'], 2)}"] if column["psi"] is not None else []
    if column["median_then"] is not None:
        facts.append(f"median {general(column['median_then'])} → {general(column['median_now'])}")
    if column["missing_now"] or column["missing_then"]:
        facts.append(
            f"missing {percent(column['missing_then'])} → {percent(column['missing_now'])}"
        )
    if column["importance"] is not None:
        facts.append(f"{percent(column['importance'])} of the model's reasons")
    return ", ".join(facts)


def _contract(report: Mapping[str, Any]) -> str:
    if not report["contract"]:
        return "<p>Every row kept the rules of the data contract.</p>"
    return table(
        "Rules of the data contract that rows broke",
        ("column", "rule", "rows", "share"),
        (
            (one["column"], one["rule"], f"{one['rows']:,}", percent(one["share"]))
            for one in report["contract"]
        ),
    )
