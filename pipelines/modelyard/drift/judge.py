"""What to make of one column's figures: its findings, and its status."""

from collections.abc import Sequence

from modelyard.drift import findings as told
from modelyard.drift import guesses
from modelyard.drift.findings import SEVERITIES, Finding
from modelyard.drift.measured import Measured
from modelyard.drift.thresholds import Status, Thresholds
from modelyard.profile import PREDICTION, PROBABILITY, NumberProfile

_TITLES = {PREDICTION: "The prediction", PROBABILITY: "The predicted probability"}


class Judge:
    """What to make of one column's figures."""

    def __init__(
        self,
        name: str,
        found: Measured,
        limits: Thresholds,
        p_values: Sequence[float | None],
        importance: float | None,
        extra: tuple[str, ...],
    ) -> None:
        self.name, self.found, self.limits, self.importance = name, found, limits, importance
        self.moved_p, self.missing_p, self.new_p, self.outside_p = p_values
        self.extra = extra

    @property
    def is_expected(self) -> bool:
        """Whether rows should have the column: answers have no label, callers send no group."""
        return self.found.then.role == "feature" and self.found.then.rows > 0

    @property
    def enough(self) -> bool:
        """Whether there are rows enough to judge values by."""
        return min(self.found.then.known, self.found.now.known) >= self.limits.min_rows

    @property
    def enough_rows(self) -> bool:
        """Whether there are rows enough to judge what is missing by."""
        return min(self.found.then.rows, self.found.now.rows) >= self.limits.min_rows

    def status(self, findings: Sequence[Finding]) -> Status:
        """The column's status: the worst that was found, if one could have been."""
        now = self.found.now
        if now.rows and now.absent == now.rows:
            return "absent"
        worst = max((one.severity for one in findings), key=SEVERITIES.__getitem__, default=None)
        if worst is not None:
            return worst
        return "ok" if self.enough else "insufficient"

    def findings(self) -> list[Finding]:
        """What the column shows, one finding for each kind of change."""
        found, limits = self.found, self.limits
        now, result = found.now, list[Finding | None]()
        if not self.enough_rows or (now.absent == now.rows and not self.is_expected):
            return []
        absent = now.share(now.absent)
        if absent and self.is_expected:
            other = guesses.renamed(self.name, self.extra)
            sentence = told.absent(self.name, found, other)
            result.append(self._finding("absent", "schema", sentence, absent, limits.missing))
        elif now.role != "prediction":
            # Rows answered by another version than the one watched have no prediction here.
            result.append(self._missing())
        broken = now.share(now.malformed)
        if broken:
            sentence = told.malformed(self.name, found)
            result.append(self._finding("malformed", "schema", sentence, broken, limits.malformed))
        if self.enough:
            result.append(self._shift())
            if found.then.role != "prediction":
                result += [self._new(), self._outside()]
        return [one for one in result if one is not None]

    def _missing(self) -> Finding | None:
        change = self.found.missing_change
        if not self._is_no_chance(self.missing_p):
            return None
        sentence = told.missing(self.name, self.found)
        return self._finding("missing", "missing", sentence, change, self.limits.missing)

    def _shift(self) -> Finding | None:
        found = self.found
        severity = told.severity_of(found, self.limits, self.moved_p)
        if severity is None:
            return None
        is_prediction = found.then.role == "prediction"
        return Finding(
            id=f"{'prediction' if is_prediction else 'drift'}:{self.name}",
            kind="prediction" if is_prediction else "drift",
            severity=severity,
            column=self.name,
            sentence=told.shifted(_TITLES.get(self.name, self.name), found),
            value=found.psi,
            threshold=self.limits.psi,
            share=found.moved,
            importance=self.importance,
        )

    def _new(self) -> Finding | None:
        found = self.found
        if not found.new_share or not self._is_no_chance(self.new_p):
            return None
        sentence = told.new_categories(self.name, found)
        limit = self.limits.new_category
        return self._finding("category", "category", sentence, found.new_share, limit)

    def _outside(self) -> Finding | None:
        found = self.found
        if not found.outside_share or not self._is_no_chance(self.outside_p):
            return None
        if not isinstance(found.then, NumberProfile) or found.then.min == found.then.max:
            # What leaves a constant has been told as a shift.
            return None
        sentence = told.out_of_range(self.name, found)
        limit = self.limits.out_of_range
        return self._finding("range", "range", sentence, found.outside_share, limit)

    def _is_no_chance(self, p_value: float | None) -> bool:
        return p_value is not None and p_value < self.limits.alpha

    def _finding(
        self, id: str, kind: told.Kind, sentence: str, value: float, limit: float
    ) -> Finding | None:
        severity = self.limits.severity(abs(value) / limit)
        if severity is None:
            return None
        return Finding(
            f"{id}:{self.name}",
            kind,
            severity,
            self.name,
            sentence,
            value,
            limit,
            min(abs(value), 1.0),
            self.importance,
        )
