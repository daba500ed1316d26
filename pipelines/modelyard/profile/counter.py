"""Batches of rows in, a profile out: memory depends on the columns, not on the rows."""

from collections.abc import Iterable, Sequence
from typing import Any

from modelyard.data import NUMERIC, Column
from modelyard.profile import reading
from modelyard.profile.columns import CategoryProfile, ColumnProfile, NumberProfile, Profile
from modelyard.profile.names import Names
from modelyard.profile.numbers import NumberCounter, Scratch
from modelyard.values import OTHER

_PRUNED_ABOVE = 4096


class _Counts:
    """What every column counts."""

    def __init__(self, column: Column, baseline: ColumnProfile) -> None:
        self.column, self.baseline = column, baseline
        self.rows = self.null = self.malformed = self.absent = 0
        self.types: dict[str, int] = {}

    def add(self, array: Any) -> None:
        """Counts a column of a batch."""
        self.rows += len(array)
        name = reading.type_name(array)
        self.types[name] = self.types.get(name, 0) + len(array)

    def skip(self, rows: int) -> None:
        """Counts a batch that has not this column."""
        self.rows += rows
        self.absent += rows

    def common(self) -> dict[str, Any]:
        """The fields all profiles have."""
        return {
            "kind": self.baseline.kind,
            "role": self.baseline.role,
            "rows": self.rows,
            "null": self.null,
            "malformed": self.malformed,
            "absent": self.absent,
            "types": dict(sorted(self.types.items())),
        }

    def profile(self) -> ColumnProfile:
        """What was counted."""
        raise NotImplementedError


class _Numbers(_Counts):
    def __init__(self, column: Column, baseline: NumberProfile, scratch: Scratch) -> None:
        super().__init__(column, baseline)
        self.numbers, self.empty = NumberCounter(baseline.scale, scratch), 0

    def add(self, array: Any) -> None:
        super().add(array)
        is_text = self.baseline.kind == "text"
        found = reading.lengths(array) if is_text else reading.numbers(array, self.column)
        self.null += found.null
        self.malformed += found.malformed
        self.empty += found.empty
        self.numbers.add(found.values)

    def profile(self) -> NumberProfile:
        found = self.numbers
        return NumberProfile(
            **self.common(),
            nan=found.nan,
            infinite=found.infinite,
            empty=self.empty,
            scale=found.scale,
            counts=found.counts,
            sum=found.sum,
            squares=found.squares,
            # -0.0 and 0.0 are one number; without this they would be two minima.
            min=found.min + 0.0 if found.known else None,
            max=found.max + 0.0 if found.known else None,
            below=found.below,
            above=found.above,
        )


class _Categories(_Counts):
    def __init__(self, column: Column, baseline: CategoryProfile) -> None:
        super().__init__(column, baseline)
        self.counts = dict.fromkeys(baseline.counts, 0)
        self.other, self.new = 0, dict[str, int]()

    def add(self, array: Any) -> None:
        super().add(array)
        found = reading.categories(array, self.column)
        self.null += found.null
        self.malformed += found.malformed
        for name, count in found.counts.items():
            self.counts[name] += count
        for name, count in found.new.items():
            self.other += count
            # What the contract already folded together has no name of its own.
            if name != OTHER:
                self.new[name] = self.new.get(name, 0) + count
        if len(self.new) > _PRUNED_ABOVE:
            self.new = dict(Names.of(self.new).counts)

    def profile(self) -> CategoryProfile:
        return CategoryProfile(
            **self.common(), counts=dict(self.counts), other=self.other, new=Names.of(self.new)
        )


class Counter:
    """Counts batches on the scales and categories of a baseline."""

    def __init__(self, baseline: Profile, columns: Iterable[Column] = ()) -> None:
        """`columns` tell how values that come as texts are read, and which names are known."""
        stated = {column.name: column for column in columns}
        self._known = {*stated, *baseline.columns}
        self._columns: dict[str, _Numbers | _Categories] = {}
        scratch = Scratch()
        for name, profile in baseline.columns.items():
            column = _column(name, profile, stated.get(name))
            if isinstance(profile, CategoryProfile):
                self._columns[name] = _Categories(column, profile)
            elif isinstance(profile, NumberProfile):
                self._columns[name] = _Numbers(column, profile, scratch)
        self._rows = self._unreadable = 0
        self._extra: dict[str, int] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the profile."""
        return tuple(self._columns)

    def add(self, batch: Any) -> None:
        """Counts a pyarrow.RecordBatch; its columns may be any, in any order."""
        self.add_rows(batch.num_rows, batch.schema.names)
        self.add_columns(batch, self.names)

    def add_rows(self, rows: int, names: Iterable[str]) -> None:
        """Counts rows whose columns are counted apart, by `add_columns`."""
        self._rows += rows
        for name in names:
            if name not in self._known:
                self._extra[name] = self._extra.get(name, 0) + rows

    def add_columns(self, batch: Any, names: Iterable[str]) -> None:
        """Counts some columns of a batch; one that it has not counts as absent."""
        place = {name: index for index, name in enumerate(batch.schema.names)}
        for name in names:
            if name in place:
                self._columns[name].add(batch.column(place[name]))
            else:
                self.skip(name, batch.num_rows)

    def skip(self, name: str, rows: int) -> None:
        """Counts rows of a batch that has not this column."""
        self._columns[name].skip(rows)

    def unreadable(self, records: int) -> None:
        """Counts records that could not be read at all."""
        self._unreadable += records

    def profile(self) -> Profile:
        """The profile of what was counted so far."""
        columns = {name: column.profile() for name, column in self._columns.items()}
        return Profile(self._rows, self._unreadable, columns, Names.of(self._extra))


def batches(rows: Iterable[Any], baseline: Profile, columns: Sequence[Column] = ()) -> Profile:
    """The profile of rows in record batches."""
    counter = Counter(baseline, columns)
    for batch in rows:
        counter.add(batch)
    return counter.profile()


def empty(baseline: Profile) -> Profile:
    """The profile of no rows: what merging begins with."""
    return Counter(baseline).profile()


def _column(name: str, profile: ColumnProfile, stated: Column | None) -> Column:
    """How values are read: as the contract says, else as the profile's kind suggests."""
    if isinstance(profile, CategoryProfile):
        listed = tuple(profile.counts)
        if stated is not None:
            return stated.model_copy(update={"categories": listed})
        return Column(name=name, kind="category", use="feature", categories=listed or (OTHER,))
    if stated is not None and (stated.kind == profile.kind or stated.kind not in NUMERIC):
        return stated
    return Column(
        name=name, kind="number" if profile.kind == "category" else profile.kind, use="feature"
    )
