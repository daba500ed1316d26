"""Inline SVG that reads at phone width, always with a text alternative."""

from html import escape

WIDTH = 360
# Room for the names on the left and the figures on the right of horizontal bars.
LABELS, VALUES = 112, 62
ROW = 19
_LONGEST_LABEL = 16


def svg(title: str, told: str, height: float, drawn: str) -> str:
    """A drawing with its title, and what it shows told in words."""
    return (
        f"<svg viewBox='0 0 {WIDTH} {height:g}' role='img'>"
        f"<title>{escape(title)}</title><desc>{escape(told)}</desc>{drawn}</svg>"
    )


def shortened(label: str) -> str:
    """A label that fits beside its bar."""
    return label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…"
