"""Prediction requests: bodies to rows of values, with an error that names row and column."""

import csv
import io
import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelyard.data import Column, DataError
from modelyard.tables import header, reader, wrong_value

_SHOWN_COLUMNS = 10
_LARGEST = 1.7976931348623157e308
_DECODER = json.JSONDecoder(parse_constant=lambda name: _refuse_constant(name))
# Reads what strict JSON lacks as what it is, to find out where it stands.
_LENIENT = json.JSONDecoder()

Row = Mapping[str, Any]


class _NotJsonError(ValueError):
    """NaN or an infinity stands in the body."""


def _refuse_constant(name: str) -> Any:
    raise _NotJsonError(f"{name} is not JSON; send null for a missing value")


@dataclass(frozen=True)
class Asked:
    """What a request asks for."""

    rows: list[Row]
    explain: bool = False


def json_request(body: bytes) -> Asked:
    """{"instances": [{column: value, ...}, ...], "explain": true or false}."""
    document = _json(body)
    rows = _instances(document)
    explain = document.get("explain", False)
    if not isinstance(explain, bool):
        raise DataError("'explain' must be true or false")
    unknown = sorted(set(document) - {"instances", "explain"})
    if unknown:
        raise DataError(f"'{unknown[0]}' is unknown; send 'instances' and, if wanted, 'explain'")
    return Asked(rows, explain)


def _json(body: bytes) -> Any:
    """What a body states as strict JSON."""
    text = _text(body)
    try:
        return _DECODER.decode(text)
    except _NotJsonError as error:
        raise DataError(f"{_place_of_constant(text)}{error}") from None
    except RecursionError:
        raise DataError("the body is nested too deeply") from None
    except ValueError as error:
        raise DataError(f"the body is not JSON: {error}") from None


def _instances(document: Any) -> list[Row]:
    instances = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(instances, list) or not instances:
        raise DataError('send {"instances": [{"column": value, ...}, ...]} with at least one row')
    for number, row in enumerate(instances, 1):
        if not isinstance(row, dict):
            raise DataError(f'row {number}: is not an object of {{"column": value}}')
    return instances


def csv_request(body: bytes) -> Asked:
    """The rows of a CSV text whose first line names the columns."""
    try:
        text = _text(body).removeprefix("\ufeff")
        cells = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    except csv.Error as error:
        raise DataError(f"the body is not CSV: {error}") from None
    if len(cells) < 2:
        raise DataError("send a header line with the columns' names and at least one row")
    names = header(cells[0], "the header")
    for number, line in enumerate(cells[1:], 1):
        if len(line) != len(names):
            raise DataError(f"row {number}: has {len(line)} values, the header {len(names)}")
    return Asked([dict(zip(names, line, strict=True)) for line in cells[1:]])


def _text(body: bytes) -> str:
    if not body.strip():
        raise DataError("the body is empty; send at least one row")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise DataError("the body is not UTF-8 text") from None


def _place_of_constant(text: str) -> str:
    """Which row and column hold the first number that is none, as an error begins."""
    try:
        document = _LENIENT.decode(text)
    except (ValueError, RecursionError):
        return ""
    rows = document.get("instances") if isinstance(document, dict) else None
    for number, row in enumerate(rows if isinstance(rows, list) else [], 1):
        for name, value in row.items() if isinstance(row, dict) else ():
            if isinstance(value, float) and not math.isfinite(value):
                return f"row {number}, column '{name}': "
    return ""


PARSERS: Mapping[str, Callable[[bytes], Asked]] = {
    "application/json": json_request,
    "text/csv": csv_request,
}


class RowReader:
    """Reads rows to values in the order of the columns, exactly as `tables.to_arrays` does.

    A row may carry whatever the data set has, but no column it does not know: that is a misspelt
    one, or a row of something else.
    """

    def __init__(self, columns: Sequence[Column], known: Collection[str] = ()) -> None:
        self._columns = [
            (column.name, column.kind == "number", reader(column)) for column in columns
        ]
        self._known = {*known, *(column.name for column in columns)}

    def check_names(self, row: Row, number: int) -> None:
        """DataError for a column that the data set does not have."""
        for name in row:
            if name not in self._known:
                raise DataError(
                    f"row {number}: column '{name}' is unknown; the model reads "
                    f"{', '.join(name for name, *_ in self._columns[:_SHOWN_COLUMNS])}"
                    f"{' and others' if len(self._columns) > _SHOWN_COLUMNS else ''}"
                )

    def read(self, row: Row, number: int) -> list[Any]:
        """The values of one row; DataError names the row (`number`, from 1) and column."""
        found: list[Any] = []
        name = ""
        try:
            for name, is_number, read in self._columns:
                value = row[name]
                # What nearly every value is, without the call: a finite float of a number column.
                if is_number and type(value) is float and -_LARGEST <= value <= _LARGEST:
                    found.append(value)
                else:
                    found.append(read(value))
        except KeyError:
            raise DataError(
                f"row {number}: column '{name}' is missing; send null when it is unknown"
            ) from None
        except (ValueError, TypeError, OverflowError) as error:
            raise wrong_value(number, name, error) from None
        if len(row) > len(found):
            self.check_names(row, number)
        return found
