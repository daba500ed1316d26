"""The plot of promised against observed: a calibrated model's dots lie on the diagonal."""

from collections.abc import Sequence

from modelyard.pages.svg import WIDTH, svg
from modelyard.pages.words import percent

_HEIGHT, _LEFT, _BOTTOM, _TOP = 220, 40, 40, 10


def calibration(points: Sequence[tuple[float, float, int]]) -> str:
    """Dots of predicted share, observed share and rows; the larger, the more rows."""
    right, bottom = WIDTH - 12, _HEIGHT - _BOTTOM
    most = max((rows for *_, rows in points), default=1) or 1
    dots = "".join(
        f"<circle class='dot' cx='{_LEFT + predicted * (right - _LEFT):.1f}' "
        f"cy='{bottom - observed * (bottom - _TOP):.1f}' r='{2.5 + 4 * rows / most:.1f}'>"
        f"<title>predicted {percent(predicted)}, observed {percent(observed)}, {rows} rows</title>"
        "</circle>"
        for predicted, observed, rows in points
    )
    frame = (
        f"<path class='axis' d='M{_LEFT} {_TOP}V{bottom}H{right}'/>"
        f"<path class='limit' d='M{_LEFT} {bottom}L{right} {_TOP}'/>"
        f"<text x='{_LEFT - 5}' y='{bottom + 4}' text-anchor='end'>0%</text>"
        f"<text x='{_LEFT - 5}' y='{_TOP + 6}' text-anchor='end'>100%</text>"
        f"<text x='{_LEFT}' y='{bottom + 16}'>0%</text>"
        f"<text x='{right}' y='{bottom + 16}' text-anchor='end'>100%</text>"
        f"<text x='{(_LEFT + right) / 2:g}' y='{bottom + 32}' text-anchor='middle'>"
        "predicted (across), observed (up)</text>"
    )
    told = "; ".join(
        f"predicted {percent(predicted)}, observed {percent(observed)} of {rows} rows"
        for predicted, observed, rows in points
    )
    return svg("Promised probability and what came true", told, _HEIGHT, frame + dots)
