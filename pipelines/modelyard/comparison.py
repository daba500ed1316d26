"""Two versions compared on what they answered: a difference, its 95 % interval, a plain verdict.

Shares are compared by Newcombe's hybrid score interval (Statistics in Medicine 17, 1998, method 10,
from Wilson's intervals of each share), means by Welch's. A verdict needs MINIMUM rows of each.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

MINIMUM = 100
_Z = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    """A value, and where it lies with 95 % confidence."""

    value: float
    low: float
    high: float

    @property
    def one_sided(self) -> int:
        """1 when all of it is above zero, -1 when all is below, else 0."""
        return int(self.low > 0) - int(self.high < 0)


@dataclass(frozen=True)
class Comparison:
    """Challenger minus main.

    Attributes:
        measure: what was compared, as the subject of a sentence.
        better: whether more of it is better (1), worse (-1) or merely different (0).
    """

    measure: str
    main: float
    challenger: float
    rows: tuple[int, int]
    difference: Interval | None
    better: int

    @property
    def verdict(self) -> str:
        """One word for programs: better, worse, different, no-difference or not-enough-data."""
        if self.difference is None or min(self.rows) < MINIMUM:
            return "not-enough-data"
        side = self.difference.one_sided
        if side == 0:
            return "no-difference"
        return {1: "better", -1: "worse", 0: "different"}[side * self.better]

    @property
    def sentence(self) -> str:
        """The verdict for people."""
        if self.difference is None or self.verdict == "not-enough-data":
            main, challenger = self.rows
            return (
                f"not enough data: main has {main} rows, the challenger {challenger}, and "
                f"{MINIMUM} of each are needed"
            )
        found = self.difference
        numbers = f"{found.value:+.4g}, 95 % interval {found.low:+.4g} to {found.high:+.4g}"
        what = {
            "better": "the challenger is better",
            "worse": "the challenger is worse",
            "different": "the two differ",
            "no-difference": "no difference shown",
        }[self.verdict]
        return f"{what}: {self.measure} {numbers}"


def shares(
    measure: str, main: Sequence[bool], challenger: Sequence[bool], better: int
) -> Comparison:
    """Two shares of yes."""
    sizes = len(main), len(challenger)
    if not all(sizes):
        return Comparison(measure, math.nan, math.nan, sizes, None, better)
    one, other = (wilson(sum(arm), len(arm)) for arm in (main, challenger))
    difference = other.value - one.value
    low = difference - math.hypot(other.value - other.low, one.high - one.value)
    high = difference + math.hypot(other.high - other.value, one.value - one.low)
    found = Interval(difference, low, high)
    return Comparison(measure, one.value, other.value, sizes, found, better)


def wilson(count: int, size: int) -> Interval:
    """A share with its score interval."""
    share = count / size
    weight = _Z * _Z / size
    middle = (share + weight / 2) / (1 + weight)
    reach = _Z * math.sqrt(share * (1 - share) / size + weight / (4 * size)) / (1 + weight)
    # Rounding must not put the share of none or of all outside of its own interval.
    return Interval(share, min(share, middle - reach), max(share, middle + reach))


def means(
    measure: str, main: Sequence[float], challenger: Sequence[float], better: int
) -> Comparison:
    """Two means; the variances need not be alike."""
    sizes = len(main), len(challenger)
    if min(sizes) < 2:
        return Comparison(measure, math.nan, math.nan, sizes, None, better)
    (one, first), (other, second) = (_mean_and_error(arm) for arm in (main, challenger))
    error = first + second
    reach = 0.0
    if error:
        freedom = error**2 / (first**2 / (sizes[0] - 1) + second**2 / (sizes[1] - 1))
        reach = _student(freedom) * math.sqrt(error)
    difference = other - one
    found = Interval(difference, difference - reach, difference + reach)
    return Comparison(measure, one, other, sizes, found, better)


def _mean_and_error(numbers: Sequence[float]) -> tuple[float, float]:
    """The mean, and the square of its standard error."""
    mean = math.fsum(numbers) / len(numbers)
    squares = math.fsum((number - mean) ** 2 for number in numbers)
    return mean, squares / (len(numbers) - 1) / len(numbers)


def _student(freedom: float) -> float:
    """The 97.5th percentile of Student's t."""
    from scipy.stats import t

    return float(t.ppf(0.975, freedom))


@dataclass(frozen=True)
class Agreement:
    """What a shadow would have answered, row by row: how often the same, how far off at most."""

    rows: int
    equal: int
    largest: float

    @property
    def sentence(self) -> str:
        if not self.rows:
            return "not enough data: no request was answered by both"
        share = self.equal / self.rows
        low = wilson(self.equal, self.rows).low
        return (
            f"{share:.1%} of {self.rows} rows get the same answer (at least {low:.1%} with 95 % "
            f"confidence); the largest difference of a number is {self.largest:.6g}"
        )
