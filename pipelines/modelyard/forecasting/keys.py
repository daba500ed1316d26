"""What names a predicted row: its series, the date predicted and how many periods ahead."""

import re
from dataclasses import dataclass

# The column that carries it, in prepared rows and in requests.
KEY = "forecast_of"
# What one series is called where no column names it.
ONLY = "all"
_TEXT = re.compile(r"(?s)(?P<series>.*) (?P<date>\d{4}-\d\d-\d\d(T[\d:]+)?) \+(?P<step>\d+)")


@dataclass(frozen=True)
class ForecastKey:
    """One prediction of one series."""

    series: str
    date: str
    step: int

    def __str__(self) -> str:
        return f"{self.series} {self.date} +{self.step}"

    @classmethod
    def parse(cls, text: str) -> "ForecastKey":
        """The key a text states; ValueError where it is none."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise ValueError(f"'{text}' is no key such as 'north 2026-03-01 +2'")
        return cls(found["series"], found["date"], int(found["step"]))
