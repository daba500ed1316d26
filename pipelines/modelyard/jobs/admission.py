"""What raw rows go through before anything else looks at them: expired ones go, names are replaced.

Rows are identified for their split by their raw values: neither a new key nor pseudonyms where
there were none before moves a row from one set into another.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelyard import pseudonyms, values
from modelyard.data import DataContract, DataError
from modelyard.data_check import Violation
from modelyard.functions.job_contract import KEY_FOLDER, RUN_TIME
from modelyard.project import DataSet
from modelyard.pseudonyms import KeyFileError, Pseudonyms
from modelyard.retention import Retention, run_time
from modelyard.split import key_identity, row_identity
from modelyard.tables import cells, reader

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Admitted:
    """The rows of one file that may be used, indexed by their place in the file (from 0).

    Attributes:
        identities: by which each row is put into its split.
    """

    frame: "pd.DataFrame"
    identities: list[str]

    def located(self, violations: Iterable[Violation]) -> list[Violation]:
        """Violations with the numbers that their rows have in the file."""
        index = self.frame.index
        return [
            replace(one, rows=tuple(int(index[row - 1]) + 1 for row in one.rows))
            for one in violations
        ]


@dataclass
class Admission:
    """A data set's rules for its rows, and what became of the rows of all files."""

    contract: DataContract
    columns: tuple[str, ...] = ()
    pseudonyms: Pseudonyms | None = None
    retention: Retention | None = None
    expired: int = field(default=0, init=False)
    undated: int = field(default=0, init=False)

    def admit(self, frame: "pd.DataFrame") -> Admitted:
        """The rows that are left, with pseudonyms in place of what was listed."""
        kept = self._unexpired(frame)
        return Admitted(self._without_names(kept), self._identities(kept))

    @property
    def record(self) -> dict[str, Any]:
        """What the manifest says of it; nothing where no rule applies."""
        record: dict[str, Any] = {}
        if self.pseudonyms:
            record["pseudonyms"] = {
                "columns": sorted(self.columns),
                "key_id": self.pseudonyms.key_id,
            }
        if self.retention:
            record["retention"] = {
                "column": self.retention.column.name,
                "days": self.retention.days,
                "as_of": self.retention.as_of.isoformat(),
                "dropped": self.expired,
                "undated": self.undated,
            }
        return record

    def _unexpired(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        if self.retention is None or self.retention.column.name not in frame.columns:
            return frame
        dates = cells(frame, self.retention.column.name)
        expired = self.retention.expired(dates)
        self.expired += sum(expired)
        self.undated += self.retention.undated(dates)
        return frame[[not gone for gone in expired]]

    def _identities(self, frame: "pd.DataFrame") -> list[str]:
        key = self.contract.row_key
        if key is not None and key in frame.columns:
            return [key_identity(cell) for cell in cells(frame, key)]
        names = [column.name for column in self.contract.columns if column.name in frame.columns]
        rows = zip(*(cells(frame, name) for name in names), strict=True)
        return [row_identity(names, row) for row in rows]

    def _without_names(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        if self.pseudonyms is None:
            return frame
        replaced = {name: self._replaced(frame, name) for name in self.columns}
        return frame.assign(**{name: found for name, found in replaced.items() if found})

    def _replaced(self, frame: "pd.DataFrame", name: str) -> list[Any]:
        """The column's pseudonyms; a missing value stays what it is."""
        if name not in frame.columns or self.pseudonyms is None:
            return []
        read, of = reader(self.contract[name].model_copy(update=_AS_TEXT)), self.pseudonyms.of
        return [
            cell
            if values.is_missing(cell) or (isinstance(cell, str) and not read(cell))
            else of(cell)
            for cell in cells(frame, name)
        ]


# Only the contract's own words for "missing" are asked for here, not the kind.
_AS_TEXT = {"kind": "identifier", "categories": ()}


def admission(dataset: DataSet, contract: DataContract, data: Path) -> Admission:
    """The rules of a data set; the key lies beside the data, in an input of its own."""
    found = Admission(contract)
    if dataset.pseudonymise:
        found.columns = dataset.pseudonymise
        found.pseudonyms = _pseudonyms(dataset, data.parent / KEY_FOLDER)
    if dataset.retained_from is not None:
        as_of = run_time(os.environ.get(RUN_TIME, ""))
        found.retention = Retention(contract[dataset.retained_from], dataset.retention_days, as_of)
    return found


def _pseudonyms(dataset: DataSet, folder: Path) -> Pseudonyms:
    try:
        found = pseudonyms.read(folder)
    except KeyFileError as reason:
        raise DataError(
            f"data set {dataset.name} pseudonymises {', '.join(dataset.pseudonymise)}, but the "
            f"project's pseudonymisation key {reason}: a data steward makes one with "
            "`modelyard data key`, or brings a lost one back with `modelyard data key --restore`"
        ) from None
    if dataset.pseudonym_key not in (None, found.key_id):
        raise DataError(
            f"the project's pseudonymisation key is {found.key_id}, but project.yaml says "
            f"pseudonym_key: {dataset.pseudonym_key}: it was rotated. Pseudonyms made with the two "
            "cannot be compared; state the new id once that was reviewed, or bring the old key "
            "back with `modelyard data key --restore`"
        )
    return found
