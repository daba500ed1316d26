"""Small pieces of a page: chips, tables with captions, sections, and lists of facts."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any


def chip(word: str) -> str:
    return f"<span class='chip {escape(word)}'>{escape(word)}</span>"


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table whose first column names its rows; numbers are set to the right."""
    cells = list(rows)
    numeric = [
        column > 0 and bool(cells) and all(_is_number(row[column]) for row in cells)
        for column in range(len(head))
    ]
    titles = "".join(
        f"<th scope='col'{_right(right)}>{escape(title)}</th>"
        for title, right in zip(head, numeric, strict=True)
    )
    body = "".join(f"<tr>{_row(row, numeric)}</tr>" for row in cells)
    return (
        f"<div class='scroll' tabindex='0' role='group' aria-label='{escape(caption)}'>"
        f"<table><caption>{escape(caption)}</caption><thead><tr>{titles}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def facts(caption: str, rows: Iterable[tuple[str, str]]) -> str:
    """A table of names and values."""
    body = "".join(
        f"<tr><th scope='row'>{escape(name)}</th><td>{value}</td></tr>" for name, value in rows
    )
    return (
        f"<table class='facts-table'><caption>{escape(caption)}</caption><tbody>{body}</tbody>"
        "</table>"
    )


def _row(row: Sequence[Any], numeric: Sequence[bool]) -> str:
    first, *others = row
    shown = f"<th scope='row'>{escape(str(first))}</th>"
    return shown + "".join(
        f"<td{_right(right)}>{escape(str(value))}</td>"
        for value, right in zip(others, numeric[1:], strict=True)
    )


def _is_number(value: Any) -> bool:
    text = str(value)
    return text in ("", "–") or text[:1].isdigit() or text[:2].strip("-<")[:1].isdigit()


def _right(right: bool) -> str:
    return " class='number'" if right else ""


def section(name: str, title: str, body: str) -> str:
    return f"<section aria-labelledby='{name}'><h2 id='{name}'>{title}</h2>{body}</section>\n"
