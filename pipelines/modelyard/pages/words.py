"""Names and numbers as people read them."""

_SPOKEN = {
    "roc_auc": "ROC AUC",
    "f1": "F1",
    "macro_f1": "macro F1",
    "brier": "Brier score",
    "rmse": "RMSE",
    "mae": "MAE",
    "mase": "MASE",
    "mape": "MAPE",
    "r2": "R²",
}


def number(value: float | None, digits: int = 3) -> str:
    """A figure, or a dash where there is none."""
    return "–" if value is None else f"{value:,.{digits}f}"


def general(value: float | None) -> str:
    """A figure of any size in few characters."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def percent(share: float) -> str:
    """A share as people read it, never rounded to nothing."""
    shown = f"{share:.1%}" if share < 0.1 else f"{share:.0%}"
    return "less than 0.1%" if shown == "0.0%" and share > 0 else shown


def version(arn: str) -> str:
    """A model package as people name it."""
    name = arn.rpartition("model-package/")[2]
    group, _, number = name.rpartition("/")
    return f"{group} version {number}" if group else (name or "model version unknown")


def counted(count: int, thing: str, things: str = "") -> str:
    """A count with its noun: 1 gap, 2 gaps."""
    return f"{count:,} {thing if count == 1 else things or f'{thing}s'}"


def moment(text: str) -> str:
    """A stored time (ISO 8601, UTC) to the minute, as `2026-11-21 14:50`."""
    return text.removesuffix("Z").replace("T", " ")[:16]


def spoken(metric: str) -> str:
    """A metric's name as people say it."""
    return _SPOKEN.get(metric, metric.replace("_", " "))
