"""Prediction requests: bodies to rows of values, with an error that names row and column."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from modelyard.data import Column, DataError
from modelyard.tables import header, reader, wrong_value

_LARGEST = 1.7976931348623157e308
_DECODER = json.JSONDecoder(parse_constant=lambda name: _refuse_constant(name))

Row = Mapping[str, Any]


def _refuse_constant(name: str) -> Any:
    raise DataError(f"{name} is not JSON; send null for a missing value")


def json_rows(body: bytes) -> list[Row]:
    """The rows of {"instances": [{column: value, ...}, ...]}."""
    try:
        document = _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise DataError("the body is not UTF-8 text") from None
    except RecursionError:
        raise DataError("the body is nested too deeply") from None
    except ValueError as error:
        raise DataError(f"the body is not JSON: {error}") from None
    instances = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(instances, list) or not instances:
        raise DataError('send {"instances": [{"column": value, ...}, ...]} with at least one row')
    for number, row in enumerate(instances, 1):
        if not isinstance(row, dict):
            raise DataError(f'row {number}: is not an object of {{"column": value}}')
    return instances


def csv_rows(body: bytes) -> list[Row]:
    """The rows of a CSV text whose first line names the columns."""
    try:
        lines = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        cells = [line for line in lines if line]
    except UnicodeDecodeError:
        raise DataError("the body is not UTF-8 text") from None
    except csv.Error as error:
        raise DataError(f"the body is not CSV: {error}") from None
    if len(cells) < 2:
        raise DataError("send a header line with the columns' names and at least one row")
    names = header(cells[0], "the header")
    for number, line in enumerate(cells[1:], 1):
        if len(line) != len(names):
            raise DataError(f"row {number}: has {len(line)} values, the header {len(names)}")
    return [dict(zip(names, line, strict=True)) for line in cells[1:]]


PARSERS: Mapping[str, Callable[[bytes], list[Row]]] = {
    "application/json": json_rows,
    "text/csv": csv_rows,
}


class RowReader:
    """Reads rows to values in the order of the columns, exactly as `tables.to_arrays` does."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = [
            (column.name, column.kind == "number", reader(column)) for column in columns
        ]

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
        return found
