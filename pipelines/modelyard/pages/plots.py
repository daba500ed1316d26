"""Plots of then and now, and of windows over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from modelyard.pages.svg import LABELS, ROW, VALUES, WIDTH, shortened, svg
from modelyard.pages.words import percent

_TREND_HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 170, 38, 10, 14, 34


@dataclass(frozen=True)
class Pair:
    """One group: its share of the rows then and now."""

    label: str
    then: float
    now: float


@dataclass(frozen=True)
class Point:
    """One window of a trend; None where nothing was measured."""

    label: str
    value: float | None


def overlaid(name: str, pairs: Sequence[Pair], alarming: bool) -> str:
    """Horizontal bars, training wide and pale, the window narrow and dark over it."""
    most = max((max(pair.then, pair.now) for pair in pairs), default=0.0) or 1.0
    room = WIDTH - LABELS - VALUES
    rows = "".join(
        _bar_row(pair, number, room / most, "now bad" if alarming else "now")
        for number, pair in enumerate(pairs)
    )
    return svg(
        f"Distribution of {name}, then and now",
        _told_of_bars(pairs),
        ROW * len(pairs) + 2,
        rows,
    )


def _bar_row(pair: Pair, number: int, scale: float, style: str) -> str:
    top = number * ROW + 2
    middle = top + ROW / 2
    return (
        f"<text x='{LABELS - 6}' y='{middle + 2:g}' text-anchor='end'>"
        f"{escape(shortened(pair.label))}</text>"
        f"<rect class='then' x='{LABELS}' y='{top}' width='{pair.then * scale:.1f}' "
        f"height='{ROW - 4}'/>"
        f"<rect class='{style}' x='{LABELS}' y='{top + 4}' width='{pair.now * scale:.1f}' "
        f"height='{ROW - 12}'/>"
        f"<text class='value' x='{WIDTH}' y='{middle + 2:g}' text-anchor='end'>"
        f"{_short(pair.then)}→{_short(pair.now)}</text>"
    )


def _short(share: float) -> str:
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def _told_of_bars(pairs: Sequence[Pair]) -> str:
    changed = sorted(pairs, key=lambda pair: -abs(pair.now - pair.then))[:3]
    told = [f"{pair.label} from {percent(pair.then)} to {percent(pair.now)}" for pair in changed]
    return "Share of rows in training and in this window; the largest changes: " + "; ".join(told)


def trend(name: str, points: Sequence[Point], limit: float | None, digits: int = 2) -> str:
    """A line over the windows with the limit dashed across."""
    known = [point.value for point in points if point.value is not None]
    if not known:
        return ""
    low, high = _range([*known, *([limit] if limit is not None else [])], whole=not digits)
    across = (WIDTH - _LEFT - _RIGHT) / max(1, len(points) - 1)
    up = (_TREND_HEIGHT - _TOP - _BOTTOM) / (high - low)

    def at(position: int, value: float) -> tuple[float, float]:
        return _LEFT + position * across, _TREND_HEIGHT - _BOTTOM - (value - low) * up

    placed = [
        (*at(position, point.value), point)
        for position, point in enumerate(points)
        if point.value is not None
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in placed)
    dots = "".join(
        f"<circle class='dot' cx='{x:.1f}' cy='{y:.1f}' r='3.5'>"
        f"<title>{escape(point.label)}: {point.value:.{digits}f}</title></circle>"
        for x, y, point in placed
    )
    frame = _axis(points, low, high, digits)
    if limit is not None:
        y = at(0, limit)[1]
        frame += (
            f"<line class='limit' x1='{_LEFT}' x2='{WIDTH - _RIGHT}' y1='{y:.1f}' y2='{y:.1f}'/>"
            f"<text class='limit-text' x='{WIDTH - _RIGHT}' y='{y - 4:.1f}' text-anchor='end'>"
            f"limit {limit:.{digits}f}</text>"
        )
    told = _told_of_trend(points, limit, digits)
    drawn = f"{frame}<polyline class='line' points='{line}'/>{dots}"
    return svg(f"{name} by window", told, _TREND_HEIGHT, drawn)


def _range(values: Sequence[float], whole: bool) -> tuple[float, float]:
    """From 0 where values come near it or count something, with room above and below."""
    low, high = min(values), max(values)
    room = (high - low) * 0.15 or abs(high) * 0.1 or 1.0
    floor = 0.0 if low >= 0 and (low <= high / 2 or whole) else low - room
    return floor, high + room


def _axis(points: Sequence[Point], low: float, high: float, digits: int) -> str:
    bottom = _TREND_HEIGHT - _BOTTOM
    ends = [(_LEFT, "start", points[0].label)]
    if len(points) > 1:
        ends.append((WIDTH - _RIGHT, "end", points[-1].label))
    labels = "".join(
        f"<text x='{x}' y='{bottom + 18}' text-anchor='{anchor}'>{escape(label)}</text>"
        for x, anchor, label in ends
    )
    scale = "".join(
        f"<text x='{_LEFT - 5}' y='{y}' text-anchor='end'>{value:.{digits}f}</text>"
        for value, y in ((low, bottom + 4), (high, _TOP + 4))
    )
    axis = f"<path class='axis' d='M{_LEFT} {_TOP}V{bottom}H{WIDTH - _RIGHT}'/>"
    return axis + labels + scale


def _told_of_trend(points: Sequence[Point], limit: float | None, digits: int) -> str:
    told = ", ".join(
        f"{point.label}: {'not measured' if point.value is None else f'{point.value:.{digits}f}'}"
        for point in points[-10:]
    )
    beyond = f"; the limit is {limit:.{digits}f}" if limit is not None else ""
    return told + beyond
