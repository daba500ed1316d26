"""What CloudWatch keeps of a metric for one span of time, and the statistics it can tell."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

# Beyond so many different values they are kept to three digits, as CloudWatch keeps distributions.
MOST_VALUES = 1000

SIMPLE = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_NUMBER = r"(\d{1,2}(?:\.\d{1,10})?|100)"
_PERCENTILE = re.compile(rf"p{_NUMBER}")
_TRIMMED = re.compile(rf"tm{_NUMBER}")


def is_statistic(name: str) -> bool:
    """Whether the sandbox can compute a statistic of this name."""
    return name in SIMPLE or is_extended(name)


def is_extended(name: str) -> bool:
    """Whether it is a percentile, a trimmed mean or the interquartile mean."""
    return name == "IQM" or bool(_PERCENTILE.fullmatch(name) or _TRIMMED.fullmatch(name))


@dataclass
class Samples:
    """Samples as AWS aggregates them: exact values, unless statistic sets hid them."""

    count: float = 0.0
    total: float = 0.0
    minimum: float = math.inf
    maximum: float = -math.inf
    values: dict[float, float] = field(default_factory=dict)
    exact: bool = True
    rounded: bool = False

    def add(self, value: float, count: float = 1.0) -> None:
        """A value that occurred `count` times."""
        self._fold(count, value * count, value, value)
        self._keep(value, count)

    def add_set(self, count: float, total: float, minimum: float, maximum: float) -> None:
        """A statistic set: only one whose values are equal leaves percentiles possible."""
        if count == 1 or minimum == maximum:
            self.add(minimum, count)
            return
        self._fold(count, total, minimum, maximum)
        self.exact = False

    def merge(self, other: Samples) -> None:
        """All samples of another span too."""
        self._fold(other.count, other.total, other.minimum, other.maximum)
        for value, count in other.values.items():
            self._keep(value, count)
        self.exact &= other.exact

    def statistic(self, name: str) -> float | None:
        """The statistic; None when there is nothing to tell it from."""
        if not self.count:
            return None
        match name:
            case "SampleCount":
                return self.count
            case "Sum":
                return self.total
            case "Average":
                return self.total / self.count
            case "Minimum":
                return self.minimum
            case "Maximum":
                return self.maximum
        # "Percentiles are not available when any of the metric values are negative numbers."
        if not self.exact or self.minimum < 0:
            return None
        if found := _PERCENTILE.fullmatch(name):
            return self._percentile(float(found[1]) / 100)
        if name == "IQM":
            return self._mean_between(0.25, 0.75)
        found = _TRIMMED.fullmatch(name)
        if found is None:
            raise ValueError(f"no statistic is called {name}")
        return self._mean_between(0.0, float(found[1]) / 100)

    def _fold(self, count: float, total: float, minimum: float, maximum: float) -> None:
        self.count += count
        self.total += total
        self.minimum = min(self.minimum, minimum)
        self.maximum = max(self.maximum, maximum)

    def _keep(self, value: float, count: float) -> None:
        if self.rounded:
            value = float(f"{value:.3g}")
        self.values[value] = self.values.get(value, 0.0) + count
        if len(self.values) > MOST_VALUES and not self.rounded:
            self.rounded = True
            kept, self.values = self.values, {}
            for each, times in kept.items():
                self._keep(each, times)

    def _percentile(self, share: float) -> float:
        """The smallest value that at least this share of the samples does not exceed."""
        wanted, seen = share * self.count, 0.0
        for value in sorted(self.values):
            seen += self.values[value]
            if seen >= wanted - 1e-9:
                return value
        return self.maximum

    def _mean_between(self, low: float, high: float) -> float:
        first, last = low * self.count, high * self.count
        seen = total = weight = 0.0
        for value in sorted(self.values):
            inside = min(seen + self.values[value], last) - max(seen, first)
            if inside > 0:
                total += value * inside
                weight += inside
            seen += self.values[value]
        return total / weight if weight else self.minimum
