"""Small pieces of the page: chips, tables with captions, names and numbers as people read them."""

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


def number(value: float | None, digits: int = 3) -> str:
    """A figure, or a dash where there is none."""
    return "–" if value is None else f"{value:,.{digits}f}"


def general(value: float | None) -> str:
    """A figure of any size in few characters."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def version(arn: str) -> str:
    """A model package as people name it."""
    name = arn.rpartition("model-package/")[2]
    group, _, number = name.rpartition("/")
    return f"{group} version {number}" if group else (name or "model version unknown")


def section(name: str, title: str, body: str) -> str:
    return f"<section aria-labelledby='{name}'><h2 id='{name}'>{title}</h2>{body}</section>\n"
