"""Arrow arrays as what a column holds: finite and other numbers, or counted categories.

Values are read as training and serving read them (modelyard.tables); what cannot be read is
counted as malformed, whatever type it came as.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from modelyard import values
from modelyard.data import Column
from modelyard.tables import reader

_DAY: Mapping[str, float] = {"s": 86400.0, "ms": 86400e3, "us": 86400e6, "ns": 86400e9}

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Numbers:
    """The numbers of an array (NaN included), and how many rows had none."""

    values: Array
    null: int = 0
    malformed: int = 0
    empty: int = 0


@dataclass(frozen=True)
class Categories:
    """Rows by category of the contract, and by name where the contract knows none."""

    counts: Mapping[str, int]
    new: Mapping[str, int]
    null: int = 0
    malformed: int = 0


def type_name(array: Any) -> str:
    """The sort of values an array has: what changes when somebody changes a column's type."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if _is_number(kind):
        return "number"
    if pa.types.is_boolean(kind):
        return "boolean"
    if _is_text(kind):
        return "text"
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return "date"
    return "nothing" if pa.types.is_null(kind) else "other"


def numbers(array: Any, column: Column) -> Numbers:
    """An array's numbers, or days since 1970 in a column of dates."""
    kind, null = array.type, array.null_count
    if type_name(array) == "text":
        return _read(array, column)
    if pa.types.is_dictionary(kind):
        array = array.dictionary_decode()
        kind, null = array.type, array.null_count
    if pa.types.is_null(kind):
        return Numbers(np.empty(0), len(array))
    present = array.drop_null() if null else array
    if _is_number(kind):
        return Numbers(_floats(present), null)
    if pa.types.is_boolean(kind):
        return Numbers(_floats(present.cast(pa.uint8())), null)
    if column.kind == "date" and (pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
        return Numbers(_days(present), null)
    return Numbers(np.empty(0), null, len(array) - null)


def lengths(array: Any) -> Numbers:
    """The numbers of characters of an array's texts, without the space around them."""
    texts = _texts(array)
    if texts is None:
        return Numbers(np.empty(0), array.null_count, len(array) - array.null_count)
    known = pc.utf8_trim_whitespace(texts.drop_null())
    stands_for_none = pc.is_in(pc.utf8_lower(known), pa.array(sorted(values.MISSING_TEXTS)))
    known = known.filter(pc.invert(stands_for_none))
    empty = len(texts) - texts.null_count - len(known)
    return Numbers(_floats(pc.utf8_length(known)), texts.null_count, 0, empty)


def categories(array: Any, column: Column) -> Categories:
    """How often each category occurs."""
    if type_name(array) in ("other", "nothing"):
        return Categories({}, {}, array.null_count, len(array) - array.null_count)
    names, found = _counted(array)
    listed, extra = frozenset(column.categories), _missing_texts(column)
    counts: dict[str, int] = {}
    new: dict[str, int] = {}
    null = array.null_count
    for value, count in zip(names, found, strict=True):
        text = values.as_text(value)
        lower = text.lower()
        if text in listed:
            counts[text] = counts.get(text, 0) + count
        elif text == values.MISSING or lower in extra:
            null += count
        elif lower in listed:
            counts[lower] = counts.get(lower, 0) + count
        else:
            new[text] = new.get(text, 0) + count
    return Categories(counts, new, null)


def _counted(array: Any) -> tuple[list[Any], list[int]]:
    if not pa.types.is_dictionary(array.type):
        if type_name(array) == "text":
            array = _texts(array)
        array = array.drop_null().dictionary_encode()
    indices = array.indices.drop_null() if array.indices.null_count else array.indices
    found = np.bincount(_view(indices, str(indices.type)), minlength=len(array.dictionary))
    names, used = array.dictionary.to_pylist(), np.flatnonzero(found).tolist()
    return [names[place] for place in used], [int(found[place]) for place in used]


def _read(array: Any, column: Column) -> Numbers:
    """Texts as the numbers they write."""
    texts = _texts(array)
    if texts is None:
        return Numbers(np.empty(0), array.null_count, len(array) - array.null_count)
    known = pc.utf8_trim_whitespace(texts.drop_null())
    missing = pa.array(sorted(_missing_texts(column)))
    known = known.filter(pc.invert(pc.is_in(pc.utf8_lower(known), missing)))
    null = len(array) - len(known)
    if column.kind == "number" and column.format is None:
        try:
            return Numbers(_floats(known.cast(pa.float64())), null)
        except pa.ArrowInvalid:
            pass
    encoded, read = known.dictionary_encode(), reader(column)
    table = np.empty(len(encoded.dictionary))
    for place, text in enumerate(encoded.dictionary.to_pylist()):
        try:
            table[place] = read(text)
        except (ValueError, TypeError, OverflowError):
            table[place] = np.inf
    found = table[_view(encoded.indices, np.int32)]
    good = np.isfinite(found)
    return Numbers(found[good], null, len(found) - int(good.sum()))


def _texts(array: Any) -> Any:
    """An array as texts; None when it holds none."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_nested(array.type):
        return None
    try:
        return array.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _floats(array: Any) -> Array:
    if not pa.types.is_float64(array.type):
        array = array.cast(pa.float64(), safe=False)
    return _view(array, np.float64)


def _days(array: Any) -> Array:
    if pa.types.is_date32(array.type):
        return _floats(array.cast(pa.int32()))
    unit = "ms" if pa.types.is_date(array.type) else array.type.unit
    return np.asarray(_view(array.cast(pa.int64()), np.int64) / _DAY[unit])


def _view(array: Any, kind: Any) -> Array:
    """An array without nulls as numpy sees it, where it lies (its own to_numpy loads pandas)."""
    start = array.offset * np.dtype(kind).itemsize
    size = len(array)
    return np.frombuffer(array.buffers()[1], kind, size, start) if size else np.empty(0, kind)


def _missing_texts(column: Column) -> frozenset[str]:
    return values.MISSING_TEXTS | {text.lower() for text in column.missing}


def _is_number(kind: Any) -> bool:
    return bool(
        pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)
    )


def _is_text(kind: Any) -> bool:
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    )
