"""Plots of one figure for each of several things: shares as bars, estimates with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from modelyard.pages.svg import LABELS, ROW, VALUES, WIDTH, shortened, svg
from modelyard.pages.words import number, percent

_ROOM = WIDTH - LABELS - VALUES


@dataclass(frozen=True)
class Estimate:
    """A figure between 0 and 1 with its 95 % interval and the bound it must keep, where known."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None
    limit: float | None = None


def shares(title: str, rows: Sequence[tuple[str, float]]) -> str:
    """Horizontal bars, scaled to the largest share."""
    scale = _ROOM / (max((share for _, share in rows), default=0.0) or 1.0)
    drawn = "".join(
        f"{_label(name, place)}{_figure(percent(share), place)}"
        f"<rect class='now' x='{LABELS}' y='{place * ROW + 4}' "
        f"width='{max(0.0, share) * scale:.1f}' height='{ROW - 8}'/>"
        for place, (name, share) in enumerate(rows)
    )
    told = "; ".join(f"{name} {percent(share)}" for name, share in rows)
    return svg(title, told, ROW * len(rows) + 2, drawn)


def estimates(title: str, rows: Sequence[Estimate]) -> str:
    """Dots on a line from 0 to 1 with whiskers; a bound is a dashed mark."""
    drawn = "".join(
        f"{_label(one.label, place)}{_whisker(one, place)}{_figure(number(one.value), place)}"
        for place, one in enumerate(rows)
    )
    return svg(title, "; ".join(map(_told, rows)), ROW * len(rows) + 2, drawn)


def _whisker(one: Estimate, place: int) -> str:
    middle = place * ROW + 2 + ROW / 2
    drawn = f"<path class='axis' d='M{LABELS} {middle:g}H{LABELS + _ROOM}'/>"
    if one.low is not None and one.high is not None:
        drawn += f"<path class='line' d='M{_at(one.low)} {middle:g}H{_at(one.high)}'/>"
    if one.limit is not None:
        drawn += f"<path class='limit' d='M{_at(one.limit)} {middle - 8:g}v16'/>"
    return f"{drawn}<circle class='dot' cx='{_at(one.value)}' cy='{middle:g}' r='3.5'/>"


def _at(value: float) -> str:
    return f"{LABELS + min(1.0, max(0.0, value)) * _ROOM:.1f}"


def _told(one: Estimate) -> str:
    between = (
        f" (between {number(one.low)} and {number(one.high)})"
        if one.low is not None and one.high is not None
        else ""
    )
    limit = f", the bound is {number(one.limit)}" if one.limit is not None else ""
    return f"{one.label} {number(one.value)}{between}{limit}"


def _label(text: str, place: int) -> str:
    return (
        f"<text x='{LABELS - 6}' y='{place * ROW + 4 + ROW / 2:g}' text-anchor='end'>"
        f"{escape(shortened(text))}</text>"
    )


def _figure(text: str, place: int) -> str:
    return (
        f"<text class='value' x='{WIDTH}' y='{place * ROW + 4 + ROW / 2:g}' text-anchor='end'>"
        f"{escape(text)}</text>"
    )
