"""From which change on somebody should hear of it."""

import math
from dataclasses import dataclass
from typing import Literal

Severity = Literal["info", "warning", "critical"]
Status = Literal["ok", "info", "warning", "critical", "insufficient", "absent"]


@dataclass(frozen=True)
class Thresholds:
    """Sizes of change that are critical, and how sure one must be of them.

    A change counts when it is large enough to matter and chance is no explanation: with a million
    rows chance explains nothing, with a hundred it explains much. `docs/monitoring.md` shows how
    often these raise a false alarm and what they notice.

    Attributes:
        psi: population stability index of a column.
        ks, js: Kolmogorov-Smirnov and Jensen-Shannon distance; unless given, what a normal column
            shows whose shift reaches `psi`.
        missing, new_category, out_of_range, malformed: shares of the rows (missing: their change).
        warning, info: parts of the sizes above from which a change is a warning, or noted.
        min_rows: with fewer rows, then or now, a change is neither seen nor ruled out.
        alpha: how many of the noted changes may be chance (Benjamini-Hochberg over all columns).
        shock: from this share of the features on, drift is a shock.
    """

    psi: float = 0.2
    ks: float | None = None
    js: float | None = None
    missing: float = 0.05
    new_category: float = 0.05
    out_of_range: float = 0.05
    malformed: float = 0.01
    warning: float = 0.5
    info: float = 0.1
    min_rows: int = 200
    alpha: float = 0.01
    shock: float = 0.5

    @property
    def ks_size(self) -> float:
        """The KS distance that is critical: of a normal column, erf(sqrt(psi / 8))."""
        return math.erf(math.sqrt(self.psi / 8)) if self.ks is None else self.ks

    @property
    def js_size(self) -> float:
        """The JS distance that is critical: to second order, sqrt(psi / (8 ln 2))."""
        return math.sqrt(self.psi / (8 * math.log(2))) if self.js is None else self.js

    def severity(self, size: float) -> Severity | None:
        """How serious a change is, as a part of what is critical; None when it is negligible."""
        if size >= 1:
            return "critical"
        if size >= self.warning:
            return "warning"
        return "info" if size >= self.info else None

    def noted(self, size: float, p_value: float | None) -> Severity | None:
        """How serious a change is that chance does not explain."""
        return self.severity(size) if p_value is not None and p_value < self.alpha else None
