"""Small pieces of a page: chips, tables with captions, sections, and lists of facts."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any


class Html(str):
    """Text that is HTML already; every other text is escaped where it is shown."""

    __slots__ = ()


def shown(value: Any) -> str:
    """A value as HTML."""
    return value if isinstance(value, Html) else escape(str(value))


def code(text: Any) -> Html:
    """What machines say."""
    return Html(f"<code>{escape(str(text))}</code>")


def chip(word: str, label: str = "") -> Html:
    """A small coloured word; `word` is the class that colours it."""
    return Html(f"<span class='chip {escape(word)}'>{escape(label or word)}</span>")


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


def facts(caption: str, rows: Iterable[tuple[str, Any]]) -> str:
    """A table of names and values."""
    body = "".join(
        f"<tr><th scope='row'>{escape(name)}</th><td>{shown(value)}</td></tr>"
        for name, value in rows
    )
    return (
        f"<table class='facts-table'><caption>{escape(caption)}</caption><tbody>{body}</tbody>"
        "</table>"
    )


def _row(row: Sequence[Any], numeric: Sequence[bool]) -> str:
    first, *others = row
    named = f"<th scope='row'>{shown(first)}</th>"
    return named + "".join(
        f"<td{_right(right)}>{shown(value)}</td>"
        for value, right in zip(others, numeric[1:], strict=True)
    )


def _is_number(value: Any) -> bool:
    text = str(value)
    return text in ("", "–") or text[:1].isdigit() or text[:2].strip("-<")[:1].isdigit()


def _right(right: bool) -> str:
    return " class='number'" if right else ""


def section(name: str, title: str, body: str) -> str:
    """A section with its heading; `body` is HTML."""
    heading = f"<h2 id='{name}'>{escape(title)}</h2>"
    return f"<section aria-labelledby='{name}'>{heading}{body}</section>\n"


def figure(title: str, told: str, drawn: str) -> str:
    """A plot with its heading and a line about it."""
    return (
        f"<figure><figcaption><h3>{escape(title)}</h3><p class='facts'>{escape(told)}</p>"
        f"</figcaption>{drawn}</figure>"
    )
