"""The part of the page that holds a forecast against the seasonal naive one, step by step."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from modelyard.pages.tables import table
from modelyard.pages.words import counted, general, number

_ROWS = 24
Document = Mapping[str, Any]


def tables(forecast: Document) -> str:
    """What is predicted, the baseline, and both by period ahead and by series."""
    baseline = forecast["baseline"]
    said = (
        f"Predicts {counted(forecast['horizon'], str(forecast['frequency']))} ahead; periods from "
        f"{forecast['test_from']} on are the test. Baseline: {baseline['sentence']}."
    )
    steps = sorted(forecast["by_step"].items(), key=lambda one: int(one[0]))
    return (
        f"<p>{escape(said)}</p>"
        + _table(f"By {forecast['frequency']}s ahead", "ahead", steps)
        + (_table("By series, the worst first", "series", forecast["by_series"].items()))
    )


def _table(title: str, first: str, groups: Iterable[tuple[str, Document]]) -> str:
    listed = list(groups)
    shown = listed[:_ROWS]
    more = f" ({len(shown)} of {len(listed)})" if len(shown) < len(listed) else ""
    return table(
        title + more,
        (first, "rows", "MASE", "seasonal naive's", "mean absolute error", "seasonal naive's"),
        (
            (
                name,
                f"{one['rows']:,}",
                number(one["mase"]),
                number(one["baseline_mase"]),
                general(one["mae"]),
                general(one["baseline_mae"]),
            )
            for name, one in shown
        ),
    )
