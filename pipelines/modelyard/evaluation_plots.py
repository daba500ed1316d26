"""The plots of an evaluation as SVG files: counts and shares of many rows, never a single row.

They open in a browser, in MLflow and on a page alike; the same numbers give the same bytes.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Point = tuple[float, float]

_SIZE, _MARGIN = 360, 44
_LINE, _PALE, _INK, _SOFT = "#1d4f7c", "#b9cad9", "#1c2733", "#4d5b67"
# A curve through so many points shows its shape, and no row's own score.
_POINTS = 50
_TENTHS = 10
_BARS, _ROW = 12, 22


def plots(
    problem: str, answers: Array, scores: Array, evaluation: Mapping[str, Any]
) -> dict[str, str]:
    """Each plot by its file name; what a problem does not have is absent."""
    found: dict[str, str] = {}
    if problem == "binary" and len(set(answers.tolist())) == 2:
        found["roc.svg"] = _curve(
            "ROC curve",
            "share of false alarms",
            "share found",
            roc(answers == 1, scores[:, 1]),
        )
    calibrated = evaluation.get("calibration")
    if calibrated and calibrated["bins"]:
        points = [(one["predicted"], one["observed"]) for one in calibrated["bins"]]
        found["calibration.svg"] = _curve(
            "Calibration", "predicted probability", "observed share", points
        )
    if problem == "regression":
        found["predicted.svg"] = _scaled(answers, scores[:, 0])
    importance = evaluation["explanation"]["importance"]
    if importance:
        found["importance.svg"] = _bars("Share of all contributions", importance)
    return found


def roc(positive: Array, score: Array) -> list[Point]:
    """False positives against true ones at evenly spaced thresholds of the ranking."""
    order = np.argsort(-score, kind="stable")
    hit = positive[order]
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    found = np.cumsum(hit)[ends] / max(1, hit.sum())
    false = np.cumsum(~hit)[ends] / max(1, (~hit).sum())
    chosen = np.unique(np.linspace(0, len(ends) - 1, _POINTS).round().astype(int))
    inner = [(float(false[at]), float(found[at])) for at in chosen]
    return [(0.0, 0.0), *inner, *([] if inner[-1] == (1.0, 1.0) else [(1.0, 1.0)])]


def _scaled(answers: Array, predicted: Array) -> str:
    """Means by tenth of the predictions, both axes from the smallest to the largest mean."""
    parts = np.array_split(np.argsort(predicted, kind="stable"), min(_TENTHS, len(predicted)))
    means = [(float(predicted[part].mean()), float(answers[part].mean())) for part in parts]
    values = [value for point in means for value in point]
    low, high = min(values), max(values)
    room = (high - low) or 1.0
    points = [((x - low) / room, (y - low) / room) for x, y in means]
    ends = (f"{low:.4g}", f"{high:.4g}")
    return _curve("Predicted and observed means", "predicted", "observed", points, ends)


def _curve(
    title: str,
    across: str,
    up: str,
    points: Sequence[Point],
    ends: tuple[str, str] = ("0", "1"),
) -> str:
    """A line in the unit square over its diagonal."""
    side = _SIZE - 2 * _MARGIN
    bottom = _SIZE - _MARGIN

    def at(point: Point) -> str:
        return f"{_MARGIN + point[0] * side:.1f},{bottom - point[1] * side:.1f}"

    drawn = (
        f"<rect x='{_MARGIN}' y='{_MARGIN}' width='{side}' height='{side}' fill='none' "
        f"stroke='{_PALE}'/>"
        f"<polyline points='{at((0, 0))} {at((1, 1))}' stroke='{_PALE}' stroke-dasharray='4' "
        f"fill='none'/><polyline points='{' '.join(map(at, points))}' stroke='{_LINE}' "
        f"stroke-width='2' fill='none'/>"
        f"{_text(_SIZE / 2, bottom + 32, across, 'middle')}"
        f"{_text(_MARGIN, bottom + 16, ends[0], 'start')}"
        f"{_text(_SIZE - _MARGIN, bottom + 16, ends[1], 'end')}"
        f"{_text(_MARGIN, _MARGIN - 8, up, 'start')}"
    )
    told = "; ".join(f"{x:.2f}: {y:.2f}" for x, y in points[:: max(1, len(points) // _TENTHS)])
    return _svg(title, f"{up} by {across}: {told}", _SIZE, drawn)


def _bars(title: str, shares: Mapping[str, float]) -> str:
    largest = sorted(shares.items(), key=lambda one: (-one[1], one[0]))[:_BARS]
    room = (_SIZE - 150) / (largest[0][1] or 1.0)
    drawn = "".join(
        f"{_text(104, _MARGIN + number * _ROW + 14, name[:16], 'end')}"
        f"<rect x='110' y='{_MARGIN + number * _ROW + 3}' width='{share * room:.1f}' "
        f"height='{_ROW - 6}' fill='{_LINE}'/>"
        f"{_text(114 + share * room, _MARGIN + number * _ROW + 14, f'{share:.0%}', 'start')}"
        for number, (name, share) in enumerate(largest)
    )
    told = "; ".join(f"{name}: {share:.1%}" for name, share in largest)
    return _svg(title, told, _MARGIN + len(largest) * _ROW + 10, drawn)


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' fill='{_SOFT}'>{escape(text)}</text>"
    )


def _svg(title: str, told: str, height: float, drawn: str) -> str:
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_SIZE} {height:g}' "
        f"width='{_SIZE}' height='{height:g}' role='img' font-family='system-ui, sans-serif' "
        f"font-size='12'><title>{escape(title)}</title><desc>{escape(told)}</desc>"
        f"<rect width='100%' height='100%' fill='#fff'/>"
        f"<text x='{_SIZE / 2:g}' y='20' text-anchor='middle' font-size='14' fill='{_INK}'>"
        f"{escape(title)}</text>{drawn}</svg>\n"
    )
