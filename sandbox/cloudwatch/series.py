"""One metric over time: samples by the second or the minute they were put for."""

from __future__ import annotations

import bisect
from collections.abc import Iterator

from sandbox.cloudwatch.samples import Samples


class Series:
    """Samples of one namespace, name and set of dimensions, by moment and unit."""

    def __init__(self) -> None:
        self._moments: list[int] = []
        self._samples: dict[int, dict[str, Samples]] = {}

    def at(self, when: float, unit: str, resolution: int) -> Samples:
        """The samples that a value put for this moment joins."""
        moment = int(when // resolution * resolution)
        by_unit = self._samples.get(moment)
        if by_unit is None:
            by_unit = self._samples[moment] = {}
            bisect.insort(self._moments, moment)
        return by_unit.setdefault(unit, Samples())

    def moments(self, start: float, end: float) -> list[int]:
        """When there are samples, from start up to but not including end."""
        return self._moments[
            bisect.bisect_left(self._moments, start) : bisect.bisect_left(self._moments, end)
        ]

    def units(self, start: float, end: float) -> list[str]:
        """The units of what was put in this span."""
        return sorted({unit for at in self.moments(start, end) for unit in self._samples[at]})

    def collect(self, start: float, end: float, unit: str | None = None) -> Samples:
        """All samples of a span, of one unit or of any."""
        collected = Samples()
        for moment in self.moments(start, end):
            for name, samples in self._samples[moment].items():
                if unit is None or name == unit:
                    collected.merge(samples)
        return collected

    def datapoints(
        self, start: float, end: float, period: int, statistic: str, unit: str | None = None
    ) -> Iterator[tuple[float, float]]:
        """Start and statistic of each period, counted from `start`, that has samples."""
        occupied = dict.fromkeys(int((at - start) // period) for at in self.moments(start, end))
        for index in occupied:
            begin = start + index * period
            value = self.collect(begin, min(begin + period, end), unit).statistic(statistic)
            if value is not None:
                yield begin, value
