"""Which rows have outlived their retention, at the time of a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from modelyard import values
from modelyard.data import Column, DataError
from modelyard.functions.job_contract import RUN_TIME
from modelyard.tables import read_column


@dataclass(frozen=True)
class Retention:
    """Rows stay for some days from the date in a column; judged at one moment, never at "now".

    Attributes:
        as_of: when the run began, as the pipeline recorded it: the same rows go in a repetition.
    """

    column: Column
    days: int
    as_of: datetime

    def expired(self, cells: Sequence[Any]) -> list[bool]:
        """For each cell of the column whether its row has to go.

        A date that is missing or cannot be read keeps its row: the data contract judges it.
        """
        dates, _ = read_column(cells, self.column)
        latest = values.days(self.as_of) - self.days
        return [bool(date < latest) for date in dates]

    def undated(self, cells: Sequence[Any]) -> int:
        """How many rows have no date by which they could be judged."""
        dates, _ = read_column(cells, self.column)
        return sum(bool(date != date) for date in dates)


def run_time(stated: str) -> datetime:
    """The moment that the pipeline states as its run's; DataError when there is none."""
    try:
        moment = datetime.fromisoformat(stated)
    except ValueError:
        raise DataError(
            f"{RUN_TIME} is {stated!r}, but rows expire relative to the run's start: render the "
            "pipeline again with `modelyard render` and publish it, or state a time such as "
            "2026-01-31T06:00:00Z"
        ) from None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
